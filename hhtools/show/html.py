"""Records laid out as one page of HTML that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

import base64
import hashlib
import html

from hhtools.records import Bad, Record
from hhtools.show.kinds import Side, shown_of
from hhtools.show.sides import heading, says_who, visible_sides, visible_turns
from hhtools.show.style import STYLE
from hhtools.show.turns import Turns
from hhtools.show.visible import visible, visible_line
from hhtools.show.width import MARK, UNMARK

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
_START = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="hh-show">
<title>Preference data</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Preference data</h1>
<p class="note">The text on this page may offend. HH-RLHF's card says that its data is not meant for supervised training
of dialogue agents.</p>
"""
_MARKS = ("ins", "del")


class HtmlView:
    """Lays records out as one page, piece by piece.

    The data is taken for hostile: every text is escaped, what would change the direction of other text is shown as an
    escape, and a policy in the page forbids whatever might slip through.
    """

    start = _START
    end = "</body>\n</html>\n"

    def record(self, place: str, record: Record) -> str:
        """Lay a record out; its place, such as ``FILE:LINE``, is named first."""
        shown = shown_of(record)
        sides, note = visible_sides(shown.sides)
        told = "".join(f" <small>{_line(part)}</small>" for part in shown.told(note))
        fields = "".join(f"<dt>{_name(name)}</dt><dd>{_text(value)}</dd>\n" for name, value in shown.fields)
        parts = [
            f'<article class="{"record" if shown.kind == "record" else "dialogue"}">\n<h2>{_line(place)}{told}</h2>\n',
            f"<dl>\n{fields}</dl>\n" if fields else "",
            _turns(visible_turns(shown.turns)),
            _sides(sides) if sides else "",
            "</article>\n",
        ]
        return "".join(parts)

    def bad(self, place: str, bad: Bad) -> str:
        """Give the line of a record that could not be read, with its reason."""
        return f'<p class="bad">{_line(f"{place}: {bad}")}</p>\n'


def _sides(sides: tuple[Side, ...]) -> str:
    sections = "".join(
        f"<section>\n<h3>{html.escape(side.name)}</h3>\n"
        f"{_turns(side.turns if says_who(side.turns) else _unnamed(side.turns), mark)}</section>\n"
        for side, mark in zip(sides, _MARKS, strict=False)
    )
    return f'<div class="{"sides two" if len(sides) == 2 else "sides"}">\n{sections}</div>\n'


def _unnamed(turns: Turns) -> Turns:
    return tuple(turn._replace(speaker="") for turn in turns)


def _turns(turns: Turns, mark: str = "") -> str:
    # The texts are visible already, and may hold marks.
    return "".join(
        f"<h3>{html.escape(heading(turn))}</h3>\n" * bool(heading(turn)) + f"<p>{_marked(turn.text, mark)}</p>\n"
        for turn in turns
    )


def _marked(text: str, mark: str) -> str:
    return html.escape(text).replace(MARK, f"<{mark}>").replace(UNMARK, f"</{mark}>")


def _text(text: str) -> str:
    return html.escape(visible(text))


def _line(text: str) -> str:
    return html.escape(visible_line(text))


def _name(text: str) -> str:
    # A phone breaks a long name behind a word of it.
    return _line(text).replace("_", "_<wbr>")
