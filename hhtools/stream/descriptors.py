"""File descriptors to write to: every byte arrives, or the command says so."""

from __future__ import annotations

import errno
import os
import re
import select
from contextlib import suppress

from hhtools.stream.console import CLOSED
from hhtools.stream.exits import BrokenOutput, Exit, Fault
from hhtools.stream.signals import is_asked, is_ending, not_during_write

STDOUT = "-"

_STANDARD = re.compile(r"/dev/(?:std(?P<name>out|err)|fd/(?P<number>[0-9]+))")
_WAIT = 0.1  # seconds
_PATIENCE = 10  # waits for a reader to take the rest of a row, once a signal has asked us to end


class Descriptor:
    """A file descriptor that takes every byte or raises, and keeps what the kernel did not take.

    Python's own raw files may write less than they are given and say so only in a return value that nobody reads: with
    PYTHONUNBUFFERED=1 or a non-blocking pipe, whole rows are lost and the exit code is 0.
    """

    def __init__(self, fd: int, name: str = "") -> None:
        self.fd = fd
        self._name = name
        self.untaken = b""

    def write(self, data: bytes) -> None:
        """Write all the data, or nothing at all once a write has failed.

        Raises:
            BrokenOutput: when nobody reads standard output any more.
            Fault: 74 for any other failure.
        """
        if self.untaken:  # what comes after a failure must not be written behind a gap
            self.untaken += data
            return
        try:
            with not_during_write(self.fd):
                self._write_rows(data)
        except OSError as error:
            if isinstance(error, BrokenPipeError) and self.fd == 1:
                raise BrokenOutput from None
            raise write_fault(error, self._name) from None

    def is_ready(self) -> bool:
        """Tell whether a line can be written at once: a reader that is stuck must not hold us."""
        with suppress(OSError):
            return not self.untaken and bool(select.select([], [self.fd], [], _WAIT * _PATIENCE)[1])
        return False

    def _write_rows(self, data: bytes) -> None:
        self.untaken, taken, patience = data, 0, _PATIENCE
        while self.untaken:
            hurried = is_asked() or is_ending()
            if hurried and patience <= 0:
                return
            if is_asked() and (not taken or data[taken - 1 : taken] == b"\n"):
                return
            # In a hurry we write row by row: a pipe that has no room for a row of usual length takes nothing of it.
            end = data.find(b"\n", taken) + 1 if hurried else 0
            try:
                taken += os.write(self.fd, memoryview(data)[taken : end or len(data)])
                self.untaken = data[taken:]
            except BlockingIOError:
                # Not for ever: a signal between the write and the wait would go unseen.
                ready = select.select([], [self.fd], [], _WAIT)[1]
                patience -= hurried and not ready


def standard_output() -> Descriptor:
    """Give standard output.

    Raises:
        Fault: 74 when it was closed when the command started.
    """
    if 1 in CLOSED:
        raise Fault(Exit.IO, "standard output is closed")
    return Descriptor(1)


def open_directly(path: str, flags: int) -> Descriptor:
    """Open a path for writing as it stands; a name for an open descriptor, such as /dev/stderr, is that descriptor.

    (Opened by its name, a file behind it would be written from its start again.)

    Raises:
        OSError: when it cannot be opened.
    """
    standard = _STANDARD.fullmatch(path)
    if not standard:
        return Descriptor(os.open(path, os.O_WRONLY | flags, 0o666), path)
    fd = int(standard["number"] or {"out": 1, "err": 2}[standard["name"]])
    if fd in CLOSED:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return Descriptor(fd if fd == 1 else os.dup(fd), path)


def is_open_descriptor(path: str) -> bool:
    """Tell whether a path is a name for an open descriptor."""
    return _STANDARD.fullmatch(path) is not None


def write_fault(error: OSError, name: str) -> Fault:
    """Make the error for a write that failed."""
    return Fault(Exit.IO, f"{name}: write error: {error.strerror}" if name else f"write error: {error.strerror}")
