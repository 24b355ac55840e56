from __future__ import annotations

from pathlib import Path

import pytest

import hhtools
from hhtools import Bad, read_pairs
from hhtools.stream.exits import Fault
from tests.dialogues import assistant, transcript, user
from tests.shell import SAMPLE, jsonl, open_descriptors

RAW = {"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")}


def test_pairs_of_several_files_are_told_apart(tmp_path: Path) -> None:
    for name in ("helpful-base.jsonl", "harmless-base.jsonl"):
        (tmp_path / name).write_bytes(jsonl(RAW) + b"\n")
    pairs = list(read_pairs(tmp_path / "helpful-base.jsonl", str(tmp_path / "harmless-base.jsonl")))
    assert pairs == [
        {"prompt": [user("q")], "chosen": [assistant("x")], "rejected": [assistant("y")], "source": source}
        for source in ("helpful-base", "harmless-base")
    ]


def test_the_sample_ships_with_the_package() -> None:
    assert sum(1 for _ in read_pairs(SAMPLE)) == 40


def test_a_bad_record_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(jsonl(RAW, {"chosen": "Hi"}))
    with pytest.raises(Bad, match=r"x\.jsonl:2: missing-field: no field \"rejected\""):
        list(read_pairs(path))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(Fault, match="/nonexistent"):
        next(read_pairs("/nonexistent"))


def test_a_reader_left_early_closes_its_file() -> None:
    before = open_descriptors()
    pairs = read_pairs(SAMPLE)
    next(pairs)
    assert open_descriptors() == before + 1
    pairs.close()  # type: ignore[attr-defined]
    assert open_descriptors() == before


def test_everything_promised_is_there() -> None:
    for name in hhtools.__all__:
        assert getattr(hhtools, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        hhtools.nothing  # noqa: B018
