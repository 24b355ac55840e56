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


class _State:
    """What the handler and the writes have to know of each other."""

    writing_to: int | None = None
    asked: int | None = None
    ending: bool = False
    held_off: bool = False
    shares_terminal: bool = False


def die_at_once() -> None:
    """Let INT, TERM and HUP end the process as they do any other, without a traceback: nothing is open yet.

    An exception in the middle of an import can be swallowed there, or crash an extension module.
    """
    for signum in _ENDING:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, signal.SIG_DFL)


def end_whole() -> None:
    """Let INT, TERM and HUP raise Interrupted; a second one of a kind ends the process at once.

    A signal that was ignored when the command started (nohup, a shell's ``&``) stays ignored.
    """
    for signum in _ENDING:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, _handle)


def raise_if_asked() -> None:
    """Raise Interrupted for a signal that came, if an exception for it has got lost on its way."""
    if _State.asked is not None:
        raise Interrupted(_State.asked)


def heed() -> None:
    """Take note that the command is ending: nothing interrupts its last writes, and no stuck reader holds them."""
    _State.asked = None
    _State.ending = True


@contextmanager
def not_during_write(fd: int) -> Iterator[None]:
    """Keep signals from raising in a block that writes to a descriptor; one that came meanwhile is raised behind it."""
    raise_if_asked()
    blocking = os.get_blocking(fd)
    _State.writing_to = fd
    if _State.ending:
        os.set_blocking(fd, False)
    try:
        yield
    finally:
        _State.writing_to = None
        if blocking:
            os.set_blocking(fd, True)
    raise_if_asked()


@contextmanager
def held_off() -> Iterator[None]:
    """Keep signals from raising in a block that has to be done whole; one that came meanwhile is raised behind it."""
    raise_if_asked()
    _State.held_off = True
    try:
        yield
    finally:
        _State.held_off = False
    raise_if_asked()


@contextmanager
def sharing_terminal() -> Iterator[None]:
    """Let a second ^C in a block be the other program's that has the terminal, and would be left alone with it."""
    _State.shares_terminal = True
    try:
        yield
    finally:
        _State.shares_terminal = False
        if signal.getsignal(signal.SIGINT) is _leave_to_other:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def is_asked() -> bool:
    """Tell whether a signal has come during this write."""
    return _State.asked is not None


def is_ending() -> bool:
    """Tell whether these are the last writes after a signal."""
    return _State.ending


def _handle(signum: int, _frame: FrameType | None) -> None:
    is_shared = signum == signal.SIGINT and _State.shares_terminal
    signal.signal(signum, _leave_to_other if is_shared else signal.SIG_DFL)
    _State.asked = signum
    if _State.writing_to is not None:
        os.set_blocking(_State.writing_to, False)
    elif not _State.held_off:
        raise Interrupted(signum)


def _leave_to_other(_signum: int, _frame: FrameType | None) -> None:
    pass
