"""Ways to run a command over a few inputs, for faults to strike at."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.archives import zstd, zstd_frame
from tests.dialogues import pair, user
from tests.faults.machine import Machine
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
