"""Where rows go: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable

from hhtools.stream.compress import compressor_for
from hhtools.stream.descriptors import STDOUT, Descriptor, open_directly, standard_output
from hhtools.stream.feed import CHUNK
from hhtools.stream.new_file import cannot_create, new_file


class Output:
    """Rows on their way to standard output or into a file.

    Standard output gets them as they come, and so does a device or a FIFO. A file is written beside its target and
    takes its name on commit: the target is the old file or the whole new one.
    """

    def __init__(self, path: str | None = None, clobber: bool = True) -> None:
        path = None if path == STDOUT else path
        self._compressor = compressor_for(path)
        self._new_file = new_file(path, clobber) if path is not None else None
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
            self._descriptor.write(self._compressor.compress(rows) if self._compressor else rows)

    def kept(self, rows_made: int) -> int:
        """Count how many of the rows made reached the output for good; not one cut in two, nor any of a lost file."""
        if self._new_file:
            return rows_made if self._new_file.committed else 0
        return rows_made - (self._descriptor.untaken + b"".join(self._waiting)).count(b"\n")

    def end_stream(self) -> None:
        """Flush the rows, and say at their end that they are all there are, where the form of the output can.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        self.flush()
        if self._compressor:
            self._descriptor.write(self._compressor.finish())

    def last_words(self, marker: bytes) -> None:
        """Write an abort marker behind the rows that are flushed; what fails here has failed before."""
        if self._descriptor.is_ready():
            self._descriptor.write(self._compressor.compress(marker) if self._compressor else marker)

    def commit(self) -> None:
        """End the stream; a file takes its name.

        Raises:
            BrokenOutput, Fault: as Descriptor.write does.
        """
        self.end_stream()
        if self._new_file:
            self._new_file.commit()

    def close(self) -> None:
        """End: without a commit, what was written to standard output stays, and a new file is removed."""
        if self._new_file:
            self._new_file.close()


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


def _direct(path: str | None) -> Descriptor:
    if path is None or path == STDOUT:
        return standard_output()
    try:
        return open_directly(path, 0)
    except OSError as error:
        raise cannot_create(path, error) from None
