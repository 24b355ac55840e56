"""Lines of a terminal: text, how it is coloured, and how lines stand side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from hhtools.show.width import MARK, UNMARK, width_of, wrap

BOLD, RED, GREEN, CYAN, BOLD_RED = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[1;31m"
_RESET = "\x1b[m"
_INDENT = "  "


class Line(NamedTuple):
    """A line of text, the colour of all of it, and the colour of what is marked in it; "" is none."""

    text: str = ""
    color: str = ""
    mark_color: str = ""


class Signs(NamedTuple):
    """How marked words are shown: in a colour, or between two signs where there is none."""

    color: str
    before: str
    after: str


def block(text: str, width: int, signs: Signs | None, in_color: bool) -> list[Line]:
    r"""Break a visible text into indented lines; marked words get the signs.

    >>> [line.text for line in block("so \x01four\x02", 20, Signs(GREEN, "{+", "+}"), in_color=False)]
    ['  so {+four+}']
    """
    if signs and not in_color:
        text = text.replace(MARK, signs.before).replace(UNMARK, signs.after)
    lines, is_open = [], False
    for given in wrap(text, width - len(_INDENT)):
        begun = MARK + given if is_open else given
        is_open = begun.rfind(MARK) > begun.rfind(UNMARK)
        lines.append(Line(_INDENT + begun + UNMARK * is_open, mark_color=signs.color if signs else ""))
    return lines


def side_by_side(left: Sequence[Line], right: Sequence[Line], width: int, between: str) -> list[tuple[Line, ...]]:
    """Set two blocks beside each other, the left one padded to so many columns.

    >>> [[line.text for line in lines] for lines in side_by_side([Line("a")], [Line("b"), Line("c")], 2, "|")]
    [['a', ' |', 'b'], ['', '  |', 'c']]
    """
    return [
        (one, Line(" " * (width - width_of(one.text)) + between), other)
        for one, other in zip_longest(left, right, fillvalue=Line())
    ]


def painted(line: Line, in_color: bool) -> str:
    r"""Give a line as a terminal gets it; without colour, as it is.

    >>> painted(Line("so \x014\x02", mark_color=GREEN), in_color=True)
    'so \x1b[32m4\x1b[m'
    """
    if not in_color:
        return line.text
    text = line.text.replace(MARK, line.mark_color).replace(UNMARK, _RESET)
    return f"{line.color}{text}{_RESET}" if line.color and text.strip() else text
