"""One record -> one line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import orjson

from hhtools.records import Bad, Record

WRITABLE_LEVELS = 254
"""How many levels of nesting orjson writes; it reads 1024."""

_dumps, _NEWLINE = orjson.dumps, orjson.OPT_APPEND_NEWLINE


class KeptRecord(dict[str, Any]):
    """A record with the line it was read from, for a stage that gives it back later."""

    __slots__ = ("line",)

    def __init__(self, record: Record, line: bytes) -> None:
        super().__init__(record)
        self.line = line


def encode_all(rows: Sequence[Record], record: Record, line: bytes) -> bytes:
    """Encode rows as lines, each with its newline; one that is the very record read is written as its line was.

    Raises:
        Bad: as encode does; then none of the rows is written.
    """
    lines = []
    try:
        for row in rows:  # a comprehension would take a quarter more time
            lines.append(one_line(line) if row is record else _dumps(row, None, _NEWLINE))
        return b"".join(lines)
    except orjson.JSONEncodeError:
        return b"".join([one_line(line) if row is record else encode(row) for row in rows])


def encode_each(rows: Sequence[Record], _record: Record, _line: bytes) -> bytes:
    """Encode rows as encode_all does, where kept records may be among them; raises as encode_all does."""
    return b"".join(map(encode, rows))


def encode(record: Record) -> bytes:
    """Encode a record as one line, with its newline; a kept one is written as its line was.

    Raises:
        Bad: ``too-deep``, for what could be read but cannot be written.
    """
    if isinstance(record, KeptRecord):
        return one_line(record.line)
    try:
        return _dumps(record, None, _NEWLINE)
    except orjson.JSONEncodeError as error:
        return _encode_slowly(record, error)


def one_line(raw: bytes) -> bytes:
    r"""Give a record's own JSON bytes as one line: white space around it gone, LF at the end, no other byte changed.

    A line break inside a record, as in an array printed over many lines, becomes a space; in valid JSON it can only
    stand between two tokens.

    >>> one_line(b'{"a": 1}\r\n'), one_line(b'{\n"a": 1}')
    (b'{"a": 1}\n', b'{ "a": 1}\n')
    """
    if raw[:1] == b"{" and raw[-2:] == b"}\n" and raw.find(b"\n") == len(raw) - 1:
        return raw
    return raw.strip().replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def too_deep() -> Bad:
    """Make the error for a record that is nested too deeply to be written."""
    return Bad("too-deep", f"more than {WRITABLE_LEVELS} levels of nesting can be read, but not written")


def _encode_slowly(record: Record, error: TypeError) -> bytes:
    if "64-bit" in str(error):
        try:
            return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        except RecursionError:
            pass
    elif "ecursion" not in str(error):
        raise error
    raise too_deep()
