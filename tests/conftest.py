"""What all tests share."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.dialogues import transcript
from tests.hub.loopback import LoopbackHub, serving
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


RED_TEAM_ARRAY = b"[" + b", ".join(jsonl(row).strip() for row in RED_TEAM_ROWS) + b"]\n"
LARGE = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(10_000))
"""320,000 bytes, for fetches that break off in the middle."""

HUB_FILES = {
    "README.md": b"# The card\n",
    "small.jsonl": jsonl({"messages": [{"role": "user", "content": "q"}]}),
    "large.gz": LARGE,
    "harmless-base/test.jsonl.gz": SAMPLE.read_bytes(),
    "harmless-base/train.jsonl.gz": SAMPLE.read_bytes(),
    "helpful-base/test.jsonl.gz": SAMPLE.read_bytes(),
    "helpful-base/train.jsonl.gz": gzip.compress(gzip.decompress(SAMPLE.read_bytes()) * 2, mtime=0),
    "red-team-attempts/red_team_attempts.jsonl.gz": gzip.compress(RED_TEAM_ARRAY, mtime=0),
}


@pytest.fixture(scope="session")
def running_hub() -> Iterator[LoopbackHub]:
    """Keep one loopback Hub running; tests take ``hub``."""
    with serving() as hub:
        yield hub


@pytest.fixture
def hub(running_hub: LoopbackHub) -> LoopbackHub:
    """Give a loopback Hub that has HUB_FILES and no faults."""
    running_hub.reset(HUB_FILES)
    return running_hub


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Give a folder with the files that help texts and the README speak of."""
    for name in ("helpful-sample.jsonl.gz", "helpful-base.jsonl.gz", "harmless-base.jsonl.gz"):
        shutil.copy(SAMPLE, tmp_path / name)
    (tmp_path / "red-team.json.gz").write_bytes(gzip.compress(RED_TEAM_ARRAY))
    (tmp_path / "steerlm.jsonl").write_bytes(jsonl(*STEERLM_ROWS))
    return tmp_path
