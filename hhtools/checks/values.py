"""What may stand under a key of a row: each function looks at one value and tells what is wrong with it.

They are given ``where`` the value stands, for people, and yield nothing when a trainer can read it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

from hhtools.checks.kinds import Finding
from hhtools.records import ROLES, kind_of

Value = Callable[[str, Any], Iterator[Finding]]


def text(where: str, value: Any) -> Iterator[Finding]:
    """Look for a string."""
    if type(value) is not str:
        yield _wrong(where, value, "a string")


def number(where: str, value: Any) -> Iterator[Finding]:
    """Look for a number; true and false are none."""
    if type(value) not in (int, float):
        yield _wrong(where, value, "a number")


def mapping(where: str, value: Any, keys: Collection[str] = ()) -> Iterator[Finding]:
    """Look for an object that has certain keys."""
    if type(value) is not dict:
        yield _wrong(where, value, "an object")
    else:
        for key in keys:
            if key not in value:
                yield Finding("missing-key", f'{where} has no "{key}"')


def boolean(where: str, value: Any) -> Iterator[Finding]:
    """Look for true or false."""
    if type(value) is not bool:
        yield Finding("label-not-boolean", f"{where} is {_shown(value)}")


def boolean_or_bit(where: str, value: Any) -> Iterator[Finding]:
    """Look for true or false; 1 and 0 work, but -1 counts as true."""
    if type(value) is int and value in (0, 1):
        yield Finding("label-is-number", f"{where} is {value}")
    else:
        yield from boolean(where, value)


def preference(where: str, value: Any) -> Iterator[Finding]:
    """Look for "chosen" or "rejected"."""
    if value not in ("chosen", "rejected"):
        yield Finding("unknown-preference", f"{where} is {_shown(value)}")


def numbers(where: str, value: Any) -> Iterator[Finding]:
    """Look for a list of numbers."""
    if type(value) is not list:
        yield _wrong(where, value, "a list of numbers")
        return
    for position, item in enumerate(value):
        yield from number(f"{where}[{position}]", item)


def history(where: str, value: Any) -> Iterator[Finding]:
    """Look for a list, which may be empty, of lists of a question and its answer."""
    if type(value) is not list:
        yield _wrong(where, value, "a list")
        return
    for position, turn in enumerate(value):
        if type(turn) is not list or [type(part) for part in turn] != [str, str]:
            yield Finding("wrong-type", f"{where}[{position}] is not a list of two strings")


def _turn(keys: tuple[str, str], speakers: Collection[str], where: str, value: Any) -> Iterator[Finding]:
    if type(value) is not dict:
        yield _wrong(where, value, "a message")
        return
    for key in keys:
        if key not in value:
            yield Finding("missing-key", f'{where} has no "{key}"')
        else:
            yield from text(f'{where}: "{key}"', value[key])
    speaker = value.get(keys[0])
    if type(speaker) is str and speaker not in speakers:
        yield Finding("unknown-role", f"{where} is by {_shown(speaker)}")


def _turns(one: Value, where: str, value: Any) -> Iterator[Finding]:
    if type(value) is not list:
        yield _wrong(where, value, "a list of messages")
    elif not value:
        yield Finding("empty-list", f"{where} holds no message")
    else:
        for position, turn in enumerate(value):
            yield from one(f"{where}[{position}]", turn)


message: Value = partial(_turn, ("role", "content"), ROLES | {"tool"})
"""``{"role", "content"}``."""

messages: Value = partial(_turns, message)
"""A list of them."""

sharegpt_turn: Value = partial(_turn, ("from", "value"), {"human", "gpt", "system", "observation", "function_call"})
"""LLaMA-Factory's ``{"from", "value"}``."""

sharegpt: Value = partial(_turns, sharegpt_turn)
"""A list of them."""


def steerlm(where: str, value: Any) -> Iterator[Finding]:
    """Look for NeMo's ``{"from", "value", "label"}`` turns; a label is a string or null."""
    yield from _turns(partial(_turn, ("from", "value"), {"User", "Assistant"}), where, value)
    for position, turn in enumerate(value if type(value) is list else ()):
        if type(turn) is dict and turn.get("label") is not None:
            yield from text(f'{where}[{position}]: "label"', turn["label"])


def text_or_messages(where: str, value: Any) -> Iterator[Finding]:
    """Look for a string or a list of messages."""
    if type(value) is not str:
        yield from messages(where, value)


def any_answer(where: str, value: Any) -> Iterator[Finding]:
    """Look for a message, a list of messages, or a string."""
    yield from message(where, value) if type(value) is dict else text_or_messages(where, value)


def ranked(where: str, value: Any) -> Iterator[Finding]:
    """Look for NeMo-RL's two ``{"rank", "completion"}``, of different ranks."""
    if type(value) is not list:
        yield _wrong(where, value, "a list")
        return
    for position, answer in enumerate(value):
        yield from mapping(f"{where}[{position}]", answer, ("rank", "completion"))
        if type(answer) is dict and answer.keys() >= {"rank", "completion"}:
            yield from number(f'{where}[{position}]: "rank"', answer["rank"])
            yield from messages(f'{where}[{position}]: "completion"', answer["completion"])
    if len(value) != 2:
        yield Finding("answer-count", f"{where} has {len(value)} answers")
    elif all(type(answer) is dict for answer in value) and value[0].get("rank") == value[1].get("rank"):
        yield Finding("same-rank", f"{where}: both answers have the rank {_shown(value[0].get('rank'))}")


def _wrong(where: str, value: Any, wanted: str) -> Finding:
    return Finding("wrong-type", f"{where} is {kind_of(value)}, not {wanted}")


def _shown(value: Any) -> str:
    if type(value) is str:
        return f'"{value[:30]}"'
    if value is None or type(value) in (dict, list):
        return kind_of(value)
    return str(value).lower() if type(value) is bool else str(value)[:30]
