"""The turns of a record as visible text, with the words marked in which its two sides differ."""

from __future__ import annotations

from itertools import zip_longest

from hhtools.show.diff import MAX_WORDS, marked
from hhtools.show.kinds import Side
from hhtools.show.turns import Turn, Turns
from hhtools.show.visible import visible, visible_line

TOO_LONG = f"not compared word by word: more than {MAX_WORDS:,} words"
"""What is said of sides in which no words are marked."""


def visible_turns(turns: Turns) -> Turns:
    """Give turns of which every character is seen."""
    return tuple(Turn(visible_line(turn.speaker), visible(turn.text), visible_line(turn.label)) for turn in turns)


def visible_sides(sides: tuple[Side, ...]) -> tuple[tuple[Side, ...], str]:
    r"""Give sides of which every character is seen, and a note on them or ""; of two sides, words are marked.

    They are compared turn by turn.

    >>> visible_sides((Side("chosen", (Turn("", "so 4"),)), Side("rejected", (Turn("", "so 5"),))))[0][1].turns[0].text
    'so \x015\x02'
    """
    seen = tuple(Side(visible_line(side.name), visible_turns(side.turns)) for side in sides)
    if len(seen) != 2:
        return seen, ""
    first, second = seen
    compared = [marked(*texts) for texts in zip_longest(_texts(first), _texts(second), fillvalue="")]
    both = [texts for texts in compared if texts]
    if len(both) < len(compared):
        return seen, TOO_LONG
    return (_with_texts(first, [one for one, _ in both]), _with_texts(second, [other for _, other in both])), ""


def says_who(turns: Turns) -> bool:
    """Tell whether the speakers of an answer are worth their lines: it is not just one turn of the assistant."""
    return len(turns) > 1 or bool(turns[0].label) or turns[0].speaker.lower() not in ("", "assistant", "gpt")


def heading(turn: Turn) -> str:
    """Give the line above a turn: who spoke, and how the turn is labelled; "" if there is neither.

    >>> heading(Turn("Assistant", "4", "helpfulness:4"))
    'Assistant (helpfulness:4)'
    """
    return f"{turn.speaker} ({turn.label})".strip() if turn.label else turn.speaker


def _texts(side: Side) -> list[str]:
    return [turn.text for turn in side.turns]


def _with_texts(side: Side, texts: list[str]) -> Side:
    # There are more texts than turns when the other side has more turns.
    return Side(side.name, tuple(turn._replace(text=text) for turn, text in zip(side.turns, texts, strict=False)))
