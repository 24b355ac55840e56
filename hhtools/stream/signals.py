"""Signals that ask a command to end: it ends whole, and then by the very signal.

An exception out of a signal handler inside a write would lose count of what the kernel took, and the next flush would
send whole rows twice (seen: 64 of them). So a handler raises outside of writes only; during one it leaves a note, and
keeps the write from waiting for a reader that may never come.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The command was asked to end."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"ended by {signal.Signals(signum).name}")
        self.signum = signum


class _Write:
    """The write in progress: what the handler has to know of it, and it of the handler."""

    fd: int | None = None
    noted: int | None = None


def end_whole() -> None:
    """Let INT, TERM and HUP raise Interrupted; a second one ends the process at once.

    A signal that was ignored when the command started (nohup, a shell's ``&``) stays ignored.
    """
    for signum in _ENDING:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, _handle)


@contextmanager
def noted_during_write(fd: int) -> Iterator[None]:
    """Keep signals from raising in a block that writes to a descriptor; one that came meanwhile is raised behind it."""
    blocking = os.get_blocking(fd)
    _Write.fd = fd
    try:
        yield
    finally:
        _Write.fd = None
        signum, _Write.noted = _Write.noted, None
        if signum is not None and blocking:
            os.set_blocking(fd, True)
    if signum is not None:
        raise Interrupted(signum)


def signal_noted() -> bool:
    """Tell whether a signal came during the write in progress."""
    return _Write.noted is not None


def _handle(signum: int, _frame: FrameType | None) -> None:
    signal.signal(signum, signal.SIG_DFL)
    if _Write.fd is None:
        raise Interrupted(signum)
    _Write.noted = signum
    os.set_blocking(_Write.fd, False)
