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
    record, scanner, after_comma = _Record(max_line), _Scanner(), False
    for chunk, masked in _with_escapes_masked(chunks):
        start, end = 0, scanner.next_end(masked, 0)
        while end >= 0:
            record.append(chunk[start:end])
            start, mark = end + 1, masked[end : end + 1]
            found = record.take()
            if found or after_comma or mark == b",":
                yield found or b","
            if mark == b"]":
                return chunk[start:]
            after_comma = True
            end = scanner.next_end(masked, start)
        record.append(chunk[start:])
    found = record.take()
    if scanner.between_records() and found[:1] + found[-1:] in (b"{}", b"[]"):
        yield found
    raise fault("the JSON array is not closed: the input ends early")


class _Record:
    """The bytes of the record in progress, without the white space around it, and no more of them than may be held."""

    def __init__(self, max_line: int) -> None:
        self._max_line = max_line
        self._held = bytearray()
        self._too_long = False

    def append(self, part: bytes) -> None:
        """Add what one chunk holds of the record."""
        if not self._held:
            part = part.lstrip()
        room = max(0, self._max_line - len(self._held))
        self._held += part[:room]
        self._too_long = self._too_long or bool(part[room:].strip())

    def take(self) -> bytes:
        """Give the record and begin the next; one that is too long is filled up, so that it cannot pass for whole."""
        record = bytes(self._held.rstrip())
        if self._too_long:
            record = record.ljust(self._max_line + 1)
        self._held.clear()
        self._too_long = False
        return record


class _Scanner:
    """Where the scan of an array stands: inside a text or not, and how many brackets deep in a record."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_text = False

    def between_records(self) -> bool:
        """Tell whether the scan stands in no text and no bracket of a record."""
        return not self._in_text and not self._depth

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
    escaped = False
    for chunk in chunks:
        first, rest = (b"_", chunk[1:]) if escaped and chunk else (b"", chunk)
        escaped = (len(rest) - len(rest.rstrip(b"\\"))) % 2 == 1
        yield chunk, first + rest.replace(b"\\\\", b"__").replace(b'\\"', b"__")
