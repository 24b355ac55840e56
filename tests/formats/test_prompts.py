from __future__ import annotations

import pytest

from hhtools.formats import prompts
from hhtools.pairs import FitPair
from hhtools.records import Bad, Dropped, Record, Rows
from tests.dialogues import user
from tests.formats.pairs import EXTRA_ID_TEXT, HH_TEXT, PROMPT

# What each trainer reads, in one place: every key, every type.
ROWS: dict[str, list[Record]] = {
    "trl": [{"prompt": PROMPT}],
    "trl-text": [{"prompt": HH_TEXT}],
    "nemo": [{"text": EXTRA_ID_TEXT}],
    "verl": [
        {
            "data_source": "helpful-base",
            "prompt": PROMPT,
            "ability": "alignment",
            "reward_model": {"style": "model", "ground_truth": "good"},
            "extra_info": {"split": "train", "index": 0},
        }
    ],
}
Q = [user("q")]


def test_verl_is_told_where_a_pair_is_from() -> None:
    (row,) = prompts.verl(FitPair(Q, "x", "y", Q, {"source": None, "split": "validation"}))
    assert (row["data_source"], row["extra_info"]["split"]) == ("", "validation")
    with pytest.raises(Bad, match='wrong-type: "split" is a whole number, not a string'):
        prompts.verl(FitPair(Q, "x", "y", Q, {"split": 1}))


def drop_odd(record: Record) -> Rows:
    return Dropped("odd") if record["id"] % 2 else ({"extra_info": {"index": 0, "id": record["id"]}},)


def test_only_rows_that_are_written_are_numbered() -> None:
    stage = prompts.Numbered(drop_odd)
    made = [row["extra_info"] for number in range(5) for row in stage({"id": number})]
    assert made == [{"index": 0, "id": 0}, {"index": 1, "id": 2}, {"index": 2, "id": 4}]
