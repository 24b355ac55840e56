from __future__ import annotations

from typing import Any

import pytest

from hhtools.formats.reward import margin_of
from hhtools.records import Bad, Record
from tests.dialogues import assistant
from tests.formats.pairs import EXTRA_ID_TEXT, HH_TEXT, PROMPT

DIALOGUES = {"chosen": [*PROMPT, assistant("good")], "rejected": [*PROMPT, assistant("poor")]}

# What each trainer reads, in one place: every key, every type.
ROWS: dict[str, list[Record]] = {
    "trl": [DIALOGUES],
    "trl-text": [{"chosen": f"{HH_TEXT} good", "rejected": f"{HH_TEXT} poor"}],
    "nemo": [{"text": f"{EXTRA_ID_TEXT}good\n<extra_id_1>"}, {"text": f"{EXTRA_ID_TEXT}poor\n<extra_id_1>"}],
    "openrlhf": [DIALOGUES],
    "open-instruct": [DIALOGUES],
}


@pytest.mark.parametrize(("value", "margin"), [(3, 3.0), (0, 0.0), (-1, -1.0), (0.5, 0.5), (2**60, 2.0**60)])
def test_margins(value: float, margin: float) -> None:
    assert margin_of({"m": value}, "m") == margin
    assert type(margin_of({"m": value}, "m")) is float


NO_MARGINS: dict[str, tuple[Record, str]] = {
    "none": ({}, 'missing-field: no field "m"'),
    "null": ({"m": None}, 'wrong-type: "m" is null, not a number'),
    "a boolean": ({"m": True}, 'wrong-type: "m" is a boolean, not a number'),
    "a string": ({"m": "3"}, 'wrong-type: "m" is a string, not a number'),
    "too large": ({"m": 10**400}, 'wrong-type: "m" is a number that no double can hold'),
    "NaN": ({"m": float("nan")}, 'wrong-type: "m" is a number that no double can hold'),
}


@pytest.mark.parametrize(("record", "message"), NO_MARGINS.values(), ids=NO_MARGINS)
def test_what_is_no_margin(record: dict[str, Any], message: str) -> None:
    with pytest.raises(Bad) as caught:
        margin_of(record, "m")
    assert str(caught.value) == message
