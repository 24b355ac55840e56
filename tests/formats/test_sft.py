from __future__ import annotations

from hhtools.records import Record
from tests.dialogues import assistant
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
