"""Every call to the kernel fails in turn, once and from then on, until the run succeeds.

After SQLite's tests of I/O errors: a run that any one of its reads, writes, fsyncs, renames ... lets down still leaves
the old file or the whole new one, says what happened, and accounts for every record.
"""

from __future__ import annotations

import errno
import gzip
import json
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.archives import zstd, zstd_frame
from tests.dialogues import pair, user
from tests.faults.machine import Ended, Machine, Strike
from tests.shell import jsonl, rows

TIE = pair(user("a tie"), chosen="5")
INPUTS = {
    "a.jsonl": jsonl(pair(user("1")), TIE) + b"7\n" + jsonl(pair(user("2"))),
    "b.jsonl.gz": gzip.compress(jsonl(pair(user("3")), TIE)),
    "c.jsonl.zst": zstd_frame(jsonl(pair(user("4"))), jsonl(pair(user("5")))),
}
ROWS = 2 * 5
OLD = b"old\n"


class Way(NamedTuple):
    """A way to run the command.

    Its options, the file it writes, whether that is there before, how to unpack it, and whether rows are held back: a
    run that ends early gives them, too, but sooner.
    """

    options: list[str]
    target: str | None = None
    is_there: bool = True
    unpack: Callable[[bytes], bytes] = bytes
    holds_back: bool = False


WAYS = {
    "to standard output": Way([]),
    "to standard output, rows held back": Way(["--for", "trl"], holds_back=True),
    "over an old file": Way(["-o", "out"], "out"),
    "to a new file": Way(["-o", "out"], "out", is_there=False),
    "to a file that must be new": Way(["--no-clobber", "-o", "out"], "out", is_there=False),
    "over an old archive": Way(["-o", "out.gz"], "out.gz", unpack=gzip.decompress),
    "to a new archive": Way(["-o", "out.zst"], "out.zst", is_there=False, unpack=zstd.decompress),
}
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


def prepared(folder: Path, way: Way) -> list[str]:
    """Make a folder with the inputs and the old file; give the command line of the run."""
    folder.mkdir()
    for name, data in INPUTS.items():
        (folder / name).write_bytes(data)
    if way.target and way.is_there:
        (folder / way.target).write_bytes(OLD)
    return ["hh-unpack-kto", *way.options, "--bad", "bad", "--report", "report", *INPUTS]


def whole_output(machine: Machine, folder: Path, way: Way) -> bytes:
    """Give the rows of a run that nothing befalls."""
    ended = machine.run(folder, prepared(folder, way))
    assert ended.codes == [0]
    made = machine.stdout if way.target is None else folder / way.target
    output = way.unpack(made.read_bytes())
    assert len(rows(output)) == ROWS
    return output


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
