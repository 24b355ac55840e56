"""Where rows go: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import select
import stat
from collections.abc import Iterable
from contextlib import suppress

from hhtools.stream.exits import BrokenOutput, Exit, Fault
from hhtools.stream.feed import CHUNK
from hhtools.stream.signals import noted_during_write, signal_noted

STDOUT = "-"

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
            BrokenOutput: when nobody reads any more.
            Fault: 74 for any other failure.
        """
        if self.untaken:  # what comes after a failure must not be written behind a gap
            self.untaken += data
            return
        try:
            with noted_during_write(self.fd):
                self._write_rows(data)
        except BrokenPipeError:
            raise BrokenOutput from None
        except OSError as error:
            raise _write_fault(error, self._name) from None

    def _write_rows(self, data: bytes) -> None:
        self.untaken, taken, patience = data, 0, _PATIENCE
        while self.untaken:
            # Asked to end, we still end the row in progress, if its reader lets us.
            asked_to_end = signal_noted()
            if asked_to_end and (patience <= 0 or not taken or data[taken - 1 : taken] == b"\n"):
                return
            end = data.index(b"\n", taken) + 1 if asked_to_end else len(data)
            try:
                taken += os.write(self.fd, memoryview(data)[taken:end])
                self.untaken = data[taken:]
            except BlockingIOError:
                # Not for ever: a signal between the write and the wait would go unseen.
                ready = select.select([], [self.fd], [], _WAIT)[1]
                patience -= not ready and asked_to_end


class Output:
    """Rows on their way to standard output or into a file.

    Standard output gets them as they come. A file is written beside its target and takes its name on commit: the target
    is the old file or the whole new one.
    """

    def __init__(self, path: str | None = None) -> None:
        self._target = self._temporary = ""
        self._lost = False
        if path is None or path == STDOUT:
            self._descriptor = Descriptor(_standard_output())
        else:
            self._descriptor = Descriptor(self._open(path), path)
        self._waiting: list[bytes] = []

    @property
    def is_file(self) -> bool:
        """Tell whether the rows appear in a file on commit, and else were given as they came."""
        return bool(self._target)

    def write_all(self, records: Iterable[bytes]) -> None:
        """Write the rows of records as they come, in large pieces.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does, and what ``records`` raises.
        """
        size = 0
        for rows in records:
            self._waiting.append(rows)
            size += len(rows)
            if size >= CHUNK:
                self.flush()
                size = 0

    def flush(self) -> None:
        """Hand all rows to the kernel.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        if self._waiting:
            rows, self._waiting = b"".join(self._waiting), []
            self._descriptor.write(rows)

    def kept(self, rows_made: int) -> int:
        """Count how many of the rows made reached the output for good; not one cut in two, nor any of a lost file."""
        if self._lost:
            return 0
        return rows_made - (self._descriptor.untaken + b"".join(self._waiting)).count(b"\n")

    def commit(self) -> None:
        """Flush the rows; a file takes its name.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        self.flush()
        if not self._temporary:
            return
        try:
            os.fsync(self._descriptor.fd)
            os.rename(self._temporary, self._target)
            self._temporary = ""
            _sync_folder(self._target)
            os.close(self._descriptor.fd)
        except OSError as error:
            raise _write_fault(error, self._target) from None

    def abandon(self) -> None:
        """End without a commit: what was written to standard output stays, a new file is removed."""
        if self._temporary:
            self._lost = True
            with suppress(OSError):
                os.unlink(self._temporary)
                os.close(self._descriptor.fd)

    def _open(self, path: str) -> int:
        try:
            old = os.stat(path)
        except OSError:
            old = None
        try:
            if old and not stat.S_ISREG(old.st_mode):  # a device or a FIFO is never replaced by a file
                return os.open(path, os.O_WRONLY)
            target = os.path.realpath(path)  # a symbolic link stays, what it points to is replaced
            folder, name = os.path.split(target)
            temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            self._target, self._temporary = target, temporary
            if old:
                os.fchmod(fd, stat.S_IMODE(old.st_mode))
            return fd
        except OSError as error:
            raise Fault(Exit.NO_OUTPUT, f"{path}: cannot be created: {error.strerror}") from None


def write_file(path: str, content: bytes) -> None:
    """Write a small file whole, atomically.

    Raises:
        Fault: 73 when it cannot be created, 74 when it cannot be written.
    """
    output = Output(path)
    try:
        output.write_all([content])
        output.commit()
    except BaseException:
        output.abandon()
        raise


def _standard_output() -> int:
    try:
        os.fstat(1)
    except OSError as error:
        if error.errno == errno.EBADF:
            raise Fault(Exit.IO, "standard output is closed") from None
        raise
    return 1


def _sync_folder(path: str) -> None:
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_fault(error: OSError, name: str) -> Fault:
    return Fault(Exit.IO, f"{name}: write error: {error.strerror}" if name else f"write error: {error.strerror}")
