"""The turns of a dialogue, in each of the forms in which data sets and trainers write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hhtools.records import Bad
from hhtools.sources import hh


class Turn(NamedTuple):
    """Who spoke ("" when nobody is named), what was said, and how the turn is labelled ("" when it is not)."""

    speaker: str
    text: str
    label: str = ""


Turns = tuple[Turn, ...]


def turns_of(value: object) -> Turns | None:
    r"""Give the turns in the value of a field: a text, a message, or a list of messages; None for anything else.

    A message is ``{"role", "content"}``, or ``{"from", "value"}`` with ``"label"`` if it has one. A text in the form of
    HH-RLHF is split into its turns; in any other it is one turn of nobody.

    >>> turns_of([{"from": "User", "value": "2+2?", "label": None}])
    (Turn(speaker='User', text='2+2?', label=''),)
    >>> turns_of("\n\nHuman: 2+2?\n\nAssistant: 4")
    (Turn(speaker='user', text='2+2?', label=''), Turn(speaker='assistant', text='4', label=''))
    """
    if type(value) is str:
        return _turns_of_text(value)
    if type(value) is dict:
        value = [value]
    if type(value) is not list or not value:
        return None
    turns = [_turn_of(message) for message in value]
    return tuple(turn for turn in turns if turn) if all(turns) else None


def shared_turns(chosen: Turns, rejected: Turns) -> tuple[Turns, Turns, Turns]:
    """Part two dialogues into the turns that both begin with, never the last of a side, and the two remainders.

    >>> ask = Turn("user", "2+2?")
    >>> shared_turns((ask, Turn("assistant", "4")), (ask, Turn("assistant", "5")))[0]
    (Turn(speaker='user', text='2+2?', label=''),)
    """
    shared = 0
    while shared < min(len(chosen), len(rejected)) - 1 and chosen[shared] == rejected[shared]:
        shared += 1
    return chosen[:shared], chosen[shared:], rejected[shared:]


def _turns_of_text(text: str) -> Turns:
    try:
        turns = [Turn(message["role"], message["content"]) for message in hh.split_transcript(text)]
    except Bad:
        return (Turn("", text),)
    if len(turns) > 1 and not turns[-1].text:  # a prompt up to where the answer begins
        turns.pop()
    return tuple(turns)


def _turn_of(message: object) -> Turn | None:
    if not isinstance(message, Mapping):
        return None
    for speaker, said in (("role", "content"), ("from", "value")):
        if type(message.get(speaker)) is str and type(message.get(said)) is str:
            label = message.get("label")
            return Turn(message[speaker], message[said], "" if label is None else str(label))
    return None
