"""One line of JSON -> one record, or the fixed reason why it is bad; and one record -> one line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import orjson

from hhtools.records import Bad, Record, kind_of

_dumps, _NEWLINE = orjson.dumps, orjson.OPT_APPEND_NEWLINE
_WRITABLE_LEVELS = 254
_BEYOND = float(1 << 63)


class KeptRecord(dict[str, Any]):
    """A record with the line it was read from, for a stage that gives it back later."""

    __slots__ = ("line",)

    def __init__(self, record: Record, line: bytes) -> None:
        super().__init__(record)
        self.line = line


def record_of(line: bytes, max_line: int, source: str | None, read_fields: Collection[str] = ()) -> Record:
    """Decode a line as an input gives it into a record that is marked with its source, if it names none itself.

    Raises:
        Bad: ``line-too-long`` for a line that is cut off: max_line + 1 bytes without a line break; and as decode does.
    """
    if len(line) > max_line and not line.endswith(b"\n"):
        raise Bad("line-too-long", f"more than {max_line} bytes; --max-line BYTES allows longer ones")
    record = decode(line, read_fields)
    if source is not None:
        record.setdefault("source", source)
    return record


def kept_record_of(line: bytes, max_line: int, source: str | None, read_fields: Collection[str] = ()) -> KeptRecord:
    """Decode a line as record_of does into a record that keeps its line; raises as record_of does."""
    return KeptRecord(record_of(line, max_line, source, read_fields), line)


def is_blank(line: bytes, bad: Bad) -> bool:
    """Tell whether a line that could not be decoded is no record at all, but white space."""
    return not line.strip() and bad.reason != "line-too-long"


def decode(line: bytes, read_fields: Collection[str] = ()) -> Record:
    """Decode a line into a record, with whole numbers of any size exact.

    Lists and objects in ``read_fields`` are not searched for such numbers: the command takes them apart itself, and
    gives on only the texts in them.

    Raises:
        Bad: ``bad-utf8``, ``bad-surrogate``, ``nul-line``, ``too-deep``, ``bad-json`` or ``not-object``.
    """
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _why_not_json(line, error) from None
    if type(record) is not dict:
        raise Bad("not-object", f"the line holds {kind_of(record)}, not an object")
    for field, value in record.items():
        kind = type(value)
        if kind is not str and (kind is float or field not in read_fields) and _needs_slow_decoding(value):
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
    if raw.endswith(b"}\n") and raw.startswith(b"{") and raw.find(b"\n") == len(raw) - 1:
        return raw
    return raw.strip().replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def _why_not_json(line: bytes, error: orjson.JSONDecodeError) -> Bad:
    if not line.strip(b"\0\r\n"):
        return Bad("nul-line", f"{line.count(0)} NUL bytes: the file was probably cut by a crash")
    try:
        text = line.decode()
    except UnicodeDecodeError as wrong:
        return Bad("bad-utf8", f"byte 0x{line[wrong.start]:02x} is not UTF-8 (byte {wrong.start + 1})")
    at_byte = f"(byte {len(text[: error.pos].encode()) + 1})"
    if "surrogate" in error.msg:
        return Bad("bad-surrogate", f"a lone surrogate escape, half a character {at_byte}")
    if "depth" in error.msg:
        return Bad("too-deep", f"more than 1024 levels of nesting {at_byte}")
    return Bad("bad-json", f"{error.msg} {at_byte}{_way_out(line, error)}")


def _way_out(line: bytes, error: orjson.JSONDecodeError) -> str:
    if line[error.pos : error.pos + 8].startswith((b"NaN", b"Infinity", b"-Infinity")):
        return "; JSON has no NaN and no Infinity"
    if not error.msg.startswith("unexpected end"):
        return ""
    return "; give each record one line (jq -c .)" if line.endswith(b"\n") else "; the input may be cut short"


def _needs_slow_decoding(value: object) -> bool:
    # orjson turns a whole number beyond 64 bits into the nearest double, without a word. It also reads deeper than it
    # writes: a row that is held back must not turn out later to be one that cannot be written.
    level, huge, values = 2, False, [value]
    while values:
        huge = huge or any(type(inner) is float and not -_BEYOND < inner < _BEYOND for inner in values)
        containers = [inner for inner in values if type(inner) in (dict, list)]
        if containers and level > _WRITABLE_LEVELS:
            raise _too_deep()
        values = [inner for container in containers for inner in _inside(container)]
        level += 1
    return huge


def _too_deep() -> Bad:
    return Bad("too-deep", f"more than {_WRITABLE_LEVELS} levels of nesting can be read, but not written")


def _inside(container: Any) -> Iterable[object]:
    return container.values() if type(container) is dict else container


def _decode_slowly(line: bytes) -> Record:
    try:
        record: Record = json.loads(line)
    except RecursionError:  # deep inside a field that was not searched; how deep depends on the Python
        raise _too_deep() from None
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
    raise _too_deep()
