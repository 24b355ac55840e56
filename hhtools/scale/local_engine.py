"""The local engine: tasks in processes of this machine.

Each worker is a process and a pipe of its own, and there is no pool: a death is the fault of the one task that ran
there and is told with its signal, and nothing is shared that a killed process could leave locked. (A pool of
concurrent.futures shares semaphores, which Python complains of on standard error when the driver is killed.)
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic

from hhtools.scale import serve
from hhtools.scale.engines import (
    Attempt,
    Attempts,
    Result,
    Task,
    WorkerDied,
    end_in_words,
    packed,
    result_of,
)
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.signals import held_off

_SPAWN = multiprocessing.get_context("spawn")


def run_locally(
    work: Callable[[Task], Result], tasks: Iterable[Task], *, workers: int
) -> Generator[tuple[Task, Result | WorkerDied], None, None]:
    """Do tasks in so many processes; give each task with its result as it is done, in any order.

    A task is taken from the iterable when a worker is free for it. One whose worker dies is tried again, three times
    in all; then WorkerDied is its result. When the iterator is closed, or an exception passes through it, the workers
    are ended, and none is left; when the driver is killed, they end themselves.

    Raises:
        Exception: whatever comes out of the work: it is expected to give its errors as results.
        Fault: 74 when no more processes can be started.
    """
    if workers < 1:
        raise ValueError(f"{workers} workers do no work")
    attempts = Attempts(tasks)
    running: dict[Any, _Worker[Task]] = {}  # by connection; every worker has a task
    try:
        while True:
            while len(running) < workers and (attempt := attempts.take()):
                with held_off():  # or a signal would leave behind a process that nobody knows
                    worker: _Worker[Task] = _Worker()
                    running[worker.connection] = worker
                worker.begin(work, attempt)
            if not running:
                return
            for connection in wait(running):
                worker = running[connection]
                attempt, message = worker.attempt, worker.receive()
                if message is None:
                    _end([worker])
                    del running[connection]
                    if died := attempts.failed(attempt, worker.death_in_words()):
                        yield attempt.task, died
                elif message == serve.READY:
                    worker.is_ready = True
                else:
                    result = result_of(message)
                    if following := attempts.take():
                        worker.begin(work, following)
                    else:
                        _end([worker])
                        del running[connection]
                    yield attempt.task, result
    finally:
        _end(running.values())


class _Worker(Generic[Task]):
    """A process that does one task after the other."""

    attempt: Attempt[Task]

    def __init__(self) -> None:
        self.is_ready = False
        try:
            self.connection, theirs = _SPAWN.Pipe()
            self.process = _SPAWN.Process(target=serve.serve, args=(theirs,), daemon=True)
            _start_deaf(self.process)
        except OSError as error:
            raise Fault(Exit.IO, f"cannot start another worker: {error.strerror}; ask for fewer") from None
        theirs.close()

    def begin(self, work: Callable[[Task], Result], attempt: Attempt[Task]) -> None:
        """Let it do a task."""
        self.attempt = attempt
        with suppress(BrokenPipeError, ConnectionResetError):  # of a dead worker, which is told apart when it is read
            self.connection.send_bytes(packed(work, attempt.task))

    def receive(self) -> bytes | None:
        """Give what it has to say; None when it is dead."""
        try:
            return self.connection.recv_bytes()
        except (EOFError, OSError):  # nothing, or half of a message
            return None

    def death_in_words(self) -> str:
        """Say why it died.

        Raises:
            RuntimeError: when it could not even start, which is the fault of no task.
        """
        message = end_in_words(self.process.exitcode or 0)
        if not self.is_ready and (self.process.exitcode or 0) >= 0:
            raise RuntimeError(f"a worker process could not start: {message}")
        return message


def _start_deaf(process: BaseProcess) -> None:
    # Until it knows better, ^C would make it show where in the interpreter's own start it was.
    resource_tracker.ensure_running()  # which else would start with it, and let the signals in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, serve.ENDING)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(workers: Collection[_Worker[Any]]) -> None:
    try:
        for worker in workers:
            worker.connection.close()
            worker.process.terminate()
        deadline = time.monotonic() + serve.GRACE
        for worker in workers:
            worker.process.join(max(0, deadline - time.monotonic()))
    finally:  # at once when a second signal interrupts the waiting
        for worker in workers:
            worker.process.kill()
            worker.process.join()
