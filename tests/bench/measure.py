"""What whole processes cost: CPU and wall time, peak memory, and ratios between programs that were run in turns."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.bench import launch

Command = Sequence[str | Path]
Pipe = Sequence[Command]

_LAUNCH = (sys.executable, "-I", "-S", launch.__file__)
_RSS_UNITS_IN_MIB = 1 << 20 if sys.platform == "darwin" else 1 << 10
# PYTHONDONTWRITEBYTECODE would have modules compiled anew in every run, PYTHONUNBUFFERED slows the peers' writes, and
# HH_... changes what the commands write.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HH_"))}


class Cost(NamedTuple):
    """What a pipe took: seconds of CPU of all its programs, seconds of wall time, and the peak MiB of each program."""

    cpu: float
    wall: float
    peaks: tuple[float, ...]


def run(pipe: Pipe, output: Path | str = os.devnull) -> Cost:
    """Run the programs of a pipe to their end.

    Raises:
        SystemExit: when one of them fails; it has told why on standard error.
    """
    words = [*pipe[0], *chain.from_iterable((launch.PIPE, *command) for command in pipe[1:])]
    done = subprocess.run([*_LAUNCH, output, *words], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, check=True)
    wall, *processes = done.stdout.splitlines()
    codes, cpu, peaks = zip(*(map(float, process.split()) for process in processes), strict=True)
    for command, code in zip(pipe, codes, strict=True):
        if code:
            sys.exit(f"{' '.join(map(str, command[:4]))}: exit code {code:.0f}")
    return Cost(sum(cpu), float(wall), tuple(peak / _RSS_UNITS_IN_MIB for peak in peaks))


def paired_rounds(pipes: Mapping[str, Pipe], rounds: int) -> dict[str, list[Cost]]:
    """Run all pipes in turns, so many times: what slows the machine for a while then slows all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in pipes}
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}: {', '.join(pipes)}", file=sys.stderr, flush=True)
        for name, pipe in pipes.items():
            costs[name].append(run(pipe))
    return costs


def ratios(costs: Sequence[Cost], base: Sequence[Cost]) -> list[float]:
    """Give the ratio of CPU times in each round."""
    return [cost.cpu / base_cost.cpu for cost, base_cost in zip(costs, base, strict=True)]


def median_wall(costs: Sequence[Cost]) -> float:
    """Give the median wall time."""
    return median(cost.wall for cost in costs)
