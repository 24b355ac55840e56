"""One line of JSON, looked at as closely as the strictest reader does: also for what others let pass without a word."""

from __future__ import annotations

import json
from typing import Any

import orjson

from hhtools.records import Bad, Record
from hhtools.stream.decode import Decoder

Flaw = tuple[str, str]
"""The slug of a kind of flaw, and what was found."""


def look_closely(line: bytes, decoder: Decoder) -> tuple[Record, list[Flaw]]:
    """Decode a line into a record, and tell what is wrong with its JSON that does not keep one from reading it.

    The decoder is one that reads no fields itself, and so passes over keys that stand twice.
    Those are a number that is none, ``not-a-number``, and a key that stands twice in an object, ``duplicate-key``.

    >>> look_closely(b'{"a": 1, "a": NaN}', Decoder())
    ({'a': nan}, [('not-a-number', 'the row holds NaN'), ('duplicate-key', '"a" stands twice in an object')])

    Raises:
        Bad: as the decoder does.
    """
    try:
        record = decoder.decode(line)
    except Bad as bad:
        if bad.reason == "bad-json":
            decoded, flaws = _decode_leniently(line)
            if type(decoded) is dict and flaws:
                return decoded, flaws
        raise
    # What hhtools writes comes out of the encoder as it went in: only of other lines are the keys counted.
    return record, [] if _is_encoded_so(record, line) else _decode_leniently(line)[1]


def _is_encoded_so(record: Record, line: bytes) -> bool:
    try:
        return orjson.dumps(record) == line.rstrip(b"\n")
    except orjson.JSONEncodeError:  # a whole number beyond 64 bits
        return False


def _decode_leniently(line: bytes) -> tuple[Any, list[Flaw]]:
    # Python's own decoder takes NaN for a number, and shows every key of an object.
    flaws: list[Flaw] = []

    def constant(name: str) -> float:
        flaws.append(("not-a-number", f"the row holds {name}"))
        return float(name)

    def record_of_pairs(pairs: list[tuple[str, Any]]) -> Record:
        record = dict(pairs)
        if len(record) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            flaws.append(("duplicate-key", f'"{twice[:40]}" stands twice in an object'))
        return record

    try:
        return json.loads(line, parse_constant=constant, object_pairs_hook=record_of_pairs), flaws
    except (ValueError, RecursionError):
        return None, []
