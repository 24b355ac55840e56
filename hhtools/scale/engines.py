"""What the engines share: how often a task is tried, and how its result, or an error, comes back from a worker."""

from __future__ import annotations

import pickle
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

ATTEMPTS = 3
"""How often a task is tried whose worker dies."""


class WorkerDied(NamedTuple):
    """A task whose worker died each time it was tried."""

    attempts: int
    message: str


class Attempt(Generic[Task]):
    """A task, and which attempt at it this is: 1 for the first."""

    def __init__(self, task: Task, number: int) -> None:
        self.task = task
        self.number = number


class Attempts(Generic[Task]):
    """What is to be tried next: what has failed before a new task, which is asked for only when it is its turn."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._new = (Attempt(task, 1) for task in tasks)
        self._again: deque[Attempt[Task]] = deque()

    def take(self) -> Attempt[Task] | None:
        """Give the next attempt; None when there is nothing left to try."""
        return self._again.popleft() if self._again else next(self._new, None)

    def failed(self, attempt: Attempt[Task], message: str) -> WorkerDied | None:
        """Take back an attempt whose worker died; give its end when it was the last.

        >>> attempts = Attempts(["shard"])
        >>> [attempts.failed(attempts.take(), "no memory") for _ in range(3)]
        [None, None, WorkerDied(attempts=3, message='no memory')]
        >>> attempts.take()
        """
        if attempt.number == ATTEMPTS:
            return WorkerDied(attempt.number, message)
        self._again.append(Attempt(attempt.task, attempt.number + 1))
        return None


class InWorker(Exception):
    """The traceback of an error in a worker, as text: the cause of that error in the driver."""

    def __str__(self) -> str:
        return f"in a worker:\n{self.args[0]}"


def outcome_of(packed: bytes) -> bytes:
    """Do a task, pickled together with its work; give what ``result_of`` makes a result or an error of.

    Only an Exception is such an error: what asks the process to end is left to end it.
    """
    try:
        work, task = pickle.loads(packed)  # noqa: S301  # from our own driver
        return pickle.dumps((work(task), None, ""))
    except Exception as error:
        return pickle.dumps((None, _portable(error), "".join(traceback.format_exception(error)).rstrip()))


def result_of(outcome: bytes) -> Any:
    """Give the result of a task.

    Raises:
        Exception: the one that came out of the work, with the worker's traceback as its cause.
    """
    result, error, trace = pickle.loads(outcome)  # noqa: S301  # from our own worker
    if error is not None:
        raise error from InWorker(trace)
    return result


def packed(work: Callable[[Task], Result], task: Task) -> bytes:
    """Pickle a task with its work, for ``outcome_of``."""
    return pickle.dumps((work, task))


def end_in_words(exit_code: int) -> str:
    """Say how a worker ended, for people; a negative exit code stands for a signal.

    >>> end_in_words(-9), end_in_words(-11), end_in_words(-63), end_in_words(3)
    ('its worker was killed by SIGKILL (out of memory?)', 'its worker was killed by SIGSEGV', \
'its worker was killed by signal 63', 'its worker ended with exit code 3')
    """
    if exit_code >= 0:
        return f"its worker ended with exit code {exit_code}"
    names = {int(known): known.name for known in signal.Signals}
    name = names.get(-exit_code, f"signal {-exit_code}")
    return f"its worker was killed by {name}" + (" (out of memory?)" if -exit_code == signal.SIGKILL else "")


def _portable(error: Exception) -> Exception:
    # Many an exception pickles well and cannot be unpickled: one with more arguments than it hands to Exception.
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
