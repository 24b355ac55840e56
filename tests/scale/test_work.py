"""A worker killed, and let down, at every one of its calls to the kernel."""

from __future__ import annotations

import errno
import json
import os
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.faults.machine import Ended, Machine, Strike
from tests.scale.shards import LINES, outputs, write_inputs
from tests.shell import rows

PIPE = "hh-parse | hh-unpack-kto --for trl"
WORK = ["make-shard", "in/a.jsonl", PIPE]
BAD = b'{"chosen": 1}\n'
OLD = {"out/a.jsonl": b"old\n", "bad/a.jsonl": b"old bad\n"}


def make(machine: Machine, folder: Path, strike: Strike | None = None) -> Ended:
    return machine.run(folder, WORK, strike=strike)


def prepared(folder: Path, is_there: bool) -> Path:
    """Make a folder with an input, and the files of an older one if wanted; the driver has removed their report."""
    write_inputs(folder, {"a.jsonl": b"".join(LINES[:3]) + BAD + b"".join(LINES[3:9])})
    for name, data in OLD.items() if is_there else ():
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(data)
    return folder


def found_in(folder: Path) -> dict[str, bytes]:
    return {
        f"{place}/{name}": data
        for place in ("out", "bad")
        for name, data in outputs(folder / place).items()
        if not name.startswith(".")
    }


def report_of(folder: Path) -> Any:
    path = folder / "out" / "_hh" / "reports" / "a.jsonl.json"
    return json.loads(path.read_bytes()) if path.exists() else None


@pytest.fixture
def new(machine: Machine, tmp_path: Path) -> dict[str, bytes]:
    """Give what a worker makes that nothing befalls."""
    folder = prepared(tmp_path / "whole", is_there=False)
    assert make(machine, folder) == Ended([0], [""], 0)
    made = found_in(folder)
    assert (made.keys(), [entry["raw"] for entry in rows(made["bad/a.jsonl"])]) == (OLD.keys(), [BAD.decode().strip()])
    return {name: data.replace(bytes(folder), b"FOLDER") for name, data in made.items()}


def check(folder: Path, is_there: bool, new: dict[str, bytes]) -> bool:
    """Check that each file is the old or the new one, and that the report is there only when all are new."""
    there = {name: data.replace(bytes(folder), b"FOLDER") for name, data in found_in(folder).items()}
    for name in OLD:
        assert there.get(name) in (OLD[name] if is_there else None, new[name])
    report = report_of(folder)
    if report is None:
        return False
    assert there == new
    assert (report["bytes"], report["read"], report["bad"]) == (len(new["out/a.jsonl"]), 10, {"wrong-type": 1})
    return True


@pytest.mark.parametrize("is_there", [True, False], ids=["over old files", "to new files"])
@pytest.mark.parametrize("moment", ["kill before", "kill after"])
def test_a_report_is_the_last_thing_a_worker_writes(
    machine: Machine, moment: str, is_there: bool, tmp_path: Path, new: dict[str, bytes]
) -> None:
    complete = []
    for number in count(1):
        folder = prepared(tmp_path / str(number), is_there)
        ended = make(machine, folder, Strike("any", number, moment))
        if ended.counted < number:
            break
        assert ended.codes == [-9]
        complete.append(check(folder, is_there, new))
        assert make(machine, folder).codes == [0]
        assert check(folder, is_there, new)
    assert complete == [False] * complete.count(False) + [True] * complete.count(True)
    assert {False, True} == set(complete)


FAILURES = [
    ("read", errno.EIO),
    ("write", errno.ENOSPC),
    ("fsync", errno.EIO),
    ("rename", errno.EACCES),
    ("open", errno.EMFILE),
]


@pytest.mark.parametrize("action", ["fail", "fail from then on"])
@pytest.mark.parametrize(("call", "error"), FAILURES, ids=[f"{call}, {os.strerror(error)}" for call, error in FAILURES])
def test_a_call_that_fails_lets_the_shard_fail(
    machine: Machine, call: str, error: int, action: str, tmp_path: Path, new: dict[str, bytes]
) -> None:
    for number in count(1):
        folder = prepared(tmp_path / str(number), is_there=True)
        ended = make(machine, folder, Strike(call, number, action, error))
        is_complete = check(folder, True, new)
        if ended.counted < number:
            break
        (code,), (told,) = ended.codes, ended.told
        # All may be written, and only the folder not be known to be on the disk.
        assert code in {66, 73, 74}
        assert os.strerror(error) in told
        assert "internal error" not in told
        assert not list(folder.rglob(".*.tmp"))
    assert number > 1
    assert (ended.codes, is_complete) == ([0], True)
