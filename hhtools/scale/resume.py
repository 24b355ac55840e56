"""Which shards are complete already, as their reports say."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any

import orjson

import hhtools
from hhtools.scale.folder import Folder
from hhtools.scale.shards import OWN_FOLDER, Shard
from hhtools.scale.work import Made, report_name
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.names import source_of

_AT_ONCE = 16
_BATCH = 1024


def complete_among(
    shards: Sequence[Shard], folder: Folder, sizes: Mapping[str, int], digest: str
) -> Iterator[tuple[Shard, Made]]:
    """Give those of the shards that are complete, each with its report.

    A report counts when it is of this plan, this version of hhtools and this version of the input, and the output has
    the size that it tells. ``sizes`` are those of all files in the folder.

    Raises:
        Fault: when a report that is there cannot be read.
    """
    candidates = iter([shard for shard in shards if shard.name in sizes and report_name(shard.name) in sizes])
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        while batch := list(islice(candidates, _BATCH)):
            for shard, report in zip(batch, readers.map(partial(_report_of, folder), batch), strict=True):
                if report is not None and _tells_of(report, shard, sizes[shard.name], digest):
                    yield shard, report


def forget(shards: Sequence[Shard], folder: Folder, sizes: Mapping[str, int]) -> None:
    """Remove the reports of shards that are to be made again.

    Whatever happens to the run, and whatever the inputs are later on, none of them passes for complete.

    Raises:
        Fault: when one cannot be removed.
    """
    reports = [name for shard in shards if (name := report_name(shard.name)) in sizes]
    with ThreadPoolExecutor(_AT_ONCE) as removers:
        deque(removers.map(folder.remove, reports), maxlen=0)


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


def _tells_of(report: Made, shard: Shard, size: int, digest: str) -> bool:
    read = report.get("input")
    return (
        shard.version is not None
        and isinstance(read, dict)
        and (read.get("version"), read.get("source")) == (shard.version, source_of(shard.path))
        and (report.get("plan"), report.get("version"), report.get("bytes")) == (digest, hhtools.__version__, size)
    )
