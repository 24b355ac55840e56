"""What counts as complete, and what a folder may not have beside that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hhtools
from hhtools.scale.folder import Folder, folder_at
from hhtools.scale.pipeline import Pipeline
from hhtools.scale.plan import Plan, refuse_strangers
from hhtools.scale.prepare import Prepared
from hhtools.scale.resume import complete_among, forget
from hhtools.scale.shards import Shard
from hhtools.stream.exits import Fault

SHARD = Shard("/in/helpful/train.jsonl.gz", "12 345", "helpful/train.jsonl")
REPORT = "_hh/reports/helpful/train.jsonl.json"
TOLD: dict[str, Any] = {
    "plan": "a-plan",
    "version": hhtools.__version__,
    "bytes": 3,
    "input": {"version": "12 345", "source": "helpful"},
    "stages": [{"command": "hh-parse", "bad": {}}],
    "bad_dir": None,
    "bad_bytes": 0,
}
PLAN = Plan(
    Pipeline("hh-parse"),
    "a-plan",
    "/out",
    None,
    goes_on=False,
    max_line=9,
    repair_surrogates=False,
    timeout=60,
)


def run_of(folder: Folder, *shards: Shard, plan: Plan = PLAN, bad_sizes: Mapping[str, int] = {}) -> Prepared:
    return Prepared(plan, folder, folder, shards, shards, dict(folder.sizes()), bad_sizes)


def write(folder: Path, **files: bytes) -> Folder:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder_at(str(folder), 60)


def complete_in(folder: Folder, *shards: Shard) -> list[tuple[Shard, Any]]:
    return list(complete_among(shards, run_of(folder, *shards)))


def test_a_shard_is_complete_when_its_report_fits(tmp_path: Path) -> None:
    files = {SHARD.name: b"{}\n", REPORT: json.dumps(TOLD).encode()}
    assert complete_in(write(tmp_path, **files), SHARD) == [(SHARD, TOLD)]


INCOMPLETE: dict[str, Mapping[str, Any]] = {
    "another pipeline": {"plan": "another"},
    "another version of hhtools": {"version": "0.0.0"},
    "a file of another size": {"bytes": 4},
    "another version of the input": {"input": {"version": "12 346", "source": "helpful"}},
    "an input from elsewhere, whose records are marked so": {"input": {"version": "12 345", "source": "harmless"}},
    "no input": {"input": None},
    "another command": {"stages": [{"command": "hh-sample", "bad": {}}]},
    "no commands": {"stages": None},
    "bad records, where none may be": {"stages": [{"command": "hh-parse", "bad": {"bad-json": 1}}]},
}


@pytest.mark.parametrize("change", INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_report_of_anything_else_is_none(change: Mapping[str, Any], tmp_path: Path) -> None:
    files = {SHARD.name: b"{}\n", REPORT: json.dumps({**TOLD, **change}).encode()}
    assert complete_in(write(tmp_path, **files), SHARD) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"7", b'{"input": []}', b"\xff"])
def test_a_report_that_is_broken_is_none(content: bytes, tmp_path: Path) -> None:
    assert complete_in(write(tmp_path, **{SHARD.name: b"{}\n", REPORT: content}), SHARD) == []


def test_without_its_output_or_its_report_a_shard_is_not_complete(tmp_path: Path) -> None:
    told = json.dumps(TOLD).encode()
    assert complete_in(write(tmp_path / "a", **{REPORT: told}), SHARD) == []
    assert complete_in(write(tmp_path / "b", **{SHARD.name: b"{}\n"}), SHARD) == []


def test_what_nobody_can_tell_the_version_of_is_never_complete(tmp_path: Path) -> None:
    told = json.dumps({**TOLD, "input": {"version": None, "source": "helpful"}}).encode()
    folder = write(tmp_path, **{SHARD.name: b"{}\n", REPORT: told})
    assert complete_in(folder, SHARD._replace(version=None)) == []


def test_many_shards_are_told_apart_in_their_order(tmp_path: Path) -> None:
    shards = [SHARD._replace(name=f"{number:04}.jsonl") for number in range(2500)]
    files: dict[str, bytes] = {}
    for shard in shards[::2]:
        files |= {shard.name: b"{}\n", f"_hh/reports/{shard.name}.json": json.dumps(TOLD).encode()}
    assert [shard for shard, _ in complete_in(write(tmp_path, **files), *shards)] == shards[::2]


def test_reports_of_what_is_made_again_are_removed_and_no_others(tmp_path: Path) -> None:
    others = {"other.jsonl": b"{}\n", "_hh/reports/other.jsonl.json": b"{}", SHARD.name: b"{}\n"}
    folder = write(tmp_path, **{**others, REPORT: b"{}"})
    forget([SHARD, SHARD._replace(name="new.jsonl")], run_of(folder))
    assert dict(folder.sizes()).keys() == others.keys()


BAD = {**TOLD, "stages": [{"command": "hh-parse", "bad": {"bad-json": 1}}], "bad_dir": "/bad", "bad_bytes": 7}


@pytest.mark.parametrize(
    ("bad_dir", "bad_sizes", "is_complete"),
    [
        (None, {}, True),
        ("/bad", {SHARD.name: 7}, True),
        ("/bad", {SHARD.name: 6}, False),
        ("/bad", {}, False),
        ("/other", {SHARD.name: 7}, False),
    ],
)
def test_bad_records_have_to_lie_where_they_are_wanted(
    bad_dir: str | None, bad_sizes: Mapping[str, int], is_complete: bool, tmp_path: Path
) -> None:
    folder = write(tmp_path, **{SHARD.name: b"{}\n", REPORT: json.dumps(BAD).encode()})
    plan = replace(PLAN, goes_on=True, bad_dir=bad_dir)
    found = list(complete_among([SHARD], run_of(folder, SHARD, plan=plan, bad_sizes=bad_sizes)))
    assert [shard for shard, _ in found] == [SHARD][:is_complete]


STRANGERS = ["old.jsonl", "helpful/old.jsonl", ".hidden.jsonl"]
HARMLESS = ["_hh/reports/old.jsonl.json", "_hh/old.jsonl", "_SUCCESS", "README.md", "old.jsonl.gz", ".x.0.1.tmp"]


@pytest.mark.parametrize("name", STRANGERS)
def test_what_would_pass_for_an_output_is_refused(name: str) -> None:
    with pytest.raises(Fault) as raised:
        refuse_strangers([SHARD], {SHARD.name: 3, name: 3}, ".jsonl", "/out")
    told = f"/out: has a {name}, and no input becomes that now; name all inputs again, move it away, or give -O "
    assert (raised.value.code, raised.value.message) == (73, f"{told}another folder")


def test_what_nobody_would_take_for_an_output_stays() -> None:
    refuse_strangers([SHARD], dict.fromkeys([SHARD.name, *HARMLESS], 3), ".jsonl", "/out")
