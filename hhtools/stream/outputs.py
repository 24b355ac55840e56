"""Where rows go: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from hhtools.stream.descriptors import (
    STDOUT,
    Descriptor,
    is_open_descriptor,
    open_directly,
    standard_output,
    write_fault,
)
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.feed import CHUNK


class Output:
    """Rows on their way to standard output or into a file.

    Standard output gets them as they come, and so does a device or a FIFO. A file is written beside its target and
    takes its name on commit: the target is the old file or the whole new one.
    """

    def __init__(self, path: str | None = None) -> None:
        self._new_file = _new_file(path) if path is not None and path != STDOUT else None
        self._descriptor = self._new_file.descriptor if self._new_file else _direct(path)
        self._waiting: list[bytes] = []
        self._size = 0

    @property
    def is_file(self) -> bool:
        """Tell whether the rows appear in a file on commit, and else were given as they came."""
        return self._new_file is not None

    def write_all(self, records: Iterable[bytes]) -> None:
        """Write the rows of records as they come, in large pieces.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does, and what ``records`` raises.
        """
        for rows in records:
            self._waiting.append(rows)
            self._size += len(rows)
            if self._size >= CHUNK:
                self.flush()

    def flush(self) -> None:
        """Hand all rows to the kernel.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        if self._waiting:
            rows, self._waiting, self._size = b"".join(self._waiting), [], 0
            self._descriptor.write(rows)

    def kept(self, rows_made: int) -> int:
        """Count how many of the rows made reached the output for good; not one cut in two, nor any of a lost file."""
        if self._new_file and not self._new_file.committed:
            return 0
        return rows_made - (self._descriptor.untaken + b"".join(self._waiting)).count(b"\n")

    def commit(self) -> None:
        """Flush the rows; a file takes its name.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        self.flush()
        if self._new_file:
            self._new_file.commit()

    def close(self) -> None:
        """End: without a commit, what was written to standard output stays, and a new file is removed."""
        if self._new_file:
            self._new_file.close()


class _NewFile:
    """A file under a temporary name, in the folder of its target."""

    def __init__(self, path: str, mode: int | None) -> None:
        self._target = os.path.realpath(path)  # a symbolic link stays, what it points to is replaced
        self._folder, name = os.path.split(self._target)
        # Short enough for any name that the target may have.
        self._temporary = os.path.join(self._folder, f".{name[:60]}.{os.getpid()}.tmp")
        fd = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        self.descriptor = Descriptor(fd, path)
        self.committed = False
        if mode is not None:
            os.fchmod(fd, mode)

    def commit(self) -> None:
        try:
            os.fsync(self.descriptor.fd)
            os.rename(self._temporary, self._target)
            self.committed = True
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise write_fault(error, self._target) from None

    def close(self) -> None:
        os.close(self.descriptor.fd)
        if not self.committed:
            with suppress(OSError):
                os.unlink(self._temporary)


def write_file(path: str, content: bytes) -> None:
    """Write a small file whole, atomically.

    Raises:
        Fault: 73 when it cannot be created, 74 when it cannot be written.
    """
    output = Output(path)
    try:
        output.write_all([content])
        output.commit()
    finally:
        output.close()


def _new_file(path: str) -> _NewFile | None:
    # None for what must never be replaced by a file: a device, a FIFO, an open descriptor.
    try:
        old = os.stat(path)
    except OSError:
        old = None
    if is_open_descriptor(path) or (old and not stat.S_ISREG(old.st_mode)):
        return None
    try:
        return _NewFile(path, stat.S_IMODE(old.st_mode) if old else None)
    except OSError as error:
        raise _cannot_create(path, error) from None


def _direct(path: str | None) -> Descriptor:
    if path is None or path == STDOUT:
        return standard_output()
    try:
        return open_directly(path, 0)
    except OSError as error:
        raise _cannot_create(path, error) from None


def _cannot_create(path: str, error: OSError) -> Fault:
    return Fault(Exit.NO_OUTPUT, f"{path}: cannot be created: {error.strerror}")
