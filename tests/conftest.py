"""What all tests share."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from hhtools import read_pairs
from tests.dialogues import answered, asked, preferred, rated, transcript, tree
from tests.faults.machine import Machine, machine_in
from tests.shell import SAMPLE, jsonl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Constant examples and no time limit: a slow machine must not turn a green suite red.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=200)
settings.load_profile("suite")

RED_TEAM_ROWS = [
    {"transcript": transcript("H: Hi", "A: Hello"), "rating": 1.0, "tags": ["greeting"], "task_description": "Say hi"},
    {"transcript": transcript("H: Hi", "A: Hello", "H: Bye", "A: Bye"), "rating": 4.0, "tags": None},
]
STEERLM_ROWS = [
    {
        "conversations": [
            {"from": "User", "value": "2+2?", "label": None},
            {"from": "Assistant", "value": "4", "label": "helpfulness:4,correctness:4"},
        ],
        "system": "",
        "mask": "User",
        "type": "VALUE_TO_TEXT",
    }
]
HELPSTEER2_ROWS = [rated("5", "00400"), rated("4", "44401")]
HELPSTEER2_PREFERENCES = [preferred(-3), preferred(2, prompt="3+3?", first="7", second="6", split="val")]

OASST_TREES = [
    tree(
        asked(
            "2+2?",
            answered("5", rank=1, labels={"quality": {"value": 0.0, "count": 3}}),
            answered("4", asked("Sure?"), rank=0, labels={"quality": {"value": 1.0, "count": 3}}),
            lang="en",
        )
    )
]


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Give a folder with the files that help texts and the README speak of."""
    for name in ("helpful-sample.jsonl.gz", "helpful-base.jsonl.gz", "harmless-base.jsonl.gz"):
        shutil.copy(SAMPLE, tmp_path / name)
    array = b"[" + b", ".join(jsonl(row).strip() for row in RED_TEAM_ROWS) + b"]\n"
    (tmp_path / "red-team.json.gz").write_bytes(gzip.compress(array))
    (tmp_path / "scored-pairs.jsonl").write_bytes(jsonl(*[{**pair, "strength": 2} for pair in read_pairs(SAMPLE)]))
    (tmp_path / "steerlm.jsonl").write_bytes(jsonl(*STEERLM_ROWS))
    preferences = tmp_path / "HelpSteer2" / "preference"
    preferences.mkdir(parents=True)
    (tmp_path / "HelpSteer2" / "train.jsonl.gz").write_bytes(gzip.compress(jsonl(*HELPSTEER2_ROWS)))
    (tmp_path / "oasst1").mkdir()
    (tmp_path / "oasst1" / "all.trees.jsonl.gz").write_bytes(gzip.compress(jsonl(*OASST_TREES)))
    (preferences / "preference.jsonl.gz").write_bytes(gzip.compress(jsonl(*HELPSTEER2_PREFERENCES)))
    return tmp_path


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Give a machine on which calls to the kernel can fail."""
    with machine_in(tmp_path_factory.mktemp("machine")) as machine:
        yield machine
