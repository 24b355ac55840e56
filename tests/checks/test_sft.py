from __future__ import annotations

from typing import Any

import pytest

from hhtools.checks.sft import SFT
from hhtools.records import Record
from tests.checks.tables import ABSENT, TAKES, changed, found
from tests.dialogues import assistant, user

Q, A = user("q"), assistant("a")
ASKED = {"from": "User", "value": "q", "label": None}
ANSWERED = {"from": "Assistant", "value": "a", "label": "helpfulness:4,correctness:3"}

GOOD: dict[str, Record] = {
    "trl-sft": {"messages": [Q, A]},
    "prompt-completion-sft": {"prompt": [Q], "completion": [A]},
    "trl-text-sft": {"text": "\n\nHuman: q\n\nAssistant: a"},
    "nemo-rl-sft": {"messages": [Q, A]},
    "nemo-sft": {"system": "", "mask": "User", "type": "VALUE_TO_TEXT", "conversations": [ASKED, ANSWERED]},
}


def test_every_format_has_its_row_here() -> None:
    assert GOOD.keys() == SFT.keys()


@pytest.mark.parametrize("format_name", GOOD)
def test_a_good_row(format_name: str) -> None:
    assert found(format_name, GOOD[format_name]) == TAKES


@pytest.mark.parametrize("format_name", GOOD)
def test_every_key_is_needed(format_name: str) -> None:
    for key in GOOD[format_name]:
        assert found(format_name, changed(GOOD[format_name], {key: ABSENT})) == "error: missing-key"


WRONG: dict[str, tuple[str, Record, str]] = {
    "the user has the last word": ("trl-sft", {"messages": [Q, A, Q]}, "warning: turn-order"),
    "from and value": ("trl-sft", {"messages": [ASKED]}, "error: missing-key, error: missing-key"),
    "texts": ("prompt-completion-sft", {"prompt": "q", "completion": " a"}, TAKES),
    "a space at the prompt's end": (
        "prompt-completion-sft",
        {"prompt": "q ", "completion": "a"},
        "warning: boundary-white-space",
    ),
    "a text prompt for messages": ("prompt-completion-sft", {"prompt": "q"}, "error: wrong-type"),
    "an empty text": ("trl-text-sft", {"text": "\n"}, "warning: empty-text"),
    "a mask for nobody": ("nemo-sft", {"mask": "Human"}, "error: unmasked"),
    "a mask that is null": ("nemo-sft", {"mask": None}, "error: wrong-type"),
    "a speaker in lower case": (
        "nemo-sft",
        {"conversations": [{**ASKED, "from": "user"}, ANSWERED], "mask": "Assistant"},
        "error: unknown-role",
    ),
    "no label at all": ("nemo-sft", {"conversations": [ASKED, {**ANSWERED, "label": None}]}, TAKES),
    "the user has the last word in a path of OASST": ("nemo-sft", {"conversations": [ASKED, ANSWERED, ASKED]}, TAKES),
}


@pytest.mark.parametrize(("format_name", "changes", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_rows(format_name: str, changes: Record, expected: str) -> None:
    assert found(format_name, changed(GOOD[format_name], changes)) == expected


# What NeMo-Aligner's process_to_regression_format.py makes of a label: it stops at some, and so does hh-to-regression.
LABELS: dict[str, tuple[Any, str]] = {
    "empty": ("", TAKES),
    "two ratings": ("helpfulness:4,correctness:3", TAKES),
    "a space after the colon": ("helpfulness: 4", TAKES),
    "an exponent": ("helpfulness:1e1", TAKES),
    "less than zero": ("quality:-3", TAKES),
    "a third piece": ("helpfulness:4:9", "warning: bad-label"),
    "not a number": ("helpfulness:nan", "warning: bad-label"),
    "a comma at the end": ("helpfulness:4,", "warning: bad-label"),
    "an equals sign": ("helpfulness=4", "warning: bad-label"),
    "None as text": ("helpfulness:None", "warning: bad-label"),
    "no number": ("helpfulness:", "warning: bad-label"),
    "a semicolon": ("4;correctness", "warning: bad-label"),
    "a number": (4, "error: wrong-type"),
}


@pytest.mark.parametrize(("label", "expected"), LABELS.values(), ids=LABELS)
def test_labels(label: Any, expected: str) -> None:
    assert found("nemo-sft", {**GOOD["nemo-sft"], "conversations": [ASKED, {**ANSWERED, "label": label}]}) == expected
