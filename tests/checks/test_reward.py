from __future__ import annotations

import pytest

from hhtools.checks.reward import REWARD
from hhtools.records import Record
from tests.checks.tables import ABSENT, TAKES, changed, found
from tests.dialogues import assistant, user

Q, A, B = user("q"), assistant("a"), assistant("b")
NINE = [4.0, -100.0, -100.0, -100.0, 3, 3, 4, 1, 2]

GOOD: dict[str, Record] = {
    "trl-reward": {"chosen": [Q, A], "rejected": [Q, B], "margin": 1.5},
    "trl-text-reward": {"chosen": "q a", "rejected": "q b"},
    "openrlhf-reward": {"chosen": [Q, A], "rejected": [Q, B]},
    "open-instruct-reward": {"chosen": [Q, A], "rejected": [Q, B]},
    "nemo-reward": {"text": "User: q\n\nAssistant: a"},
    "nemo-regression": {"text": "<extra_id_1>User\nq\n<extra_id_1>Assistant\na\n<extra_id_2>", "label": NINE},
}


def test_every_format_has_its_row_here() -> None:
    assert GOOD.keys() == REWARD.keys()


@pytest.mark.parametrize("format_name", GOOD)
def test_a_good_row(format_name: str) -> None:
    assert found(format_name, GOOD[format_name]) == TAKES


WRONG: dict[str, tuple[str, Record, str]] = {
    "no margin": ("trl-reward", {"margin": ABSENT}, TAKES),
    "a margin that is text": ("trl-reward", {"margin": "1.5"}, "error: wrong-type"),
    "texts for messages": ("trl-reward", {"chosen": "q a"}, "error: wrong-type"),
    "messages for texts": ("trl-text-reward", {"chosen": [Q, A]}, "error: wrong-type"),
    "a prompt apart, as text": ("trl-text-reward", {"prompt": "q", "chosen": " a", "rejected": " b"}, TAKES),
    "a space at its end": (
        "trl-text-reward",
        {"prompt": "q ", "chosen": "a", "rejected": "b"},
        "warning: boundary-white-space",
    ),
    "texts, OpenRLHF": ("openrlhf-reward", {"chosen": "q a", "rejected": "q b"}, TAKES),
    "a text beside messages": ("openrlhf-reward", {"chosen": "q a"}, "error: wrong-type, warning: prompts-differ"),
    "prompts differ, OpenRLHF": ("openrlhf-reward", {"rejected": [user("r"), B]}, "warning: prompts-differ"),
    "prompts differ, open-instruct": ("open-instruct-reward", {"rejected": [user("r"), B]}, "error: prompts-differ"),
    "a prompt apart": ("trl-reward", {"prompt": [Q], "chosen": [A], "rejected": [B]}, TAKES),
    "no rejected side": ("trl-reward", {"rejected": ABSENT}, "error: missing-key"),
    "prompts differ": ("trl-reward", {"rejected": [user("r"), B]}, "warning: prompts-differ"),
    "equal answers": ("trl-reward", {"rejected": [Q, A]}, "warning: same-answers"),
    "messages for a text": ("nemo-reward", {"text": [Q]}, "error: wrong-type"),
    "an empty text": ("nemo-reward", {"text": ""}, "warning: empty-text"),
    "one number": ("nemo-regression", {"label": 4.0}, "error: wrong-type"),
    "numbers as text": ("nemo-regression", {"label": "4,3"}, "error: wrong-type"),
    "null for a number": ("nemo-regression", {"label": [None, 1.0]}, "error: wrong-type"),
    "true for a number": ("nemo-regression", {"label": [True]}, "error: wrong-type"),
    "all masked": ("nemo-regression", {"label": [-100.0, -100]}, "error: all-masked"),
    "no number": ("nemo-regression", {"label": []}, "error: label-length"),
    "no mark at the end": ("nemo-regression", {"text": "q a"}, "warning: no-label-marker"),
}


@pytest.mark.parametrize(("format_name", "changes", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_rows(format_name: str, changes: Record, expected: str) -> None:
    assert found(format_name, changed(GOOD[format_name], changes)) == expected
