"""Measure the speed and the memory of hhtools beside other programs for the same job, and print Markdown tables.

Run by `make bench`, which installs hhtools and requirements.txt first.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from textwrap import fill

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import corpus, jobs, sharded
from tests.bench.measure import Cost, Pipe, median_wall, paired_rounds, run, without
from tests.bench.table import memory_table, speed_table

FOLDER = Path(__file__).parents[2] / "build" / "bench"
LITTLE, MUCH = 10_000_000, 1_000_000_000
START_UP_ROUNDS = 15


def main() -> None:
    """Make the corpus, check that all do the same job, measure, and print."""
    options = _options()
    folder = FOLDER if options.rows == corpus.ROWS else FOLDER / f"rows-{options.rows}"
    _tell("the corpus")
    files = corpus.make(folder, options.rows)
    _tell("the same rows from everyone")
    jobs.check(files.small, folder / "made.jsonl")
    costs = paired_rounds(_jobs(files), options.rounds) | paired_rounds(jobs.start_up(), START_UP_ROUNDS)
    costs[jobs.RUN_WORK] = without(costs[jobs.RUN], costs[jobs.RUN_START])
    shards = sharded.measure(files.pairs, folder / "sharded", options.rounds)
    peaks = dict(_peaks(files, folder))
    print(_circumstances(files, options), "", *speed_table(costs), "", sep="\n")
    print(*_throughput(files, options.rows, costs), "", *memory_table(peaks), sep="\n")
    print("", *sharded.lines_of(*shards), sep="\n")
    if not shutil.which("jq"):
        print("\njq is not installed: its row is left out.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=corpus.ROWS, metavar="N", help="pairs in the corpus (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="paired rounds (%(default)s)")
    return parser.parse_args()


def _jobs(files: corpus.Corpus) -> dict[str, Pipe]:
    return {
        jobs.COPY: jobs.copy(files.pairs),
        jobs.FUSED: jobs.fused(files.pairs),
        jobs.PIPED: jobs.piped(files.pairs),
        jobs.RUN: jobs.fused_by_hh_run(files.pairs),
        jobs.PACKED: jobs.fused(files.pairs_gz),
        **jobs.peers(files.pairs),
    }


def _peaks(files: corpus.Corpus, folder: Path) -> Iterator[tuple[str, tuple[float, float]]]:
    parsed = folder / "parsed.jsonl"
    run([[jobs.BIN / "hh-parse", files.pairs]], parsed)
    inputs = {
        "hh-parse": files.pairs,
        "hh-filter-singleturn": parsed,
        "hh-unpack-kto": parsed,
        "hh-to-regression": files.steerlm,
    }
    for command, path in inputs.items():
        _tell(f"the memory of {command}")
        yield command, (_peak(command, path, LITTLE), _peak(command, path, MUCH))


def _peak(command: str, path: Path, size: int) -> float:
    return run([jobs.feed(path, size), [jobs.BIN / command]]).peaks[-1]


def _circumstances(files: corpus.Corpus, options: argparse.Namespace) -> str:
    megabytes = files.pairs.stat().st_size / 1e6
    return fill(
        f"Measured on {datetime.now(timezone.utc).date()}, {os.cpu_count()} cores of {_processor()}, "
        f"{platform.python_implementation()} {platform.python_version()}, {_versions()}: {options.rows:,} generated "
        f"pairs, {megabytes:.0f} MB, output to /dev/null, median of {options.rounds} paired rounds "
        f"({START_UP_ROUNDS} for `--help`).",
        width=120,
        break_on_hyphens=False,
    )


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.machine()


def _versions() -> str:
    versions = [f"{package} {version(package)}" for package in ("orjson", "polars", "datasets")]
    if shutil.which("jq"):
        versions.append(subprocess.run(["jq", "--version"], capture_output=True, text=True, check=True).stdout.strip())
    return ", ".join(versions)


def _throughput(files: corpus.Corpus, rows: int, costs: Mapping[str, Sequence[Cost]]) -> Iterator[str]:
    megabytes = files.pairs.stat().st_size / 1e6
    for name in (jobs.PIPED, jobs.FUSED):
        wall = median_wall(costs[name])
        yield f"- {name}: {rows / wall:,.0f} pairs/s, {megabytes / wall:.0f} MB/s of input (wall time)"
    peaks = [
        f"{name} {max(max(cost.peaks) for cost in costs[name]):.0f}" for name in (jobs.FUSED, *jobs.peers(files.pairs))
    ]
    yield f"- peak memory on the whole corpus, MiB: {', '.join(peaks)}"


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
