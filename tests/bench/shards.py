"""What hh-run costs beside its records: runs over many empty shards, and the same again, when nothing is left to do.

Run by `make bench-shards`, on Linux.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.jobs import BIN
from tests.bench.workers import Driven, run_driver

FOLDER = Path(__file__).parents[2] / "build" / "bench" / "shards"
COUNTS = [1_000, 10_000, 100_000]


def main() -> None:
    """Make shards, run over them twice with each engine, and print a table."""
    options = _options()
    print("| engine | shards | run | seconds | ms a shard | s of CPU | driver, MiB | a worker, MiB |")
    print("|---|--:|---|--:|--:|--:|--:|--:|", flush=True)
    for count in options.shards:
        folder = options.folder / str(count)
        make_empty(folder / "in", count)
        for engine in options.engine:
            shutil.rmtree(folder / "out", ignore_errors=True)
            for run in ("first", "again"):
                cost = run_over(folder, "--engine", engine, "-j", str(options.processes))
                if len(list((folder / "out").glob("*.jsonl"))) != count:
                    sys.exit("not all shards are there")
                print(_row(engine, count, run, cost), flush=True)
        shutil.rmtree(folder)


def make_empty(folder: Path, count: int) -> None:
    """Make a folder with so many empty shards, and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number:07}.jsonl").touch()


def run_over(folder: Path, *options: str) -> Driven:
    """Run hh-run over the shards in folder/in, into folder/out."""
    return run_driver([BIN / "hh-run", "hh-parse", folder / "in" / "*.jsonl", "-O", folder / "out", *options])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, nargs="+", default=COUNTS, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--engine", nargs="+", default=["local"], metavar="ENGINE", help="local, ray (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="workers (%(default)s)")
    parser.add_argument("--folder", type=Path, default=FOLDER, metavar="DIR", help="a disk or a tmpfs (%(default)s)")
    return parser.parse_args()


def _row(engine: str, count: int, run: str, cost: Driven) -> str:
    each = 1000 * cost.wall / count
    times = f"{cost.wall:.1f} | {each:.2f} | {cost.cpu:.1f}"
    return f"| {engine} | {count:,} | {run} | {times} | {cost.driver:.0f} | {cost.worker:.0f} |"


if __name__ == "__main__":
    main()
