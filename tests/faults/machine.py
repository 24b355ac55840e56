"""A machine on which calls to the kernel fail, as late and as often as a test wants."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.shell import ENVIRONMENT

HERE = Path(__file__).parent


class Strike(NamedTuple):
    """What happens to a stage of a pipe at the call of a kind with this number, or before the first if that is 0.

    A kind is one of those that calls.c watches, or "any" of them.
    """

    call: str
    number: int
    action: str
    error: int = 0
    stage: int = 0


class Ended(NamedTuple):
    """How a pipe ended: the exit code of each stage (negative: a signal), what each told, how many calls counted."""

    codes: list[int]
    told: list[str]
    counted: int


class Machine:
    """Runs pipes of commands in a folder."""

    def __init__(self, server: subprocess.Popen[str], place: Path) -> None:
        self._server = server
        self._told = place / "told"
        self.stdout = place / "stdout"

    def run(
        self,
        folder: Path,
        *stages: list[str],
        strike: Strike | None = None,
        stdin: str = "/dev/null",
        **environment: str,
    ) -> Ended:
        """Run a pipe; what the last of its commands writes is in the file ``stdout``."""
        self.stdout.unlink(missing_ok=True)
        self.stdout.touch()
        request = {
            "stages": stages,
            "strike": strike and strike._asdict(),
            "folder": str(folder),
            "stdin": stdin,
            "stdout": str(self.stdout),
            "told": str(self._told),
            "environment": environment,
        }
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        answer = json.loads(self._server.stdout.readline())
        told = [Path(f"{self._told}.{number}").read_text() for number in range(len(stages))]
        return Ended(answer["codes"], told, answer["counted"])


@contextmanager
def machine_in(place: Path) -> Iterator[Machine]:
    """Start a machine that keeps its own files in a folder; skips the test where it cannot be built."""
    compiler = shutil.which("cc")
    if not compiler or sys.platform != "linux":
        pytest.skip("what lets calls fail is compiled with cc, for Linux")
    library = place / "calls.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "calls.c", "-ldl"], check=True)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE.parents[1],
        env={**ENVIRONMENT, "LD_PRELOAD": str(library)},
    ) as server:
        yield Machine(server, place)
        assert server.stdin
        server.stdin.close()
