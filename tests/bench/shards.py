"""What hh-run costs beside its records: runs over many empty shards, and the same again, when nothing is left to do.

Run by `make bench-shards`. Needs Linux: the peak memory of driver and workers is read from /proc while they run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.jobs import BIN
from tests.bench.measure import ENVIRONMENT

FOLDER = Path(__file__).parents[2] / "build" / "bench" / "shards"
COUNTS = [1_000, 10_000, 100_000]
_EVERY = 0.02  # seconds


class Cost(NamedTuple):
    """What a run took: seconds of wall time and of CPU, all processes together, and peaks of memory in MiB."""

    wall: float
    cpu: float
    driver: float
    worker: float


def main() -> None:
    """Make shards, run over them twice with each engine, and print a table."""
    options = _options()
    print("| engine | shards | run | seconds | ms a shard | s of CPU | driver, MiB | a worker, MiB |")
    print("|---|--:|---|--:|--:|--:|--:|--:|", flush=True)
    for count in options.shards:
        folder = options.folder / str(count)
        _make(folder / "in", count)
        for engine in options.engine:
            shutil.rmtree(folder / "out", ignore_errors=True)
            for run in ("first", "again"):
                cost = measure(folder, count, "--engine", engine, "-j", str(options.processes), *options.more)
                print(_row(engine, count, run, cost), flush=True)
        shutil.rmtree(folder)


def measure(folder: Path, count: int, *options: str) -> Cost:
    """Run hh-run over the shards of a folder, and see that all are complete.

    Raises:
        SystemExit: when it fails; it has told why on standard error.
    """
    command: list[str | Path] = [BIN / "hh-run", "hh-parse", folder / "in" / "*.jsonl", "-O", folder / "out", *options]
    began = time.perf_counter()
    driver = subprocess.Popen(command, env=ENVIRONMENT)
    peaks: dict[int, float] = {}
    while True:
        done, status, usage = os.wait4(driver.pid, os.WNOHANG)
        if done:
            break
        for process in (driver.pid, *_children(driver.pid)):
            peaks[process] = max(_peak(process), peaks.get(process, 0))
        time.sleep(_EVERY)
    wall = time.perf_counter() - began
    driver.returncode = os.waitstatus_to_exitcode(status)
    if driver.returncode or len(list((folder / "out").glob("*.jsonl"))) != count:
        sys.exit(f"{' '.join(map(str, command))}: exit code {driver.returncode}, or not all shards are there")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peaks.pop(driver.pid), max(peaks.values(), default=0))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, nargs="+", default=COUNTS, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--engine", nargs="+", default=["local"], metavar="ENGINE", help="local, ray (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="workers (%(default)s)")
    parser.add_argument("--folder", type=Path, default=FOLDER, metavar="DIR", help="a disk or a tmpfs (%(default)s)")
    parser.add_argument("--more", nargs=argparse.REMAINDER, default=[], help="further options of hh-run")
    return parser.parse_args()


def _make(folder: Path, count: int) -> None:
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number:07}.jsonl").touch()


def _children(process: int) -> Iterator[int]:
    try:
        yield from map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())
    except OSError:
        return


def _peak(process: int) -> float:
    # Not ru_maxrss, which a process inherits from the one that has started it.
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0)


def _row(engine: str, count: int, run: str, cost: Cost) -> str:
    each = 1000 * cost.wall / count
    times = f"{cost.wall:.1f} | {each:.2f} | {cost.cpu:.1f}"
    return f"| {engine} | {count:,} | {run} | {times} | {cost.driver:.0f} | {cost.worker:.0f} |"


if __name__ == "__main__":
    main()
