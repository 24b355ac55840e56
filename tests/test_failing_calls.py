"""Every call to the kernel fails in turn, once and from then on, until the run succeeds.

After SQLite's tests of I/O errors: a run that any one of its reads, writes, fsyncs, renames ... lets down still leaves
the old file or the whole new one, says what happened, and accounts for every record.
"""

from __future__ import annotations

import errno
import json
import os
from itertools import count
from pathlib import Path

import pytest

from tests.faults.machine import Ended, Machine, Strike
from tests.faults.ways import OLD, ROWS, WAYS, Way, prepared, whole_output
from tests.shell import rows

FAILURES = [
    ("read", errno.EIO),
    ("write", errno.ENOSPC),
    ("write", errno.EIO),
    ("fsync", errno.EIO),
    ("rename", errno.EACCES),
    ("link", errno.EPERM),
    ("open", errno.EMFILE),
    ("close", errno.EIO),
    ("unlink", errno.EACCES),
    ("fchmod", errno.EPERM),
]
HARMLESS = {"close", "unlink"}  # a run may well succeed without them


@pytest.mark.parametrize("action", ["fail", "fail from then on"])
@pytest.mark.parametrize(("call", "error"), FAILURES, ids=[f"{call}, {os.strerror(error)}" for call, error in FAILURES])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_call_that_fails(machine: Machine, way: Way, call: str, error: int, action: str, tmp_path: Path) -> None:
    whole = whole_output(machine, tmp_path / "whole", way)
    for number in count(1):
        folder = tmp_path / str(number)
        ended = machine.run(folder, prepared(folder, way), strike=Strike(call, number, action, error))
        if ended.counted < number:
            break
        check(ended, machine, folder, way, whole)
        assert ended.codes != [0] or call in HARMLESS
        temporary = [name for name in os.listdir(folder) if name.endswith(".tmp")]
        assert not temporary or call == "unlink"
    assert ended.codes == [0]


EVERY_WRITE = [way for way in WAYS if way != "to a file that must be new"]


@pytest.mark.parametrize("way", [WAYS[way] for way in EVERY_WRITE], ids=EVERY_WRITE)
def test_a_disk_that_fills_up_in_the_middle_of_a_write(machine: Machine, way: Way, tmp_path: Path) -> None:
    whole = whole_output(machine, tmp_path / "whole", way)
    for number in count(1):
        folder = tmp_path / str(number)
        strike = Strike("write", number, "fill up", errno.ENOSPC)
        ended = machine.run(folder, prepared(folder, way), strike=strike)
        if ended.counted < number:
            break
        check(ended, machine, folder, way, whole)
        assert ended.codes == [74]
    assert number > 3


NO_FAILURES = {
    "a write that takes only half": ("write", "fall short", 0),
    "a write that would block": ("write", "fail", errno.EAGAIN),
    "a read that would block": ("read", "fail", errno.EAGAIN),
    "an interrupted write": ("write", "fail", errno.EINTR),
    "an interrupted read": ("read", "fail", errno.EINTR),
    "an interrupted open": ("open", "fail", errno.EINTR),
    "an interrupted fsync": ("fsync", "fail", errno.EINTR),
}


@pytest.mark.parametrize(("call", "action", "error"), NO_FAILURES.values(), ids=NO_FAILURES)
@pytest.mark.parametrize("way", [WAYS["to standard output"], WAYS["over an old file"]], ids=["stdout", "file"])
def test_a_call_that_is_made_again(
    machine: Machine, way: Way, call: str, action: str, error: int, tmp_path: Path
) -> None:
    whole = whole_output(machine, tmp_path / "whole", way)
    for number in count(1):
        folder = tmp_path / str(number)
        ended = machine.run(folder, prepared(folder, way), strike=Strike(call, number, action, error))
        check(ended, machine, folder, way, whole)
        assert ended.codes == [0]
        if ended.counted < number:
            break
    assert number > 2


def check(ended: Ended, machine: Machine, folder: Path, way: Way, whole: bytes) -> None:
    """Check all that is promised of a run to which anything may have happened, but which was not killed."""
    (code,), (told,) = ended.codes, ended.told
    assert code in {0, 66, 73, 74}
    assert "internal error" not in told
    assert "Traceback" not in told
    if way.target is None:
        arrived, mark, _ = machine.stdout.read_bytes().partition(b"\x18hh-abort ")
        if way.holds_back:
            assert set(arrived.split(b"\n")[:-1]) <= set(whole.splitlines())
        else:
            assert whole.startswith(arrived)
        assert code != 0 or arrived == whole
        assert not mark or (code != 0 and arrived.endswith(b"\n") == bool(arrived))
        written = arrived.count(b"\n")
    else:
        assert machine.stdout.read_bytes() == b""
        target = folder / way.target
        there = target.read_bytes() if target.exists() else None
        is_old = there == (OLD if way.is_there else None)
        assert code != 0 if is_old else there is not None and way.unpack(there) == whole
        written = 0 if is_old else ROWS
        assert is_old or "is left as it was" not in told
        assert not is_old or "is complete all the same" not in told
    report = folder / "report"
    if report.exists():
        tally = json.loads(report.read_bytes())
        assert tally["read"] == tally["used"] + sum(tally["dropped"].values()) + sum(tally["bad"].values())
        assert tally["read"] == sum(given["records"] for given in tally["inputs"])
        assert tally["written"] == written
        assert tally["exit"] == code or (tally["exit"] == 0 and "--report: " in told)
    if code == 0:
        assert tally["read"] == 8
        assert [entry["raw"] for entry in rows((folder / "bad").read_bytes())] == ["7"]
