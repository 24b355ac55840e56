"""What the engines are given to do in tests: functions that a worker can import."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.new_file import new_file


class Shard(NamedTuple):
    """A file to be written in a folder, and how many of the attempts at it are to die."""

    folder: str
    name: str
    deaths: int = 0


def square(number: int) -> int:
    """Give the square of a number."""
    return number * number


def write_shard(shard: Shard) -> str:
    """Write half a file, wait until the test says go, and write the rest; the pid of each attempt is put on record."""
    folder = Path(shard.folder)
    file = new_file(str(folder / shard.name), clobber=True)
    assert file
    try:
        file.write(b"one\n")
        with (folder / f"{shard.name}.pids").open("a") as pids:
            pids.write(f"{os.getpid()}\n")
        if len(pids_of(shard)) <= shard.deaths:
            os.kill(os.getpid(), signal.SIGKILL)
        while not (folder / f"{shard.name}.go").exists():
            time.sleep(0.01)
        file.write(b"two\n")
        file.sync()
        file.commit()
    finally:
        time.sleep(0.1)  # to remove a file can take a while
        file.close()
    return shard.name


def write_unheeding(shard: Shard) -> str:
    """Write a shard, and heed no signal but SIGKILL."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return write_shard(shard)


def let_go(shard: Shard) -> None:
    """Say go."""
    (Path(shard.folder) / f"{shard.name}.go").touch()


def pids_of(shard: Shard) -> list[int]:
    """Give the process of each attempt that has begun."""
    try:
        return [int(pid) for pid in (Path(shard.folder) / f"{shard.name}.pids").read_text().split()]
    except FileNotFoundError:
        return []


def left_in(folder: Path) -> list[str]:
    """Name what is in a folder of shards, apart from the test's own marks."""
    return sorted(path.name for path in folder.iterdir() if path.suffix not in {".go", ".pids"})


def soon(is_so: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until something is so; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and waits for its parent to see it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def processes_in(session: int) -> list[int]:
    """Give the processes of a session that run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if os.getsid(int(entry.name)) == session and is_alive(int(entry.name)):
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return found


def pid_after(seconds: float) -> int:
    """Give the pid of the worker, a moment later."""
    time.sleep(seconds)
    return os.getpid()


def exit_with(code: int) -> None:
    """End the worker without a word."""
    os._exit(code)


def divide(number: int) -> float:
    """Divide 1 by a number."""
    return 1 / number


def find_fault(message: str) -> None:
    """Raise an error that pickle does not carry."""
    raise Fault(Exit.IO, message)


def make_function(_task: str) -> Callable[[], None]:
    """Give a result that pickle does not carry."""
    return lambda: None


def look_around(name: str) -> tuple[str, str | None]:
    """Give all that standard input holds, and a variable of the environment; and print something."""
    print("printed in a worker", flush=True)
    return sys.stdin.read() + os.read(0, 10).decode(), os.environ.get(name)
