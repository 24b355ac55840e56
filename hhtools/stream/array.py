"""A JSON array -> the bytes of each of its records, streaming, as if each stood on a line of its own.

Anthropic's red-team file is published like this: one array inside a .gz. Only where a record begins and ends is found
here; whether its bytes are JSON is checked where every line is. (ijson would change surrogates and large numbers.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from itertools import chain

from hhtools.stream.exits import Fault

_STRUCTURE = re.compile(rb'["{}\[\],]')


def array_records(chunks: Iterator[bytes], max_line: int, fault: Callable[[str], Fault]) -> Iterator[bytes]:
    """Give the bytes of each record of an array, white space around them gone; arrays may follow one another.

    A record longer than max_line is given as its first max_line + 1 bytes, and the rest of it is never held. Two commas
    in a row, or one before the end, give a record ``b","``, which is bad as it should be.

    >>> list(array_records(iter([b'[{"a": "]"}, {"b"', b': [1, 2]}]']), 100, ValueError))
    [b'{"a": "]"}', b'{"b": [1, 2]}']

    Raises:
        Fault: made by ``fault``, when the array is not closed or something else follows it.
    """
    following = next(chunks, b"")
    while following:
        if not following.startswith(b"["):
            raise fault("there is something else after the end of the JSON array")
        rest = yield from _one_array(chain([following[1:]], chunks), max_line, fault)
        following = next(filter(None, map(bytes.lstrip, chain([rest], chunks))), b"")


def _one_array(chunks: Iterator[bytes], max_line: int, fault: Callable[[str], Fault]) -> Generator[bytes, None, bytes]:
    # Gives the records, and returns what follows the end of the array in its last chunk.
    record, scanner, after_comma = bytearray(), _Scanner(), False
    for chunk, masked in _with_escapes_masked(chunks):
        start, end = 0, scanner.next_end(masked, 0)
        while end >= 0:
            _append(record, chunk[start:end], max_line)
            start, mark = end + 1, masked[end : end + 1]
            if record or after_comma or mark == b",":
                yield _whole(record, max_line)
                record.clear()
            if mark == b"]":
                return chunk[start:]
            after_comma = True
            end = scanner.next_end(masked, start)
        _append(record, chunk[start:], max_line)
    raise fault("the JSON array is not closed: the input ends early")


class _Scanner:
    """Where the scan of an array stands: inside a text or not, and how many brackets deep in a record."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_text = False

    def next_end(self, masked: bytes, position: int) -> int:
        """Find the comma or bracket that ends the record at a position, or give -1 when the chunk ends before it."""
        while True:
            if self._in_text:
                position = masked.find(b'"', position) + 1
                if not position:
                    return -1
                self._in_text = False
            found = _STRUCTURE.search(masked, position)
            if not found:
                return -1
            position = found.end()
            if found[0] == b'"':
                self._in_text = True
            elif found[0] in b"{[":
                self._depth += 1
            elif self._depth and found[0] in b"}]":
                self._depth -= 1
            elif not self._depth and found[0] in b",]":
                return found.start()


def _with_escapes_masked(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    # In the masked copy, of the same length, every quotation mark begins or ends a text.
    held = b""
    for chunk in chunks:
        chunk = held + chunk
        held = b"\\" if (len(chunk) - len(chunk.rstrip(b"\\"))) % 2 else b""
        chunk = chunk[: len(chunk) - len(held)]
        yield chunk, chunk.replace(b"\\\\", b"__").replace(b'\\"', b"__")


def _append(record: bytearray, part: bytes, max_line: int) -> None:
    if not record:
        part = part.lstrip()
    record += part[: max(0, max_line + 1 - len(record))]


def _whole(record: bytearray, max_line: int) -> bytes:
    if len(record) > max_line:
        return bytes(record.rstrip().ljust(max_line + 1))
    return bytes(record.rstrip()) or b","
