"""Where rows go: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from hhtools.stream.exits import BrokenOutput, Exit, Fault
from hhtools.stream.feed import CHUNK

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDOUT = "-"


class Descriptor(io.RawIOBase):
    """A file descriptor that takes every byte or raises, and counts the rows that the kernel has taken.

    Python's own raw files may write less than they are given and say so only in a return value that nobody reads: with
    PYTHONUNBUFFERED=1 or a non-blocking pipe, whole rows are lost and the exit code is 0.
    """

    def __init__(self, fd: int) -> None:
        self.rows = 0
        self._fd = fd
        self._ended = False

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def end(self) -> None:
        """Take no more: after a failure, the buffer above would send the same bytes again when it is closed."""
        self._ended = True

    def write(self, data: ReadableBuffer, /) -> int:
        """Write all the data.

        Raises:
            BrokenOutput: when nobody reads any more.
            Fault: 74 for any other failure.
        """
        left = memoryview(data)
        size = len(left)
        while left and not self._ended:
            try:
                taken = os.write(self._fd, left)
            except BlockingIOError:
                select.select([], [self._fd], [])
                continue
            except BrokenPipeError:
                self.end()
                raise BrokenOutput from None
            except OSError as error:
                self.end()
                raise _write_fault(error) from None
            self.rows += bytes(left[:taken]).count(b"\n")
            left = left[taken:]
        return size


class Output:
    """Rows on their way to standard output or into a file.

    Standard output gets them as they come. A file is written beside its target and takes its name on commit: the target
    is the old file or the whole new one. Left without a commit, the new file is removed.
    """

    def __init__(self, path: str | None = None) -> None:
        self.path = None if path == STDOUT else path
        self._target = self._temporary = None
        if self.path is None:
            self._fd = _standard_output()
        else:
            self._open(self.path)
        self._descriptor = Descriptor(self._fd)
        self._buffer = io.BufferedWriter(self._descriptor, CHUNK)
        self.flush = self._buffer.flush

    @property
    def written(self) -> int:
        """How many rows have left the process."""
        return self._descriptor.rows

    def write_all(self, rows: Iterable[bytes]) -> None:
        """Write rows as they come, each with its newline."""
        self._buffer.writelines(rows)

    def commit(self) -> None:
        """Flush the rows; a file takes its name.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        self.flush()
        if not self._temporary or not self._target:
            return
        try:
            os.fsync(self._fd)
            os.close(self._fd)
            os.rename(self._temporary, self._target)
            self._temporary = None
            _sync_folder(self._target)
        except OSError as error:
            raise _write_fault(error) from None

    def abandon(self) -> None:
        """End without a commit: standard output keeps its whole rows, a file is removed."""
        if self.path is None:
            self.flush()
        self._descriptor.end()
        if self._temporary:
            os.close(self._fd)
            with suppress(OSError):
                os.unlink(self._temporary)

    def _open(self, path: str) -> None:
        try:
            old = os.stat(path)
        except OSError:
            old = None
        try:
            if old and not stat.S_ISREG(old.st_mode):  # a device or a FIFO is never replaced by a file
                self._fd = os.open(path, os.O_WRONLY)
                return
            target = os.path.realpath(path)  # a symbolic link stays, what it points to is replaced
            folder, name = os.path.split(target)
            temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
            self._fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            self._target, self._temporary = target, temporary
            if old:
                os.fchmod(self._fd, stat.S_IMODE(old.st_mode))
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


def _write_fault(error: OSError) -> Fault:
    return Fault(Exit.IO, f"write error: {error.strerror}")
