"""Parquet and Arrow -> each row as a line of JSON, with no more rows in memory than a batch.

The index of a Parquet file stands at its end, so it is read in any order: from a file, or a URL whose server gives
parts. Arrow is read in order, through a pipe as well: its file format is its streaming format with an index behind it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.extras import optional_module
from hhtools.stream.feed import Feed
from hhtools.stream.sniff import ARROW_FILE, ARROW_MESSAGE, Columnar

_ROWS = 1000
_BYTES = 1 << 20
"""How many rows are held at once, and about how many bytes of them; a row of more is held alone."""

_BUFFER = 1 << 18
"""How much of each column is read at once: the columns of a row group may be as large as the file."""

_ARROW_START = 8
_ARROW_END = 10
"""The bytes before the stream in an Arrow file, and those behind its index: the length of that, and the magic again."""


def column_lines(feed: Feed, form: Columnar, max_line: int) -> Iterator[bytes]:
    """Give each row as a line; one of more than max_line bytes as its first max_line + 1, without a newline.

    Raises:
        Fault: 78 when pyarrow is not installed; 66 for Parquet that cannot be read in any order, and for a type that
            JSON has nothing for; InputFault (74) when it ends early or is corrupt, after all rows before that.
    """
    pyarrow = optional_module("pyarrow", f"{feed.name}: this {form}", "pyarrow")
    from hhtools.stream.column_values import json_lines

    batches_of = {"Parquet file": _parquet_batches, "Arrow file": _file_batches, "Arrow stream": _stream_batches}[form]
    try:
        for batch in batches_of(feed):
            size = rows_at_once(batch.nbytes, batch.num_rows)
            for start in range(0, batch.num_rows, size):
                for line in json_lines(batch.slice(start, size)):
                    yield line if len(line) <= max_line + 1 else line[: max_line + 1]
    except pyarrow.ArrowNotImplementedError as error:
        raise Fault(Exit.NO_INPUT, f"{feed.name}: the {form} cannot be read: {_told(error)}") from error
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise feed.fault(f"the {form} is corrupt or ends early: {_told(error)}") from error


def rows_at_once(size: int, count: int) -> int:
    """Tell how many of ``count`` rows, which take ``size`` bytes, are taken into memory at once.

    >>> rows_at_once(50_000, 1_000_000), rows_at_once(50 << 20, 1000), rows_at_once(50 << 20, 1), rows_at_once(0, 0)
    (1000, 20, 1, 1000)
    """
    return max(1, min(_ROWS, _BYTES * count // size if size else _ROWS))


def _parquet_batches(feed: Feed) -> Iterator[Any]:
    from pyarrow import parquet

    file = parquet.ParquetFile(_AnyOrder(feed), buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True)
    promised, found = file.metadata.num_rows, 0
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        size = rows_at_once(group.total_byte_size, group.num_rows)
        for batch in file.iter_batches(size, row_groups=[number], use_threads=False):
            found += batch.num_rows
            yield batch
    if found != promised:
        raise feed.fault(f"the Parquet file is corrupt: rows promised: {promised}, found: {found}")


def _file_batches(feed: Feed) -> Iterator[Any]:
    feed.take(_ARROW_START)
    yield from _one_stream(feed)
    length, end = 0, b""
    while chunk := feed.chunk():
        length += len(chunk)
        end = (end + chunk)[-_ARROW_END:]
    index_length = int.from_bytes(end[:-6], "little")
    if not end.endswith(ARROW_FILE) or length != index_length + _ARROW_END:
        raise feed.fault("the Arrow file is corrupt or ends early: it does not end with its index")


def _stream_batches(feed: Feed) -> Iterator[Any]:
    while following := feed.peek(len(ARROW_MESSAGE)):
        if not following.startswith(ARROW_MESSAGE):
            raise feed.fault("there is something else after the end of the Arrow stream")
        yield from _one_stream(feed)


def _one_stream(feed: Feed) -> Iterator[Any]:
    from pyarrow import ipc

    source = _InOrder(feed)
    for batch in ipc.open_stream(source):
        batch.validate(full=True)  # an offset that leads out of its buffer would crash whoever follows it
        yield batch
    if source.ended_early:
        raise feed.fault("the Arrow data ends early: it has no end mark")


class _InOrder:
    """A feed as pyarrow reads a stream, which also ends where there is no more, and not only at its end mark."""

    closed = False

    def __init__(self, feed: Feed) -> None:
        self.ended_early = False
        self._feed = feed

    def read(self, size: int) -> bytes:
        data = self._feed.take(size)
        self.ended_early = len(data) < size
        return data

    def close(self) -> None:
        """Leave the feed open: it is its input's."""


class _AnyOrder:
    """A seekable feed as pyarrow reads a file."""

    closed = False

    def __init__(self, feed: Feed) -> None:
        if not feed.is_seekable():
            told = (
                "this is a Parquet file, whose index stands at its end, in a pipe or the like; save it to a file first"
            )
            raise Fault(Exit.NO_INPUT, f"{feed.name}: {told}")
        self._feed = feed
        self._size = feed.size()
        self._position = 0

    def read(self, size: int) -> bytes:
        data = self._feed.read_at(self._position, size)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        """Leave the feed open: it is its input's."""


def _told(error: Exception) -> str:
    return str(error).partition("\n")[0]
