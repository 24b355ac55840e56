"""What reward trainers read: two whole dialogues that differ in their answers."""

from __future__ import annotations

from math import isfinite
from typing import Any

from hhtools.formats import nemo
from hhtools.formats.dpo import conversations
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm, texts_of
from hhtools.pairs import FitPair
from hhtools.records import Bad, Record, Rows, wrong_field


def text(pair: FitPair, template: TextForm) -> Rows:
    r"""Make the text rows of TRL and OpenRLHF: each answer with its prompt in front.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> text(EXAMPLE, TEMPLATES["hh"])[0]["chosen"]
    '\n\nHuman: 2+2?\n\nAssistant: 4'
    """
    prompt, chosen, other_prompt, rejected = texts_of(pair, template)
    return ({"chosen": prompt + chosen, "rejected": other_prompt + rejected},)


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
    "nemo": Format(text=nemo.reward, template="extra-id"),
    "openrlhf": Format(conversations, text),
    "open-instruct": Format(
        conversations, cannot={"prompts-differ": "open-instruct takes all but the last message for the same"}
    ),
}
