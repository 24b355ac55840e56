"""The Ray engine: tasks on all machines of a Ray cluster, or on a Ray of this machine that ends with the run."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import hhtools
from hhtools.scale.engines import Attempt, Attempts, Result, Task, WorkerDied, packed, result_of
from hhtools.scale.ray_cluster import first_line, join, ray_for
from hhtools.stream.exits import Exit, Fault

_GRACE = 5.0  # seconds that tasks have to end and to remove what they have half written
_LOOK = 5.0  # seconds between two looks at how large the cluster is

_DEATHS = {
    "OutOfMemoryError": "its node ran out of memory",
    "WorkerCrashedError": "its worker died (out of memory?)",
    "NodeDiedError": "its node was lost",
    "ObjectLostError": "its node was lost, and its result with it",
}


def run_on_ray(
    work: Callable[[Task], Result], tasks: Iterable[Task], *, workers: int | None, address: str | None
) -> Generator[tuple[Task, Result | WorkerDied], None, None]:
    """Do tasks on a Ray cluster; give each task with its result as it is done, in any order.

    The cluster is the one at the address, or at RAY_ADDRESS; without either, a Ray of this machine is started, and
    ended at the end. At most so many tasks run or wait there at a time; without a number, twice as many as there are
    CPUs, which may become more. A task whose worker or node dies is tried again, three times in all; then WorkerDied is
    its result. When the iterator is closed, or an exception passes through it, the tasks under way are cancelled.

    Raises:
        Exception: whatever comes out of the work: it is expected to give its errors as results.
        Fault: 78 when Ray is not installed, or a node has another version of Python, Ray or hhtools; 75 when the
            cluster cannot be reached or breaks down; 77 when it does not let us in.
    """
    address = address or os.environ.get("RAY_ADDRESS")
    ray = ray_for(address)
    attempts = Attempts(tasks)
    pending: dict[Any, Attempt[Task]] = {}
    done: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
    with join(ray, workers, address):
        do = ray.remote(_doing(sys.version_info[:2], hhtools.__version__)).options(
            num_cpus=1, max_retries=0, scheduling_strategy="SPREAD"
        )
        window = _Window(ray, workers)
        try:
            while True:
                while len(pending) < window.size() and (attempt := attempts.take()):
                    reference = do.remote(packed(work, attempt.task))
                    pending[reference] = attempt
                    # Not ray.wait: an exception of a signal handler would get lost in it, and it looks at all of them.
                    reference.future().add_done_callback(partial(_note, done, reference))
                if not pending:
                    return
                reference, future = done.get()
                attempt = pending.pop(reference)
                if death := _death_in_words(ray, future.exception()):
                    if died := attempts.failed(attempt, death):
                        yield attempt.task, died
                else:
                    yield attempt.task, result_of(_checked(future.result()))
        finally:
            _cancel(ray, pending, done)


class _Window:
    """How many tasks may be at the cluster at a time."""

    def __init__(self, ray: Any, workers: int | None) -> None:
        self._ray = ray
        self._workers = workers
        self._size = workers or 0
        self._looked = -_LOOK

    def size(self) -> int:
        """Give it; more than there are CPUs, so that none is idle, and a cluster that can grow sees a reason to."""
        if not self._workers and time.monotonic() - self._looked >= _LOOK:
            self._size = 2 * max(1, int(self._ray.cluster_resources().get("CPU", 0)))
            self._looked = time.monotonic()
        return self._size


def _doing(python: tuple[int, int], version: str) -> Callable[[bytes], bytes | str]:
    # Sent as it is, and not by its name, so that it can tell a node what it lacks.
    def do(packed: bytes) -> bytes | str:
        import os
        import socket
        import sys

        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        where = f"the node {socket.gethostname()}"
        try:
            import hhtools
        except ImportError:
            return f"{where} has no hhtools: install {version} there"
        if hhtools.__version__ != version or sys.version_info[:2] != python:
            return (
                f"{where} has hhtools {hhtools.__version__} on Python {sys.version_info[0]}.{sys.version_info[1]}, and "
                f"here is {version} on Python {python[0]}.{python[1]}: install the same everywhere"
            )
        from hhtools.scale.engines import outcome_of

        return outcome_of(packed)

    return do


def _checked(outcome: bytes | str) -> bytes:
    if isinstance(outcome, str):
        raise Fault(Exit.MISSING_EXTRA, outcome)
    return outcome


def _note(done: SimpleQueue[tuple[Any, Any]], reference: Any, future: Any) -> None:
    done.put((reference, future))


def _death_in_words(ray: Any, error: BaseException | None) -> str | None:
    # None when there was none.
    names = [kind.__name__ for kind in type(error).__mro__]
    for name, words in _DEATHS.items():
        if name in names:
            return words
    if isinstance(error, ray.exceptions.RayError) and not isinstance(error, ray.exceptions.RayTaskError):
        raise Fault(Exit.NETWORK, f"the Ray cluster has broken down: {first_line(error)}") from None
    return None


def _cancel(ray: Any, pending: dict[Any, Any], done: SimpleQueue[tuple[Any, Any]]) -> None:
    deadline = time.monotonic() + _GRACE
    for reference in pending:
        ray.cancel(reference)
    with suppress(Empty):
        while pending:
            reference, _ = done.get(timeout=max(0, deadline - time.monotonic()))
            pending.pop(reference, None)
