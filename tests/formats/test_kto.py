from __future__ import annotations

from typing import Any

import pytest

from hhtools.formats import kto
from tests.dialogues import assistant, user

PROMPT = [user("Q1"), assistant("A1"), user("Q2")]

HH_TEXT = "\n\nHuman: Q1\n\nAssistant: A1\n\nHuman: Q2\n\nAssistant:"
NEMO_TEXT = "Human:\nQ1\nAssistant:\nA1\nHuman:\nQ2\nAssistant:\n"
SHAREGPT = [{"from": "human", "value": "Q1"}, {"from": "gpt", "value": "A1"}, {"from": "human", "value": "Q2"}]

# What each trainer reads, in one place: every key, every type.
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nemo": (
        {"prompt": NEMO_TEXT, "response": "good", "preference": "chosen"},
        {"prompt": NEMO_TEXT, "response": "poor", "preference": "rejected"},
    ),
    "trl": (
        {"prompt": PROMPT, "completion": [assistant("good")], "label": True},
        {"prompt": PROMPT, "completion": [assistant("poor")], "label": False},
    ),
    "trl-text": (
        {"prompt": HH_TEXT, "completion": " good", "label": True},
        {"prompt": HH_TEXT, "completion": " poor", "label": False},
    ),
    "llamafactory": (
        {"conversations": [*SHAREGPT, {"from": "gpt", "value": "good"}], "kto_tag": True},
        {"conversations": [*SHAREGPT, {"from": "gpt", "value": "poor"}], "kto_tag": False},
    ),
    "axolotl": (
        {"prompt": HH_TEXT, "completion": " good", "label": True},
        {"prompt": HH_TEXT, "completion": " poor", "label": False},
    ),
    "swift": (
        {"messages": [*PROMPT, assistant("good")], "label": True},
        {"messages": [*PROMPT, assistant("poor")], "label": False},
    ),
}


def test_every_format_has_its_rows_here() -> None:
    assert ROWS.keys() == kto.FORMATS.keys()


@pytest.mark.parametrize("format_name", ROWS)
def test_rows_are_what_the_trainer_reads(format_name: str) -> None:
    rows = kto.FORMATS[format_name].rows(PROMPT, "good", "poor")
    assert rows == ROWS[format_name]
    # == takes 1 for True; the trainers do not.
    assert [_types(row) for row in rows] == [_types(row) for row in ROWS[format_name]]


def test_prompts_are_not_changed() -> None:
    prompt = [user("Q1")]
    for form in kto.FORMATS.values():
        form.rows(prompt, "good", "poor")
    assert prompt == [user("Q1")]


def test_the_rows_of_a_pair_stay_together_only_for_a_trainer_that_shuffles() -> None:
    assert {trainer: form.stagger for trainer, form in kto.FORMATS.items() if form.stagger != 16} == {"nemo": 0}


def _types(row: dict[str, Any]) -> dict[str, type]:
    return {field: type(value) for field, value in row.items()}
