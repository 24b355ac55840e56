"""Where rows go: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from hhtools.stream import remote
from hhtools.stream.compress import compressor_for
from hhtools.stream.descriptors import STDOUT, Descriptor, open_directly, standard_output
from hhtools.stream.feed import CHUNK
from hhtools.stream.new_file import cannot_create, new_file
from hhtools.stream.options import TIMEOUT
from hhtools.stream.urls import is_url


class Whole(Protocol):
    """What appears under its name on commit, or never: a new file, a new object of S3."""

    committed: bool
    in_doubt: bool

    def write(self, data: bytes) -> None:
        """Add bytes."""

    def sync(self) -> None:
        """Bring the bytes to where they will stay, so that the commit has little left to do."""

    def commit(self) -> None:
        """Let it appear, after a sync."""

    def close(self) -> None:
        """End; remove what was not committed."""


class Destination(Protocol):
    """Where the rows of a run go: an Output, or several."""

    def write_all(self, records: Iterable[bytes]) -> None:
        """Write the rows of records as they come, in large pieces."""

    def flush(self) -> None:
        """Hand all rows to the kernel."""

    def kept(self, rows_made: int) -> int:
        """Count how many of the rows made reached their place for good."""

    def commit(self) -> None:
        """End whole: what was to appear appears."""

    def abandon(self, complete: bool) -> str:
        """End early, and give what to add to the message about it."""

    def close(self) -> None:
        """End; without a commit, no file is new."""


class Output:
    """Rows on their way to standard output, into a file or into an object of S3.

    Standard output gets them as they come, and so does a device or a FIFO. A file is written beside its target and
    takes its name on commit, and an object is uploaded in parts: the target is the old one or the whole new one.
    """

    def __init__(
        self, path: str | None = None, clobber: bool = True, timeout: int = TIMEOUT, tidies: bool = True
    ) -> None:
        self._path = path = None if path == STDOUT else path
        self._compressor = compressor_for(path)
        self._whole = None if path is None else begin_whole(path, clobber, timeout, tidies)
        self._descriptor = None if self._whole else _direct(path)
        self.bytes_written = 0
        self._waiting: list[bytes] = []
        self._size = 0
        self._finished = False

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
            self._write(self._compressor.compress(rows) if self._compressor else rows)

    def kept(self, rows_made: int) -> int:
        """Count how many of the rows made reached the output for good; not one cut in two, nor any of a lost file."""
        if self._whole:
            return rows_made if self._whole.committed else 0
        untaken = self._descriptor.untaken if self._descriptor else b""
        return rows_made - (untaken + b"".join(self._waiting)).count(b"\n")

    def finish(self) -> None:
        """Bring all rows to the disk, with their end where the form of the output has one: they are all there are.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        if not self._finished:
            self.flush()
            if self._compressor:
                self._write(self._compressor.finish())
            if self._whole:
                self._whole.sync()
            self._finished = True

    def last_words(self, marker: bytes) -> None:
        """Write an abort marker behind the rows that are flushed; what fails here has failed before."""
        if self._descriptor and self._descriptor.is_ready():
            self._descriptor.write(self._compressor.compress(marker) if self._compressor else marker)

    def commit(self) -> None:
        """Finish; a file takes its name.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        self.finish()
        if self._whole:
            self._whole.commit()

    def abandon(self, complete: bool) -> str:
        """End early: flush what goes out as it comes, or give what to add to the message about a file.

        ``complete`` tells that the rows are all there are, all the same.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        if self._whole:
            doubtful = "either as it was or complete" if self._whole.in_doubt else "left as it was"
            return f"; {self._path} is {'complete all the same' if self._whole.committed else doubtful}"
        if complete:
            self.finish()
        self.flush()
        return ""

    def close(self) -> None:
        """End: without a commit, what was written to standard output stays, and a new file is removed."""
        if self._whole:
            self._whole.close()

    def _write(self, data: bytes) -> None:
        target = self._whole or self._descriptor
        if target:
            target.write(data)
            self.bytes_written += len(data)


def begin_whole(path: str, clobber: bool, timeout: int, tidies: bool = True) -> Whole | None:
    """Begin what will take the place of a path; None for what must never be replaced: a device, a FIFO.

    ``tidies`` is as in new_file.

    Raises:
        Fault: 73 when it cannot be created, or is there already and must stay; 75 and 77 for S3.
    """
    return remote.new_object(path, clobber, timeout) if is_url(path) else new_file(path, clobber, tidies)


def write_file(path: str, content: bytes, timeout: int = TIMEOUT, clobber: bool = True, tidies: bool = True) -> None:
    """Write a small file or object whole, atomically; the options are those of an Output.

    Raises:
        Fault: 73 when it cannot be created, 74 when it cannot be written; FileExists when it must stay.
    """
    if is_url(path) and not compressor_for(path):
        remote.write_object(path, content, clobber, timeout)
        return
    output = Output(path, clobber, timeout, tidies)
    try:
        output.write_all([content])
        output.commit()
    finally:
        output.close()


def _direct(path: str | None) -> Descriptor:
    if path is None or path == STDOUT:
        return standard_output()
    try:
        return open_directly(path, 0)
    except OSError as error:
        raise cannot_create(path, error) from None
