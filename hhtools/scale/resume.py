"""Which shards are complete already, as their reports say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any

import orjson

import hhtools
from hhtools.scale.folder import Folder
from hhtools.scale.plan import Plan
from hhtools.scale.shards import OWN_FOLDER, Shard
from hhtools.scale.work import Made, report_name
from hhtools.stream.exits import Exit, Fault

_AT_ONCE = 16
_BATCH = 1024


def complete_among(
    shards: Sequence[Shard], folder: Folder, sizes: Mapping[str, int], plan: Plan
) -> Iterator[tuple[Shard, Made]]:
    """Give those of the shards that are complete, each with its report.

    A report counts when it is of this plan, this version of hhtools and this version of the input, and the output has
    the size that it tells; with bad records, also when these may be, and lie where they are wanted. ``sizes`` are those
    of all files in the folder.

    Raises:
        Fault: when a report that is there cannot be read.
    """
    candidates = iter([shard for shard in shards if shard.name in sizes and report_name(shard.name) in sizes])
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        while batch := list(islice(candidates, _BATCH)):
            for shard, report in zip(batch, readers.map(partial(_report_of, folder), batch), strict=True):
                if report is not None and _tells_of(report, shard, sizes[shard.name], plan):
                    yield shard, report


def refuse_strangers(shards: Sequence[Shard], sizes: Mapping[str, int], output_dir: str) -> None:
    """Make sure that a folder has no outputs of shards that are none any more: they would pass for new ones.

    Raises:
        Fault: 73.
    """
    reports = f"{OWN_FOLDER}/reports/"
    names = {shard.name for shard in shards}
    for file in sizes:
        name = file.removeprefix(reports).removesuffix(".json")
        if file.startswith(reports) and file.endswith(".json") and name not in names and name in sizes:
            told = f"{output_dir}: has a {name} of an earlier run, and no input becomes that now"
            raise Fault(Exit.NO_OUTPUT, f"{told}; name all inputs again, remove it, or give -O another folder")


def _report_of(folder: Folder, shard: Shard) -> Made | None:
    content = folder.read(report_name(shard.name))
    try:
        report: Any = orjson.loads(content or b"null")
    except orjson.JSONDecodeError:
        return None
    return report if isinstance(report, dict) else None


def _tells_of(report: Made, shard: Shard, size: int, plan: Plan) -> bool:
    if shard.version is None or report.get("input_version") != shard.version:
        return False
    if (report.get("plan"), report.get("version"), report.get("bytes")) != (plan.digest, hhtools.__version__, size):
        return False
    return not report.get("bad") or (plan.goes_on and plan.bad_dir in (None, report.get("bad_dir")))
