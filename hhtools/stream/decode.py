"""One line of JSON -> one record, or the fixed reason why it is bad."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from hhtools.records import Bad, Record, kind_of
from hhtools.stream.duplicates import doubled_field
from hhtools.stream.encode import WRITABLE_LEVELS, KeptRecord, too_deep
from hhtools.stream.options import MAX_LINE
from hhtools.stream.plain import PlainForms, lost_digits
from hhtools.stream.repair import replace_lone_surrogates

_loads = orjson.loads
_SEARCHED = {float, list, dict}


class Decoder:
    """Decodes the lines of one input into records, with whole numbers of any size exact.

    ``read_fields`` are the fields that the command reads: none of them may stand twice. Lists and objects in them are
    not searched for large numbers: the command takes them apart itself, and gives on only the texts in them. A record
    that names no ``source`` is marked with this one, if there is one. ``repair_surrogates`` allows ``repair``.
    """

    def __init__(
        self,
        read_fields: Sequence[str] = (),
        *,
        max_line: int = MAX_LINE,
        source: str | None = None,
        repair_surrogates: bool = False,
    ) -> None:
        self._read_fields = read_fields
        self._max_line = max_line
        self._source = source
        self._repair_surrogates = repair_surrogates
        self._plain = PlainForms(read_fields)

    def decode(self, line: bytes) -> Record:
        """Decode a line as an input gives it.

        Raises:
            Bad: ``line-too-long`` for a line that is cut off: max_line + 1 bytes without a line break. ``bad-utf8``,
                ``bad-surrogate``, ``nul-line``, ``too-deep``, ``bad-json``, ``not-object`` or ``duplicate-key``.
        """
        if len(line) > self._max_line and not line.endswith(b"\n"):
            raise Bad("line-too-long", f"more than {self._max_line} bytes; --max-line BYTES allows longer ones")
        try:
            record: Record = _loads(line)
        except orjson.JSONDecodeError as error:
            raise _why_not_json(line, error) from None
        shows = self._plain.shows
        if not shows(line):
            record = self._checked(line, record)
        if self._source is not None:
            record.setdefault("source", self._source)
        return record

    def repair(self, line: bytes, bad: Bad) -> tuple[bytes, Record]:
        """Give a line that could not be decoded with lone surrogates replaced by U+FFFD, and its record.

        Raises:
            Bad: the one given, unless lone surrogates are what was wrong and are to be replaced; else as decode does.
        """
        if not (self._repair_surrogates and bad.reason == "bad-surrogate"):
            raise bad
        repaired = replace_lone_surrogates(line)
        return repaired, self.decode(repaired)

    def _checked(self, line: bytes, record: Any) -> Record:
        if type(record) is not dict:
            raise Bad("not-object", f"the line holds {kind_of(record)}, not an object")
        twice = doubled_field(line, record, self._read_fields)
        if twice is not None:
            raise Bad("duplicate-key", f'"{twice}" stands twice')
        for field, value in record.items():
            kind = type(value)
            if kind in _SEARCHED and (kind is float or field not in self._read_fields) and _needs_slow_decoding(value):
                return _decode_slowly(line)
        self._plain.look_for_lines_like(line)
        return record


class KeepingDecoder(Decoder):
    """A decoder for stages that give records back later: each keeps its line, which encode writes again."""

    def decode(self, line: bytes) -> KeptRecord:
        """Decode a line as an input gives it; raises as Decoder.decode does."""
        return KeptRecord(super().decode(line), line)


def is_blank(line: bytes, bad: Bad) -> bool:
    """Tell whether a line that could not be decoded is no record at all, but white space."""
    return not line.strip() and bad.reason != "line-too-long"


def _why_not_json(line: bytes, error: orjson.JSONDecodeError) -> Bad:
    if error.msg.startswith("Not enough memory"):
        raise MemoryError
    if not line.strip(b"\0\r\n"):
        return Bad("nul-line", f"{line.count(0)} NUL bytes: the file was probably cut by a crash")
    try:
        text = line.decode()
    except UnicodeDecodeError as wrong:
        return Bad("bad-utf8", f"byte 0x{line[wrong.start]:02x} is not UTF-8 (byte {wrong.start + 1})")
    at_byte = f"(byte {len(text[: error.pos].encode()) + 1})"
    if "surrogate" in error.msg:
        return Bad(
            "bad-surrogate",
            f"a lone surrogate escape, half a character {at_byte}; --repair-surrogates takes U+FFFD for it",
        )
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
        huge = huge or any(map(lost_digits, values))
        containers = [inner for inner in values if type(inner) in (dict, list)]
        if containers and level > WRITABLE_LEVELS:
            raise too_deep()
        values = [inner for container in containers for inner in _inside(container)]
        level += 1
    return huge


def _inside(container: Any) -> Iterable[object]:
    return container.values() if type(container) is dict else container


def _decode_slowly(line: bytes) -> Record:
    try:
        record: Record = json.loads(line)
    except RecursionError:  # deep inside a field that was not searched; how deep depends on the Python
        raise too_deep() from None
    except ValueError as error:  # CPython refuses whole numbers of more than 4300 digits
        raise Bad("bad-json", str(error).partition(";")[0]) from None
    return record
