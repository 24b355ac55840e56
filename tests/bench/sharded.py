"""hh-run over the shards of the corpus: two workers beside one, memory, and what a shard costs beside its records."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.bench.jobs import BIN, PIPE_TEXT
from tests.bench.shards import make_empty, run_over
from tests.bench.table import verdict
from tests.bench.workers import Driven, run_driver

SHARDS = 8
EMPTY_SHARDS = 1_000
SPEED_UP = 1.8


def measure(pairs: Path, folder: Path, rounds: int) -> tuple[dict[int, list[Driven]], float]:
    """Run over the corpus in shards, with one worker and with two in turns; and over empty shards.

    Gives the costs by the number of workers, and the milliseconds that an empty shard takes one worker.
    """
    shutil.rmtree(folder, ignore_errors=True)
    _part(pairs, folder / "in")
    costs: dict[int, list[Driven]] = {1: [], 2: []}
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}: hh-run -O with one worker and with two", file=sys.stderr, flush=True)
        for workers, taken in costs.items():
            shutil.rmtree(folder / "out", ignore_errors=True)
            shards = folder / "in" / "*.jsonl"
            taken.append(run_driver([BIN / "hh-run", PIPE_TEXT, shards, "-O", folder / "out", "-j", str(workers)]))
    shutil.rmtree(folder)
    make_empty(folder / "in", EMPTY_SHARDS)
    overhead = 1000 * run_over(folder, "-j", "1").wall / EMPTY_SHARDS
    shutil.rmtree(folder)
    return costs, overhead


def lines_of(costs: Mapping[int, Sequence[Driven]], overhead: float) -> Iterator[str]:
    """Tell in Markdown what was measured."""
    ratios = [one.wall / two.wall for one, two in zip(costs[1], costs[2], strict=True)]
    ratio = round(median(ratios), 2)
    what = f"`hh-run -O` over {SHARDS} shards, `-j 1` / `-j 2`"
    told = verdict(ratio >= SPEED_UP) if (os.cpu_count() or 1) > 1 else "one core only"
    yield "| wall time | ratio | lowest to highest | target | |"
    yield "|---|--:|--:|--:|---|"
    yield f"| {what} | {ratio:.2f} | {min(ratios):.2f} to {max(ratios):.2f} | at least {SPEED_UP:g} | {told} |"
    driver, worker = (max(getattr(cost, who) for cost in costs[2]) for who in ("driver", "worker"))
    yield ""
    yield f"- peak memory of `hh-run -O -j 2`, MiB: driver {driver:.0f}, each worker at most {worker:.0f}"
    yield f"- a shard of no records: {overhead:.1f} ms of one worker, files brought to the disk, start-up included"


def _part(pairs: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    size = pairs.stat().st_size // SHARDS
    with pairs.open("rb") as lines:
        for number in range(SHARDS):
            last = number == SHARDS - 1
            (folder / f"{number}.jsonl").write_bytes(b"".join(lines.readlines() if last else lines.readlines(size)))
