"""Named inputs -> the bytes of their records, whatever they are packed in."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from hhtools.stream import remote, urls
from hhtools.stream.array import array_records
from hhtools.stream.console import CLOSED
from hhtools.stream.decompress import decompress
from hhtools.stream.exits import Exit, Fault, out_of_memory
from hhtools.stream.feed import CHUNK, Feed, Raw
from hhtools.stream.globs import expand_objects
from hhtools.stream.names import STDIN, name_of, source_of
from hhtools.stream.options import MAX_LINE, TIMEOUT
from hhtools.stream.sniff import columnar_form
from hhtools.stream.transfer import Transfer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BOM = b"\xef\xbb\xbf"


class Input:
    """An open input: what messages call it, what its records are marked with, and their bytes.

    A block that it opens (``with``) counts its records as it reads them. When the block ends, it is closed; memory that
    ran out there is a fault behind the last of them.
    """

    def __init__(
        self,
        path: str,
        max_line: int = MAX_LINE,
        before_wait: Callable[[], None] = lambda: None,
        timeout: int = TIMEOUT,
    ) -> None:
        self.name = name_of(path)
        self.source = source_of(path)
        self.end = "not reached"
        self.records = 0
        self.is_packed = self.is_array = self.has_bom = False  # known once there is a line
        self._unread: Iterator[bytes] = iter(())
        self.max_line = max_line
        raw = _open(path, timeout)
        self._transfer = raw if isinstance(raw, Transfer) else None
        self._feed = Feed(self.name, raw, before_wait)

    @property
    def bytes_read(self) -> int:
        """How many bytes came from the kernel or the network, before they were decompressed."""
        return self._feed.bytes_read

    def lines(self) -> Iterator[bytes]:
        r"""Give the bytes of each record: a line, an element of an array, or a row of columns as a line of JSON.

        One of more than max_line bytes comes as its first max_line + 1 bytes, without ``\n`` at the end.

        Raises:
            Fault: when the input ends early or is corrupt, after all that could be decoded was given.
        """
        form = columnar_form(self._feed)
        if form:
            from hhtools.stream.columns import column_lines  # what reads columns is not read for lines

            yield from column_lines(self._feed, form, self.max_line)
            self.end = "verified"
            return
        decoded, self.is_packed = decompress(self._feed)
        start, plain = _start_of(decoded)
        self.has_bom, self.is_array = start.startswith(_BOM), start.removeprefix(_BOM).startswith(b"[")
        self._unread = decoded if self.is_packed else iter(())
        if self.is_array:
            yield from array_records(plain, self.max_line, self._feed.fault)
        else:
            yield from _split_lines(plain, self.max_line)
        whole = self.is_packed or self.is_array or (self._transfer is not None and self._transfer.is_whole)
        self.end = "verified" if whole else "unverified"

    def may_be_cut(self) -> bool:
        """Tell whether it came over the network, and neither its server nor its packing said where it ends."""
        return self._transfer is not None and self.end == "unverified"

    def verify_rest(self) -> None:
        """Read a compressed input on to its end: what looks like a bad record may be a flipped bit.

        Raises:
            Fault: when the compressed bytes are corrupt or end early.
        """
        for _ in self._unread:
            pass

    def close(self) -> None:
        """Close the input."""
        self._feed.close()

    def __enter__(self) -> Input:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        self.close()
        if isinstance(error, MemoryError):
            raise out_of_memory(self.name, self.records) from None


def all_readable(paths: Sequence[str], timeout: int = TIMEOUT) -> list[str]:
    """Name all inputs, with the objects of S3 that a pattern matches in its place, and make sure that they are there.

    Raises:
        Fault: as expand_objects and check_readable do.
    """
    found = expand_objects(paths, partial(remote.urls_like, timeout=timeout))
    for path in found:
        check_readable(path)
    return found


def check_readable(path: str) -> None:
    """Make sure that a local input can be opened, so that a run over many shards does not find out at the last.

    Raises:
        Fault: 66 when it is missing or a directory, 77 when it may not be read.
    """
    if path == STDIN or urls.is_url(path):
        return
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # Only looked at: to open a FIFO and close it again would break the pipe of its writer.
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _cannot_open(path, error) from None


class ChunkReader(io.RawIOBase):
    """Chunks of bytes as a raw stream, which io.BufferedReader cuts into lines at C speed."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer with what the current chunk holds; 0 at the end."""
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        target = memoryview(buffer)
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _split_lines(plain: Iterator[bytes], max_line: int) -> Iterator[bytes]:
    readline = partial(io.BufferedReader(ChunkReader(plain), CHUNK).readline, max_line + 1)
    for line in iter(readline, b""):
        yield line
        if len(line) > max_line:
            while line and not line.endswith(b"\n"):
                line = readline()


def _start_of(plain: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    # Gives the first bytes, a byte order mark among them, and then all bytes but the mark.
    start = b""
    while len(start) <= len(_BOM) and (chunk := next(plain, b"")):
        start += chunk
    rest = start.removeprefix(_BOM)
    return start[: len(_BOM) + 1], chain([rest] if rest else [], plain)


def _open(path: str, timeout: int) -> Raw:
    if urls.is_url(path):
        return remote.open_url(path, timeout)
    try:
        if path == STDIN and 0 in CLOSED:
            raise OSError(errno.EBADF, "it is closed")
        return io.FileIO(0, closefd=False) if path == STDIN else io.FileIO(path)
    except OSError as error:
        raise _cannot_open(path, error) from None


def _cannot_open(path: str, error: OSError) -> Fault:
    code = Exit.PERMISSION if isinstance(error, PermissionError) else Exit.NO_INPUT
    return Fault(code, f"{name_of(path)}: cannot be opened: {error.strerror}")
