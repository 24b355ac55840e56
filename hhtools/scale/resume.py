"""Which shards are complete already, as their reports say."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any, Protocol

import orjson

import hhtools
from hhtools.scale.folder import Folder
from hhtools.scale.plan import Plan
from hhtools.scale.shards import OWN_FOLDER, Shard
from hhtools.scale.work import Made, report_name
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.names import source_of

_AT_ONCE = 16
_BATCH = 1024


class Run(Protocol):
    """What is looked at: the plan, its folder, and the sizes of the files in it and in the folder of bad records."""

    @property
    def plan(self) -> Plan:
        """The plan of the run."""

    @property
    def folder(self) -> Folder:
        """The folder of the outputs."""

    @property
    def bad_folder(self) -> Folder | None:
        """The folder of bad records."""

    @property
    def shards(self) -> Sequence[Shard]:
        """All shards, of other slices too."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """The sizes of all files in the folder of the outputs."""

    @property
    def bad_sizes(self) -> Mapping[str, int]:
        """The sizes of all files in the folder of bad records."""


def complete_among(shards: Sequence[Shard], run: Run) -> Iterator[tuple[Shard, Made]]:
    """Give those of the shards that are complete, each with its report.

    A report counts when it is of this plan, this version of hhtools and this version of the input, and the output has
    the size that it tells; with bad records, also when these may be, and lie where they are wanted.

    Raises:
        Fault: when a report that is there cannot be read.
    """
    candidates = iter([shard for shard in shards if _has_both(shard, run.sizes)])
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        while batch := list(islice(candidates, _BATCH)):
            for shard, report in zip(batch, readers.map(partial(_report_of, run.folder), batch), strict=True):
                if report is not None and _tells_of(report, shard, run):
                    yield shard, report


def may_all_be_complete(run: Run) -> bool:
    """Tell whether all shards, of other slices too, have an output and a report, before any of these is read."""
    return all(_has_both(shard, run.sizes) for shard in run.shards)


def forget(shards: Sequence[Shard], run: Run) -> None:
    """Remove the reports of shards that are to be made again, and the bad records that were set aside of them.

    Whatever happens to the run, and whatever the inputs are later on, none of them passes for complete.

    Raises:
        Fault: when one cannot be removed.
    """
    removals = [
        partial(folder.remove, name)
        for shard in shards
        for folder, name, sizes in (
            (run.folder, report_name(shard.name), run.sizes),
            (run.bad_folder, shard.name, run.bad_sizes),
        )
        if folder and name in sizes
    ]
    with ThreadPoolExecutor(_AT_ONCE) as removers:
        deque(removers.map(_call, removals), maxlen=0)


def refuse_strangers(shards: Sequence[Shard], sizes: Mapping[str, int], suffix: str, output_dir: str) -> None:
    """Make sure that a folder has no files which would pass for outputs, and are none: of shards that are gone, say.

    Raises:
        Fault: 73.
    """
    names = {shard.name for shard in shards}
    for file in sizes:
        if file.endswith(suffix) and file not in names and not file.startswith(f"{OWN_FOLDER}/"):
            told = f"{output_dir}: has a {file}, and no input becomes that now"
            raise Fault(Exit.NO_OUTPUT, f"{told}; name all inputs again, move it away, or give -O another folder")


def _report_of(folder: Folder, shard: Shard) -> Made | None:
    content = folder.read(report_name(shard.name))
    try:
        report: Any = orjson.loads(content or b"null")
    except orjson.JSONDecodeError:
        return None
    return report if isinstance(report, dict) else None


def _tells_of(report: Made, shard: Shard, run: Run) -> bool:
    plan = run.plan
    try:
        read, stages = report["input"], report["stages"]
        told = (report["plan"], report["version"], report["bytes"], read["version"], read["source"])
        commands = [stage["command"] for stage in stages]
        has_bad = any(stage["bad"] for stage in stages)
    except (KeyError, TypeError):
        return False
    wanted = (plan.digest, hhtools.__version__, run.sizes[shard.name], shard.version, source_of(shard.path))
    if shard.version is None or told != wanted or commands != [step.command for step in plan.pipeline.steps]:
        return False
    if not has_bad:
        return True
    kept = (report.get("bad_dir"), report.get("bad_bytes"))
    return plan.goes_on and (plan.bad_dir is None or kept == (plan.bad_dir, run.bad_sizes.get(shard.name)))


def _has_both(shard: Shard, sizes: Mapping[str, int]) -> bool:
    return shard.name in sizes and report_name(shard.name) in sizes


def _call(function: Callable[[], None]) -> None:
    function()
