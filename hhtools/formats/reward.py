"""What reward trainers read: two whole dialogues that differ in their answers."""

from __future__ import annotations

from math import isfinite
from typing import Any

from hhtools.formats.dpo import conversations
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm, texts_of
from hhtools.pairs import FitPair
from hhtools.records import Bad, Record, Rows, wrong_field


def text(pair: FitPair, template: TextForm) -> Rows:
    """Make the text rows of TRL and OpenRLHF: each answer with its prompt in front."""
    prompt, chosen, other_prompt, rejected = texts_of(pair, template)
    return ({"chosen": prompt + chosen, "rejected": other_prompt + rejected},)


def nemo(pair: FitPair, template: TextForm) -> Rows:
    """Make NeMo-Aligner's rows for a Bradley-Terry model: two lines that belong together, the better one first.

    Nothing but the number of its line, odd or even, tells which answer is the better one: such a file must not be
    filtered, shuffled or sorted line by line.
    """
    prompt, chosen, other_prompt, rejected = texts_of(pair, template)
    return {"text": prompt + chosen}, {"text": other_prompt + rejected}


def margin_of(record: Record, field: str) -> float:
    """Give the number in a field as the margin by which the chosen answer is better.

    >>> margin_of({"strength": 3}, "strength")
    3.0

    Raises:
        Bad: ``missing-field``, or ``wrong-type`` for anything but a finite number.
    """
    value: Any = record.get(field)
    if type(value) not in (int, float):
        raise wrong_field(record, field, "a number")
    try:
        margin = float(value)
    except OverflowError:
        margin = float("inf")
    if not isfinite(margin):
        raise Bad("wrong-type", f'"{field}" is a number that no double can hold')
    return margin


FORMATS: dict[str, Format] = {
    "trl": Format(conversations, text),
    "trl-text": Format(text=text, template="hh"),
    "nemo": Format(text=nemo, template="extra-id"),
    "openrlhf": Format(conversations, text),
    "open-instruct": Format(
        conversations, cannot={"prompts-differ": "open-instruct takes all but the last message for the same"}
    ),
}
