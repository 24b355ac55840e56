from __future__ import annotations

from pathlib import Path

import pytest

import hhtools
from hhtools import Bad, read_pairs
from hhtools.stream.exits import Fault
from tests.dialogues import assistant, transcript, user
from tests.shell import SAMPLE, hh, jsonl, open_descriptors

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


def test_a_field_that_stands_twice_is_bad_here_too(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"chosen":"",' + jsonl(RAW)[1:])
    with pytest.raises(Bad, match=r"x\.jsonl:1: duplicate-key: \"chosen\" stands twice"):
        list(read_pairs(path))


def test_lone_surrogates_are_replaced_on_request(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(rb'{"x":"\ud800",' + jsonl(RAW)[1:])
    with pytest.raises(Bad, match=r"x\.jsonl:1: bad-surrogate"):
        list(read_pairs(path))
    (repaired,) = read_pairs(path, repair_surrogates=True)
    assert (repaired["x"], repaired["chosen"]) == ("\ufffd", [assistant("x")])


def test_a_missing_file_is_named() -> None:
    with pytest.raises(Fault, match="/nonexistent"):
        read_pairs("/nonexistent")


def test_a_reader_left_early_closes_its_file() -> None:
    before = open_descriptors()
    pairs = read_pairs(SAMPLE)
    next(pairs)
    assert open_descriptors() == before + 1
    del pairs
    assert open_descriptors() == before


def test_a_line_too_long_or_cut_upstream_is_told_as_the_commands_do(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(jsonl(RAW) + b'{"chosen": "' + b"x" * (17 << 20) + b'"}\n')
    with pytest.raises(Bad, match=r"x\.jsonl:2: line-too-long"):
        list(read_pairs(path))
    path.write_bytes(jsonl(RAW) + hh("hh-parse", stdin="7").marker)
    with pytest.raises(
        Fault, match=r"x\.jsonl:2: the program before this one stopped: hh-parse ended with exit code 65"
    ):
        list(read_pairs(path))


def test_a_wrong_option_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="no whitespace 'trim'; there are strip, keep"):
        read_pairs(SAMPLE, whitespace="trim")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no format for 'TRL'; there are nemo, trl"):
        hhtools.unpack_kto({}, format_name="TRL")


def test_everything_promised_is_there() -> None:
    for name in hhtools.__all__:
        assert getattr(hhtools, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        hhtools.nothing  # noqa: B018
