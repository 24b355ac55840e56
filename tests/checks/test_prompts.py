from __future__ import annotations

import pytest

from hhtools.checks.prompts import PROMPTS
from hhtools.records import Record
from tests.checks.tables import ABSENT, TAKES, changed, found
from tests.dialogues import assistant, system, user

Q, A = user("q"), assistant("a")

GOOD: dict[str, Record] = {
    "trl-prompts": {"prompt": [system("s"), Q, A, Q]},
    "trl-text-prompts": {"prompt": "\n\nHuman: q\n\nAssistant:"},
    "nemo-prompts": {"text": "\n\nHuman: q\n\nAssistant:"},
    "verl-prompts": {
        "data_source": "helpful-base",
        "prompt": [Q],
        "ability": "alignment",
        "reward_model": {"style": "model", "ground_truth": "a"},
        "extra_info": {"split": "train", "index": 0},
    },
}


def test_every_format_has_its_row_here() -> None:
    assert GOOD.keys() == PROMPTS.keys()


@pytest.mark.parametrize("format_name", GOOD)
def test_a_good_row(format_name: str) -> None:
    assert found(format_name, GOOD[format_name]) == TAKES


WRONG: dict[str, tuple[str, Record, str]] = {
    "a text for messages, TRL": ("trl-prompts", {"prompt": "q"}, "error: wrong-type"),
    "messages for a text": ("trl-text-prompts", {"prompt": [Q]}, "error: wrong-type"),
    "an empty text": ("trl-text-prompts", {"prompt": " "}, "warning: empty-text"),
    "no message": ("trl-prompts", {"prompt": []}, "error: empty-list"),
    "an answer at the end": ("trl-prompts", {"prompt": [Q, A]}, "warning: turn-order"),
    "an empty question": ("trl-prompts", {"prompt": [user("")]}, "warning: empty-text"),
    "another key": ("nemo-prompts", {"text": ABSENT, "prompt": "q"}, "error: missing-key"),
    "a text for messages": ("verl-prompts", {"prompt": "q"}, "error: wrong-type"),
    "no source": ("verl-prompts", {"data_source": ABSENT}, "error: missing-key"),
    "no reward model": ("verl-prompts", {"reward_model": ABSENT}, "error: missing-key"),
    "no ground truth": ("verl-prompts", {"reward_model": {"style": "rule"}}, "error: missing-key"),
    "a reward model that is text": ("verl-prompts", {"reward_model": "rule"}, "error: wrong-type"),
    "nothing that verl can do without": ("verl-prompts", {"ability": ABSENT, "extra_info": ABSENT}, TAKES),
    "more that is text": ("verl-prompts", {"extra_info": "train"}, "error: wrong-type"),
}


@pytest.mark.parametrize(("format_name", "changes", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_rows(format_name: str, changes: Record, expected: str) -> None:
    assert found(format_name, changed(GOOD[format_name], changes)) == expected
