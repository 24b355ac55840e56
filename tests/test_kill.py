"""``kill -9`` just before and just behind every call to the kernel: what a file is can change at no other moment."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path

import pytest

from tests.faults.machine import Machine, Strike
from tests.faults.ways import OLD, WAYS, Way, prepared, whole_output
from tests.shell import SAMPLE

MOMENTS = ["kill before", "kill after"]
KILLED = -9
INTO_FILES = {name: way for name, way in WAYS.items() if way.target}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("way", INTO_FILES.values(), ids=INTO_FILES)
def test_a_file_is_the_old_or_the_new_one(machine: Machine, way: Way, moment: str, tmp_path: Path) -> None:
    """And the next run removes what the killed one has left."""
    whole = whole_output(machine, tmp_path / "whole", way)
    found: list[str] = []
    left: list[Path] = []
    for number in count(1):
        folder = tmp_path / str(number)
        command_line = prepared(folder, way)
        ended = machine.run(folder, command_line, strike=Strike("any", number, moment))
        if ended.counted < number:
            break
        assert ended.codes == [KILLED]
        target, report = folder / str(way.target), folder / "report"
        there = target.read_bytes() if target.exists() else None
        found.append("old" if there == (OLD if way.is_there else None) else "new")
        assert found[-1] == "old" or (there is not None and way.unpack(there) == whole)
        if report.exists():
            assert json.loads(report.read_bytes())["exit"] == 0

        left += folder.glob(".*.tmp")
        again = [word for word in command_line if word != "--no-clobber"]
        assert machine.run(folder, again).codes == [0]
        assert way.unpack(target.read_bytes()) == whole
        assert not list(folder.glob(".*"))
    assert ended.codes == [0]
    assert found == ["old"] * found.count("old") + ["new"] * found.count("new")
    assert {"old", "new"} == set(found)
    assert left


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("stage", [0, 1], ids=["the first", "the one in the middle"])
def test_a_checked_pipe_hears_it(machine: Machine, stage: int, moment: str, tmp_path: Path) -> None:
    """From the very start, and until the last word of the command is written."""
    names = ["a.jsonl.gz", "b.jsonl.gz"]
    for name in names:
        shutil.copy(SAMPLE, tmp_path / name)
    pipe = ["hh-parse", *names], ["hh-filter-singleturn"], ["hh-unpack-kto", "-o", "out"]
    out = tmp_path / "out"
    assert machine.run(tmp_path, *pipe, HH_CHECKED="1").codes == [0, 0, 0]
    whole = out.read_bytes()
    last_codes = []
    for number in count(0):
        out.unlink(missing_ok=True)
        ended = machine.run(tmp_path, *pipe, strike=Strike("any", number, moment, stage=stage), HH_CHECKED="1")
        if ended.counted < number:
            break
        assert ended.codes[stage] == KILLED
        last_codes.append(ended.codes[-1])
        if ended.codes[-1] == 0:  # all was said before
            assert out.read_bytes() == whole
        else:
            assert "hh-unpack-kto: stdin" in ended.told[-1]
            assert not out.exists()
    assert last_codes[:4] == [74] * 4
