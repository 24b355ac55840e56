from __future__ import annotations

from hhtools.formats import kto
from hhtools.records import Record
from tests.dialogues import assistant
from tests.formats.pairs import HH_TEXT, NEMO_TEXT, PROMPT, SHAREGPT

# What each trainer reads, in one place: every key, every type.
ROWS: dict[str, list[Record]] = {
    "nemo": [
        {"prompt": NEMO_TEXT, "response": "good", "preference": "chosen"},
        {"prompt": NEMO_TEXT, "response": "poor", "preference": "rejected"},
    ],
    "trl": [
        {"prompt": PROMPT, "completion": [assistant("good")], "label": True},
        {"prompt": PROMPT, "completion": [assistant("poor")], "label": False},
    ],
    "trl-text": [
        {"prompt": HH_TEXT, "completion": " good", "label": True},
        {"prompt": HH_TEXT, "completion": " poor", "label": False},
    ],
    "llamafactory": [
        {"conversations": [*SHAREGPT, {"from": "gpt", "value": "good"}], "kto_tag": True},
        {"conversations": [*SHAREGPT, {"from": "gpt", "value": "poor"}], "kto_tag": False},
    ],
    "axolotl": [
        {"prompt": HH_TEXT, "completion": " good", "label": True},
        {"prompt": HH_TEXT, "completion": " poor", "label": False},
    ],
    "swift": [
        {"messages": [*PROMPT, assistant("good")], "label": True},
        {"messages": [*PROMPT, assistant("poor")], "label": False},
    ],
}


def test_the_rows_of_a_pair_stay_together_only_for_a_trainer_that_shuffles() -> None:
    assert {trainer: kto.stagger(trainer) for trainer in kto.FORMATS if kto.stagger(trainer) != 16} == {"nemo": 0}
