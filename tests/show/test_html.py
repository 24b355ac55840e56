from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hhtools.records import Bad, Record
from hhtools.show.html import HtmlView
from hhtools.show.style import STYLE
from tests.dialogues import assistant, pair, user

HOSTILE = [
    "<script>document.title='pwned'</script>",
    "</style><style>body{display:none}</style>",
    "</p></section></article></body></html><h1>x</h1>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "\"' onmouseover='x' style=\"x",
    "&lt;b&gt; &amp; &#0;",
    "<!-- <!DOCTYPE x> ]]>",
    "\u202egnp.exe \u2066 \u200f \ufeff",
    "a\0b\x1b[31mc\x01\x02\rd\x85",
]


class Page(HTMLParser):
    """What a browser takes for elements, and what for text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(text: str) -> Record:
    dialogue = [user(text), assistant(text), user(text)]
    return {**pair(*dialogue, chosen=text, rejected=f"{text} x"), text: text, "source": text}


def page_of(*records: Record) -> str:
    view = HtmlView()
    return view.start + "".join(view.record("x.jsonl:7", record) for record in records) + view.end


def test_a_record_as_html() -> None:
    record = {**pair(chosen="so 4", rejected="so 5"), "source": "sums", "margin_<0>": 2}
    assert (
        HtmlView().record("x.jsonl:7", record)
        == """\
<article class="dialogue">
<h2>x.jsonl:7 <small>source: sums</small> <small>pair</small></h2>
<dl>
<dt>margin_<wbr>&lt;0&gt;</dt><dd>2</dd>
</dl>
<h3>user</h3>
<p>2+2?</p>
<div class="sides two">
<section>
<h3>chosen</h3>
<p>so <ins>4</ins></p>
</section>
<section>
<h3>rejected</h3>
<p>so <del>5</del></p>
</section>
</div>
</article>
"""
    )


def test_the_page_says_what_the_card_says_and_needs_nothing_else() -> None:
    page = page_of(pair())
    assert "may offend" in page
    assert "not meant for supervised training" in page
    assert "default-src 'none'" in page
    assert not re.search("https?:|//|url\\(|<script|<link|<img|@import", page)
    assert page.startswith("<!DOCTYPE html>\n")
    assert page.endswith("</body>\n</html>\n")


def test_a_bad_record_is_a_line() -> None:
    told = HtmlView().bad("<x>:7", Bad("bad-json", "unexpected <end>"))
    assert told == '<p class="bad">&lt;x&gt;:7: bad-json: unexpected &lt;end&gt;</p>\n'


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    harmless, shown = Page(page_of(hostile("x"))), Page(page_of(hostile(text)))
    assert shown.elements == harmless.elements
    assert shown.attributes == harmless.attributes
    assert not set(shown.text) & set("\0\x1b\x01\x02\r\x85\u202e\u2066\u200f\ufeff")


def luminance(color: str) -> float:
    """Give how light a colour #rrggbb is, from 0 to 1, as WCAG 2.2 defines it."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# What is written on what: on the page, on an answer, and what is marked there.
WRITTEN = ["ink", "dim", "who", "second"], ["ink", "who", "first", "second"], ["first"], ["second"]


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_what_it_is_on(mode: int) -> None:
    colors = [dict(re.findall("--([a-z-]+): (#[0-9a-f]{6});", part)) for part in STYLE.split("@media", 2)[:2]][mode]
    for back, texts in zip(("paper", "card", "first-back", "second-back"), WRITTEN, strict=True):
        for text in texts:
            low, high = sorted([luminance(colors[text]), luminance(colors[back])])
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, back)  # WCAG 2.2, 1.4.3


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; Debian: apt-get install chromium")


def browse(*argv: str) -> str:
    fixed = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--virtual-time-budget=1000"]
    done = subprocess.run([str(CHROMIUM), *fixed, *argv], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@needs_chromium
def test_a_browser_shows_the_text_and_obeys_none_of_it(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(*map(hostile, HOSTILE)))
    shown = browse("--dump-dom", f"--user-data-dir={tmp_path / 'profile'}", path.as_uri())
    harmless = Page(page_of(*map(hostile, "x" * len(HOSTILE))))
    assert Page(shown).elements == harmless.elements
    assert "<title>Preference data</title>" in shown
    assert "&lt;script&gt;document.title='pwned'" in shown


# What a page that frames it sees: whether anything is wider than the screen, and where the two answers stand.
MEASURE = """<!DOCTYPE html><title>x</title>
<iframe src="page.html" style="border:0;width:{width}px;height:900px"></iframe>
<script>onload = () => {{
  const page = document.querySelector("iframe").contentDocument;
  const [one, other] = [...page.querySelectorAll("section")].map(side => side.getBoundingClientRect());
  document.title = [page.documentElement.scrollWidth <= {width}, one.top == other.top, one.bottom <= other.top,
    getComputedStyle(page.querySelector("ins")).backgroundColor != "rgba(0, 0, 0, 0)"].join();
}}</script>"""


@needs_chromium
@pytest.mark.parametrize(
    ("width", "expected"),
    [(390, "true,false,true,true"), (1280, "true,true,false,true")],
    ids=["stacked on a phone", "side by side on a desk"],
)
def test_the_page_fits_the_screen(width: int, expected: str, tmp_path: Path) -> None:
    long = pair(chosen="x" * 300, rejected="so " * 99)
    (tmp_path / "page.html").write_text(page_of({**long, "n" * 90: "v" * 300}, {"x": ["y" * 300]}))
    (tmp_path / "measure.html").write_text(MEASURE.format(width=width))
    argv = ["--allow-file-access-from-files", f"--window-size={width + 100},1000"]
    shown = browse("--dump-dom", *argv, f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "measure.html").as_uri())
    assert re.findall("<title>(.*?)</title>", shown) == [expected]
