"""Records laid out as text of a given width, for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterable

from hhtools.records import Bad, Record
from hhtools.show.kinds import Shown, Side, shown_of
from hhtools.show.lines import BOLD, BOLD_RED, CYAN, GREEN, RED, Line, Signs, block, painted, side_by_side
from hhtools.show.sides import heading, says_who, visible_sides, visible_turns
from hhtools.show.turns import Turns
from hhtools.show.visible import visible, visible_line
from hhtools.show.width import width_of, wrap

SIDE_BY_SIDE = 80
"""From how many columns on two answers stand side by side."""

_BETWEEN = " | "
_SIGNS = (Signs(GREEN, "{+", "+}"), Signs(RED, "[-", "-]"))


class TextView:
    """Lays records out as text: each line of a dialogue is indented, so that none can pass for a heading.

    Words that differ are coloured, or without colour put between signs, as git does: ``{+...+}`` in the first side and
    ``[-...-]`` in the second.
    """

    start = end = ""

    def __init__(self, width: int, in_color: bool) -> None:
        self._width = width
        self._in_color = in_color

    def record(self, place: str, record: Record) -> str:
        """Lay a record out; its place, such as ``FILE:LINE``, is named first."""
        shown = shown_of(record)
        sides, note = visible_sides(shown.sides)
        lines: list[tuple[Line, ...]] = [(self._rule(place, shown, note),)]
        for name, value in shown.fields:
            lines += self._field(visible_line(name), visible(value))
        if shown.turns:
            lines += [(), *_alone(self._turns(visible_turns(shown.turns), self._width, None))]
        if sides:
            lines += [(), *self._sides(sides)]
        return "".join(f"{self._painted(line)}\n" for line in [*lines, ()])

    def bad(self, place: str, bad: Bad) -> str:
        """Give the line of a record that could not be read, with its reason."""
        return f"{painted(Line(visible_line(f'{place}: {bad}'), BOLD_RED), self._in_color)}\n\n"

    def _rule(self, place: str, shown: Shown, note: str) -> Line:
        line = f"== {'  '.join(map(visible_line, [place, *shown.told(note)]))} "
        return Line(line + "=" * (self._width - width_of(line)), BOLD)

    def _field(self, name: str, value: str) -> list[tuple[Line, ...]]:
        first, *others = wrap(f"{name}: {value}", self._width - 2)
        label = f"{name}:" if first.startswith(f"{name}:") else ""
        return [(Line(label, CYAN), Line(first.removeprefix(label))), *_alone(Line(f"  {other}") for other in others)]

    def _sides(self, sides: tuple[Side, ...]) -> list[tuple[Line, ...]]:
        is_wide = len(sides) == 2 and self._width >= SIDE_BY_SIDE
        width = (self._width - len(_BETWEEN)) // 2 if is_wide else self._width
        blocks = [self._side(side, width, signs) for side, signs in zip(sides, _SIGNS, strict=False)]
        if is_wide:
            left, right = blocks
            return side_by_side(left, right, width, _BETWEEN)
        return [(), *(line for lines in blocks for line in [*_alone(lines), ()])][1:-1]

    def _side(self, side: Side, width: int, signs: Signs) -> list[Line]:
        named = [Line(line, BOLD) for line in wrap(side.name, width)]
        if says_who(side.turns):
            return [*named, *self._turns(side.turns, width, signs)]
        return [*named, *block(side.turns[0].text, width, signs, self._in_color)]

    def _turns(self, turns: Turns, width: int, signs: Signs | None) -> list[Line]:
        lines = []
        for turn in turns:
            lines += [Line(line, CYAN) for line in wrap(heading(turn), width) if line]
            lines += block(turn.text, width, signs, self._in_color)
        return lines

    def _painted(self, lines: Iterable[Line]) -> str:
        return "".join(painted(line, self._in_color) for line in lines).rstrip(" ")


def _alone(lines: Iterable[Line]) -> list[tuple[Line, ...]]:
    return [(line,) for line in lines]
