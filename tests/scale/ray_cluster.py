"""A Ray cluster of a head and some nodes on this machine, for tests: started and ended by pid."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.scale.works import processes_in, soon

ROOT = Path(__file__).parents[2]
RAY = Path(sys.executable).parent / "ray"


class Node:
    """The processes of a node of a cluster, which are a session."""

    def __init__(self, folder: Path, name: str, arguments: list[str], environment: Mapping[str, str]) -> None:
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [RAY, "start", "--block", "--disable-usage-stats", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )

    def end(self) -> None:
        """End all of it at once."""
        while pids := self.processes():
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._process.wait(timeout=10)

    def processes(self) -> list[int]:
        """Give the pids of what runs on the node."""
        return processes_in(self._process.pid)

    def raylet(self) -> int:
        """Give the pid of what makes it a node."""
        (pid,) = [pid for pid in self.processes() if Path(f"/proc/{pid}/comm").read_text() == "raylet\n"]
        return pid

    def has_started(self) -> bool:
        """Tell whether it is ready."""
        assert self._process.poll() is None, self._log.read_text()
        return "Ray runtime started." in self._log.read_text()


class Cluster:
    """A head, and nodes that do one task at a time each; without nodes, the head does."""

    def __init__(self, folder: Path, nodes: int, **environment: str) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
        }
        self._folder = folder
        self._started = {**self.environment, "PYTHONPATH": str(ROOT), **environment}
        head = [
            "--head",
            f"--port={port}",
            f"--num-cpus={0 if nodes else 1}",
            "--include-dashboard=false",
            f"--temp-dir={folder}",
        ]
        self.nodes = [Node(folder, "head", head, self._started)]

    def join(self, nodes: int) -> None:
        """Let nodes join, one after the other: two that start at once may take the same ports."""
        soon(self.nodes[0].has_started, 60)
        for number in range(nodes):
            arguments = [f"--address={self.address}", "--num-cpus=1"]
            self.nodes.append(Node(self._folder, f"node-{number}", arguments, self._started))
            soon(self.nodes[-1].has_started, 60)


@contextmanager
def cluster(nodes: int = 2, **environment: str) -> Iterator[Cluster]:
    """Give a cluster that runs until the end of the block; its processes have this environment besides their own."""
    folder = Path(tempfile.mkdtemp(prefix="hh-"))  # short: the names of its sockets have a limit
    started = Cluster(folder, nodes, **environment)
    try:
        started.join(nodes)
        yield started
    finally:
        for node in reversed(started.nodes):
            node.end()
        shutil.rmtree(folder, ignore_errors=True)
