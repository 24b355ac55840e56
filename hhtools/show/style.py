"""How a page looks: light or dark as its reader prefers, answers side by side where there is room."""

STYLE = """
:root { color-scheme: light dark;
  --paper: #ffffff; --card: #f5f6f7; --edge: #d5d9dd; --ink: #1c2024; --dim: #5b636b; --who: #1f5a96;
  --first: #0b5d2a; --first-back: #d9f2e0; --second: #8c1d18; --second-back: #fbe0de; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171a; --card: #1d2125; --edge: #373d44; --ink: #e4e7ea; --dim: #a0a8b0; --who: #8fbdf0;
  --first: #a4e3b8; --first-back: #163b24; --second: #ffb8b2; --second-back: #4d1d1a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 64rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; margin: 0; }
article { margin: 0 0 1.5rem; padding: .75rem 1rem 1rem; border: 1px solid var(--edge); border-radius: .5rem; }
h2 { display: flex; flex-wrap: wrap; gap: 0 1.25em; font: 600 .875rem/1.5 ui-monospace, monospace; margin: 0; }
h2 small { font-weight: 400; font-size: inherit; color: var(--dim); }
h3 { font-size: .875rem; margin: .75rem 0 0; color: var(--who); }
dl { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: 0 .75rem; margin: .5rem 0 0; font-size: .875rem; }
dt { color: var(--dim); }
dd { margin: 0; }
p, dd { white-space: pre-wrap; unicode-bidi: plaintext; text-align: start; }
p { margin: 0; max-width: 48rem; }
.note { color: var(--dim); margin: .25rem 0 1rem; white-space: normal; }
.record p, .bad { font-family: ui-monospace, monospace; font-size: .875rem; }
.sides { display: grid; gap: .75rem; margin-top: .75rem; }
section { min-width: 0; padding: .5rem .75rem .75rem; background: var(--card); border-radius: .375rem; }
section h3 { margin: 0; }
section h3:first-child { color: var(--ink); }
.two h3:first-child { color: var(--first); }
.two section + section h3:first-child { color: var(--second); }
@media (min-width: 48rem) { .two { grid-template-columns: 1fr 1fr; } }
@media (max-width: 30rem) { body { padding: .5rem; } article { padding: .5rem .625rem .625rem; }
  dl { grid-template-columns: fit-content(50%) 1fr; } }
ins { color: var(--first); background: var(--first-back); text-decoration: none; }
del { color: var(--second); background: var(--second-back); text-decoration: none; }
.bad { color: var(--second); margin: 0 0 1.5rem; }
"""
