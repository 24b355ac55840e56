"""Which shards are complete already, as their reports say."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any

import orjson

import hhtools
from hhtools.scale.folder import Folder
from hhtools.scale.prepare import Prepared
from hhtools.scale.shards import Shard
from hhtools.scale.work import Made, report_name
from hhtools.stream.names import source_of

_AT_ONCE = 16
_BATCH = 1024


def complete_among(shards: Sequence[Shard], run: Prepared) -> Iterator[tuple[Shard, Made]]:
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


def may_all_be_complete(run: Prepared) -> bool:
    """Tell whether all shards, of other slices too, have an output and a report, before any of these is read."""
    return all(_has_both(shard, run.sizes) for shard in run.shards)


def forget(shards: Sequence[Shard], run: Prepared) -> None:
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


def _report_of(folder: Folder, shard: Shard) -> Made | None:
    content = folder.read(report_name(shard.name))
    try:
        report: Any = orjson.loads(content or b"null")
    except orjson.JSONDecodeError:
        return None
    return report if isinstance(report, dict) else None


def _tells_of(report: Made, shard: Shard, run: Prepared) -> bool:
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
