from __future__ import annotations

from hhtools.formats import sft
from hhtools.pairs import FitPair
from hhtools.records import Record
from tests.dialogues import assistant, system, user
from tests.formats.pairs import HH_TEXT, PROMPT

# What each trainer reads, in one place: every key, every type. Nothing of the rejected answer is in it.
ROWS: dict[str, list[Record]] = {
    "trl": [{"messages": [*PROMPT, assistant("good")]}],
    "trl-text": [{"text": f"{HH_TEXT} good"}],
    "prompt-completion": [{"prompt": PROMPT, "completion": [assistant("good")]}],
    "nemo": [
        {
            "system": "",
            "mask": "User",
            "type": "VALUE_TO_TEXT",
            "conversations": [
                {"from": "User", "value": "Q1", "label": None},
                {"from": "Assistant", "value": "A1", "label": None},
                {"from": "User", "value": "Q2", "label": None},
                {"from": "Assistant", "value": "good", "label": None},
            ],
        }
    ],
    "nemo-rl": [{"messages": [*PROMPT, assistant("good")]}],
}


def test_nemo_has_a_field_for_the_system_message() -> None:
    prompt = [system("Be brief."), user("q")]
    (row,) = sft.nemo(FitPair(prompt, "x", "y", prompt, {}))
    assert row["system"] == "Be brief."
    assert [turn["from"] for turn in row["conversations"]] == ["User", "Assistant"]
