"""What a driver with workers costs: the time of all its processes, and the peak memory of each.

Needs Linux: the peaks are read from /proc while it runs. The kernel's ru_maxrss is of no use here, as a worker inherits
that of the driver which has started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.measure import ENVIRONMENT

_EVERY = 0.02  # seconds


class Driven(NamedTuple):
    """Seconds of wall time, and of CPU of all processes; peak MiB of the driver and of the largest worker."""

    wall: float
    cpu: float
    driver: float
    worker: float


def run_driver(command: Sequence[str | Path]) -> Driven:
    """Run a program that starts others to its end.

    Raises:
        SystemExit: when it fails; it has told why on standard error.
    """
    began = time.perf_counter()
    driver = subprocess.Popen(command, env=ENVIRONMENT)
    peaks: dict[int, float] = {}
    while True:
        ended, status, usage = os.wait4(driver.pid, os.WNOHANG)
        if ended:
            break
        for process in (driver.pid, *_children(driver.pid)):
            peaks[process] = max(_peak(process), peaks.get(process, 0))
        time.sleep(_EVERY)
    wall = time.perf_counter() - began
    driver.returncode = os.waitstatus_to_exitcode(status)
    if driver.returncode:
        sys.exit(f"{' '.join(map(str, command[:4]))}: exit code {driver.returncode}")
    return Driven(wall, usage.ru_utime + usage.ru_stime, peaks.pop(driver.pid), max(peaks.values(), default=0))


def _children(process: int) -> Iterator[int]:
    try:
        yield from map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())
    except OSError:
        return


def _peak(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0)
