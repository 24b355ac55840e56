r"""SteerLM: attribute-conditioned SFT records -> rows for a regression reward model.

Source of the form: examples/nlp/data/steerlm/common.py and process_to_regression_format.py in NVIDIA/NeMo-Aligner
(af2b3bd); SteerLM: Dong et al., 2023, arXiv 2310.05344.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import NamedTuple

from hhtools.records import Bad, Record, kind_of, text_of, wrong_field

ATTRIBUTES = (
    "quality",
    "toxicity",
    "humor",
    "creativity",
    "helpfulness",
    "correctness",
    "coherence",
    "complexity",
    "verbosity",
)
"""The attributes of NeMo-Aligner's models, in the order of their outputs: four of OASST, five of HelpSteer."""

MASK_VALUE = -100.0
"""What stands for an attribute that was not rated; NeMo-Aligner leaves it out of the loss."""

SYSTEM = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)

_LABEL_MARKER = "<extra_id_2>"
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Turn(NamedTuple):
    """A checked turn of a record; a label of None or "" is none."""

    speaker: str
    value: str
    label: str | None


def regression_rows(
    record: Record,
    system: str | None = None,
    attributes: Sequence[str] = ATTRIBUTES,
    mask_value: float = MASK_VALUE,
) -> Iterator[Record]:
    """Give a row for each labelled turn: the dialogue up to it, and its label as one number for each attribute.

    Raises:
        Bad: ``missing-field``, ``wrong-type``, ``bad-label`` or ``unknown-attribute``.
    """
    text = f"<extra_id_0>System\n{_system_of(record) if system is None else system}\n"
    user = text_of(record, "mask")
    for turn in _turns_of(record):
        speaker = "User" if turn.speaker == user else "Assistant"
        text += f"<extra_id_1>{speaker}\n{turn.value}\n"
        if turn.label:
            yield {"text": text + _LABEL_MARKER, "label": parse_label(turn.label, attributes, mask_value)}


def parse_label(label: str, attributes: Sequence[str] = ATTRIBUTES, mask_value: float = MASK_VALUE) -> list[float]:
    """Turn a label such as ``helpfulness:4,correctness:3`` into one number for each attribute, in their order.

    The last of a doubled attribute wins; spaces around names and numbers are fine.

    >>> parse_label("quality:4, humor: 0.5", ["quality", "toxicity", "humor"])
    [4.0, -100.0, 0.5]
    >>> parse_label("Humor:1", ["quality", "humor"])
    Traceback (most recent call last):
    hhtools.records.Bad: unknown-attribute: "Humor" is none of quality, humor; did you mean "humor"?

    Raises:
        Bad: ``bad-label`` when it is malformed, or rates nothing but the mask value; ``unknown-attribute``.
    """
    ratings: dict[str, float] = {}
    for part in label.split(","):
        name, colon, number = (piece.strip() for piece in part.partition(":"))
        if not colon or not name:
            raise Bad("bad-label", f"{part[:40]!r} is not attribute:number")
        if name not in attributes:
            raise _unknown(name, attributes)
        ratings[name] = _number(number, name)
    numbers = [ratings.get(name, float(mask_value)) for name in attributes]
    if all(number == mask_value for number in numbers):
        raise Bad("bad-label", f"every attribute has the mask value {mask_value:g}, so there is nothing to learn")
    return numbers


def _number(text: str, name: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise Bad("bad-label", f'"{name}" has the value {text[:40]!r}, which is not one finite number')
    number = float(text)
    if not isfinite(number):
        raise Bad("bad-label", f'"{name}" has the value {text[:40]!r}, which no double can hold')
    return number


def _unknown(name: str, attributes: Sequence[str]) -> Bad:
    near = difflib.get_close_matches(name.lower(), attributes, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    return Bad("unknown-attribute", f'"{name[:40]}" is none of {", ".join(attributes)}{hint}')


def _system_of(record: Record) -> str:
    if record.get("system") is None:
        return SYSTEM
    return text_of(record, "system") or SYSTEM


def _turns_of(record: Record) -> Iterator[Turn]:
    turns = record.get("conversations")
    if type(turns) is not list:
        raise wrong_field(record, "conversations", "a list of turns")
    for position, turn in enumerate(turns):
        where = f'"conversations"[{position}]'
        if type(turn) is not dict:
            raise Bad("wrong-type", f"{where} is {kind_of(turn)}, not a turn")
        label = turn.get("label")
        if label is not None and type(label) is not str:
            raise Bad("bad-label", f'{where}: "label" is {kind_of(label)}, not a string')
        for field in ("from", "value"):
            if field not in turn:
                raise Bad("missing-field", f'{where} has no "{field}"')
            if type(turn[field]) is not str:
                raise Bad("wrong-type", f'{where}: "{field}" is {kind_of(turn[field])}, not a string')
        yield Turn(turn["from"], turn["value"], label)
