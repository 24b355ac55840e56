r"""HelpSteer's rows: answers that people rated, and preferences between two answers.

Sources of the formats: nvidia/HelpSteer (Wang et al., 2023, arXiv 2311.09528), nvidia/HelpSteer2 (arXiv 2406.08673; its
preferences: arXiv 2410.01257) and nvidia/HelpSteer3 (arXiv 2505.11475). A row is known by its fields:

* rating: ``prompt``, ``response``, and ATTRIBUTES rated 0 to 4;
* helpsteer2-preference: ``prompt``, ``response_1``, ``response_2``, ``preference_strength`` -3 to 3, ``split``;
* helpsteer3-preference: ``context`` (messages), ``response1``, ``response2``, ``overall_preference`` -3 to 3.

A negative preference is one for the first answer; 0 is a tie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from hhtools.records import Bad, Message, Record, messages_of, text_of, wrong_field

ATTRIBUTES = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
"""What people rated, in the order of the files."""

Kind = Literal["rating", "helpsteer2-preference", "helpsteer3-preference"]

DIALOGUE_FIELDS: dict[Kind, tuple[str, ...]] = {
    "rating": ("prompt", "response"),
    "helpsteer2-preference": ("prompt", "response_1", "response_2"),
    "helpsteer3-preference": ("context", "response1", "response2"),
}
"""The fields of each kind of row that hold what was said: the prompt, and its answers."""

READ_FIELDS = (
    *sorted({field for fields in DIALOGUE_FIELDS.values() for field in fields}),
    *ATTRIBUTES,
    *("preference_strength", "overall_preference", "split"),
)
"""All the fields of these rows that mean something here."""

Split = Literal["train", "validation"]
SPLITS: tuple[Split, ...] = get_args(Split)

_KNOWN_BY = {fields[1]: kind for kind, fields in DIALOGUE_FIELDS.items()}
_SPLIT_NAMES: dict[str, Split] = {"train": "train", "val": "validation", "validation": "validation"}
_TURN_MARKER = re.compile("\n?<extra_id_1>(User|Assistant)\n")


class Preference(NamedTuple):
    """A checked preference row; its strength is from -3, the first answer is much better, to 3, the second is."""

    prompt: list[Message]
    first: str
    second: str
    strength: int


def kind_of_row(record: Record) -> Kind:
    """Tell what kind of row this is, by the field of its (first) answer.

    >>> kind_of_row({"prompt": "2+2?", "response": "4", "helpfulness": 4})
    'rating'

    Raises:
        Bad: ``missing-field`` for what is none of them.
    """
    for field, kind in _KNOWN_BY.items():
        if field in record:
            return kind
    expected = ", ".join(f'"{field}" ({kind})' for field, kind in _KNOWN_BY.items())
    raise Bad("missing-field", f"this is no row of HelpSteer: it has none of {expected}")


def ratings_of(record: Record, attributes: Iterable[str]) -> dict[str, int]:
    """Give the ratings of these attributes, each a whole number from 0 to 4.

    >>> ratings_of({"helpfulness": 3, "verbosity": 2.0}, ["helpfulness", "verbosity"])
    {'helpfulness': 3, 'verbosity': 2}

    Raises:
        Bad: ``missing-field``, ``wrong-type`` or ``bad-label``.
    """
    return {name: _whole_number(record, name, 0, 4) for name in attributes}


def strength_of(record: Record, kind: Kind) -> int:
    """Give the strength of a preference, from -3 for the first answer to 3 for the second.

    Raises:
        Bad: ``missing-field``, ``wrong-type`` or ``bad-label``.
    """
    field = "preference_strength" if kind == "helpsteer2-preference" else "overall_preference"
    return _whole_number(record, field, -3, 3)


def preference_of(record: Record, kind: Kind) -> Preference:
    """Give a preference row with its prompt as messages.

    Raises:
        Bad: ``missing-field``, ``wrong-type`` or ``bad-label``.
    """
    strength = strength_of(record, kind)
    if kind == "helpsteer2-preference":
        prompt = dialogue(text_of(record, "prompt"))
        return Preference(prompt, text_of(record, "response_1"), text_of(record, "response_2"), strength)
    prompt = messages_of(record, "context")
    if not prompt:
        raise Bad("wrong-type", '"context" holds no message')
    return Preference(prompt, text_of(record, "response1"), text_of(record, "response2"), strength)


def split_of(record: Record) -> Split:
    """Tell which split a row of a file with both belongs to; HelpSteer2 calls the second one "val".

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    name = text_of(record, "split")
    if name not in _SPLIT_NAMES:
        raise Bad("wrong-type", f'"split" is "{name[:40]}", not train, val or validation')
    return _SPLIT_NAMES[name]


def dialogue(prompt: str) -> list[Message]:
    r"""Take a prompt apart into its turns: the user's first, and NeMo's marker before each later one.

    >>> dialogue("Hi\n<extra_id_1>Assistant\nYes?\n<extra_id_1>User\n2+2?")[1:]
    [{'role': 'assistant', 'content': 'Yes?'}, {'role': 'user', 'content': '2+2?'}]
    """
    first, *later = _TURN_MARKER.split(prompt)
    turns: list[Message] = [{"role": "user", "content": first}] if first or not later else []
    for speaker, content in zip(later[::2], later[1::2], strict=True):
        turns.append({"role": "user" if speaker == "User" else "assistant", "content": content})
    return turns


def _whole_number(record: Record, field: str, low: int, high: int) -> int:
    value = record.get(field)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise wrong_field(record, field, f"a whole number from {low} to {high}")
    if value not in range(low, high + 1):
        raise Bad("bad-label", f'"{field}" is {value!r:.40}, not a whole number from {low} to {high}')
    return int(value)
