"""One line of JSON -> one record, or the fixed reason why it is bad; and one record -> one line."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

import orjson

from hhtools.records import Bad, Record, kind_of

_dumps, _NEWLINE = orjson.dumps, orjson.OPT_APPEND_NEWLINE
_BEYOND_64_BITS = float(1 << 63)


def decode(line: bytes, read_fields: Collection[str] = ()) -> Record:
    """Decode a line into a record, whole numbers of any size exact in every field but ``read_fields``.

    The command reads those itself, and finds no numbers there.

    Raises:
        Bad: ``bad-utf8``, ``bad-surrogate``, ``nul-line``, ``too-deep``, ``bad-json`` or ``not-object``.
    """
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _why_not_json(line, error) from None
    if type(record) is not dict:
        raise Bad("not-object", f"the line holds {kind_of(record)}, not an object")
    # orjson turns a whole number beyond 64 bits into the nearest double, without a word.
    if len(record) > len(read_fields):
        for field, value in record.items():
            if type(value) is not str and field not in read_fields and _has_huge_float(value):
                return _decode_slowly(line)
    return record


def encode_all(rows: Sequence[Record], record: Record, line: bytes) -> bytes:
    """Encode rows as lines, each with its newline; one that is the very record read is written as its line was.

    Raises:
        Bad: as encode does; then none of the rows is written.
    """
    try:
        return b"".join([one_line(line) if row is record else _dumps(row, None, _NEWLINE) for row in rows])
    except orjson.JSONEncodeError:
        return b"".join([one_line(line) if row is record else encode(row) for row in rows])


def encode(record: Record) -> bytes:
    """Encode a record as one line, with its newline.

    Raises:
        Bad: ``too-deep`` or ``bad-surrogate``, for what could be read but cannot be written.
    """
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
    if raw.endswith(b"}\n") and raw.startswith(b"{") and raw.find(b"\n") == len(raw) - 1:
        return raw
    return raw.strip().replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def _why_not_json(line: bytes, error: orjson.JSONDecodeError) -> Bad:
    if not line.strip(b"\0\r\n"):
        return Bad("nul-line", f"{len(line)} NUL bytes: the file was probably cut by a crash")
    try:
        text = line.decode()
    except UnicodeDecodeError as wrong:
        return Bad("bad-utf8", f"byte 0x{line[wrong.start]:02x} is not UTF-8 (byte {wrong.start + 1})")
    at_byte = f"(byte {len(text[: error.pos].encode()) + 1})"
    if "surrogate" in error.msg:
        return Bad("bad-surrogate", f"a lone surrogate escape, half a character {at_byte}")
    if "depth" in error.msg:
        return Bad("too-deep", f"more than 1024 levels of nesting {at_byte}")
    return Bad("bad-json", f"{error.msg} {at_byte}")


def _has_huge_float(value: object) -> bool:
    # No recursion: a value may be nested deeper than Python's stack.
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if type(inner) is float and not -_BEYOND_64_BITS < inner < _BEYOND_64_BITS:
            return True
        if type(inner) is dict:
            waiting.extend(inner.values())
        elif type(inner) is list:
            waiting.extend(inner)
    return False


def _decode_slowly(line: bytes) -> Record:
    try:
        record: Record = json.loads(line)
    except RecursionError:
        raise Bad("too-deep", "too many levels of nesting around a number of more than 64 bits") from None
    except ValueError as error:  # CPython refuses whole numbers of more than 4300 digits
        raise Bad("bad-json", str(error).partition(";")[0]) from None
    return record


def _encode_slowly(record: Record, error: TypeError) -> bytes:
    if "64-bit" in str(error):
        try:
            return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        except RecursionError:
            pass
    elif "ecursion" not in str(error):
        raise error
    raise Bad("too-deep", "more than 254 levels of nesting can be read, but not written")
