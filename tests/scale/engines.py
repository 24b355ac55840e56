"""Who makes shards, and the processes in which that happens."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.shell import BIN, ENVIRONMENT

ENGINES = {"local": ["-j2"]}
"""The options of hh-run that choose who makes shards."""

PATIENCE = 60  # seconds


class Running:
    """A run of hh-run in a session of its own, and all processes that belong to it."""

    def __init__(self, argv: list[str | Path], folder: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [BIN / "hh-run", *map(str, argv)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**ENVIRONMENT, **environment},
            start_new_session=True,
        )

    def end(self) -> tuple[int, str]:
        """Wait until it ends, and give its exit code and what it told."""
        _, told = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, told.decode()

    def is_over(self) -> bool:
        """Tell whether none of its processes but the driver is left."""
        return not self.others()

    def others(self) -> list[int]:
        """Name the living processes of its session, but the driver."""
        return [pid for pid in _processes() if pid != self.process.pid and _session_of(pid) == self.process.pid]


@contextmanager
def running(argv: list[str | Path], folder: Path, **environment: str) -> Iterator[Running]:
    """Run hh-run in the background; none of its processes is left behind, whatever the test does."""
    run = Running(argv, folder, environment)
    try:
        yield run
    finally:
        for pid in [*run.others(), run.process.pid]:
            with suppress(ProcessLookupError):
                if run.process.returncode is None or pid != run.process.pid:
                    os.kill(pid, signal.SIGKILL)
        run.process.communicate()


def wait_for(what: Callable[[], object], run: Running | None = None) -> None:
    """Wait until something is true; fail when it never is, or the run ends before."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert run is None or run.process.poll() is None, run and run.end()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def readers_of(path: Path) -> list[int]:
    """Name the processes that have a file open."""
    return [pid for pid in _processes() if str(path) in _open_files(pid)]


def is_idle(folder: Path) -> bool:
    """Tell whether no process has this for its working folder."""
    for pid in _processes():
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/cwd") == str(folder):
                return False
    return True


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _state_of(int(name)) not in "ZX"]


def _open_files(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                found.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return found


def _fields_of(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return ["X", "0", "0", "0"]


def _state_of(pid: int) -> str:
    return _fields_of(pid)[0]


def _session_of(pid: int) -> int:
    return int(_fields_of(pid)[3])
