"""What all tests share."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.columnar import parquet_of
from tests.dialogues import assistant, transcript, user
from tests.shell import SAMPLE, jsonl

if TYPE_CHECKING:
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

ULTRAFEEDBACK_ROWS = [
    {
        "prompt": "2+2?",
        "chosen": [user("2+2?"), assistant("4")],
        "rejected": [user("2+2?"), assistant("5")],
        "score_chosen": 9.0,
        "score_rejected": 1.5,
    }
]
ORCA_ROWS = [{"system": "Be brief.", "question": "2+2?", "chosen": "4", "rejected": "5"}]
SAFE_ROWS = [{"prompt": "2+2?", "response_0": "5", "response_1": "4", "better_response_id": 1}]


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Give a folder with the files that help texts and the README speak of."""
    for name in ("helpful-sample.jsonl.gz", "helpful-base.jsonl.gz", "harmless-base.jsonl.gz"):
        shutil.copy(SAMPLE, tmp_path / name)
    array = b"[" + b", ".join(jsonl(row).strip() for row in RED_TEAM_ROWS) + b"]\n"
    (tmp_path / "red-team.json.gz").write_bytes(gzip.compress(array))
    (tmp_path / "steerlm.jsonl").write_bytes(jsonl(*STEERLM_ROWS))
    (tmp_path / "ultrafeedback").mkdir()
    (tmp_path / "ultrafeedback" / "train.parquet").write_bytes(parquet_of(*ULTRAFEEDBACK_ROWS))
    (tmp_path / "orca_dpo_pairs.jsonl").write_bytes(jsonl(*ORCA_ROWS))
    (tmp_path / "safe.jsonl").write_bytes(jsonl(*SAFE_ROWS))
    return tmp_path
