"""Whether a field stands twice in a record: exact for any valid JSON, and quick for most."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache

import orjson

from hhtools.records import Record
from hhtools.stream.encode import too_deep

_MOST_MEMBERS = 32
_LONGEST_TO_MATCH = 1 << 16

# A quotation mark between a comma and a letter begins a text: inside of one it would be escaped, and no letter follows
# the end of one. So what is matched before it are members, unless a list held the beginning of another list: but then
# more brackets would be opened than closed.
_TEXT = rb'"[^"]*(?:(?<=\\)"[^"]*)*"'
_MEMBER = rb'\s*"\w[^"\\]*"\s*:\s*(?:%b|\[[^]]*\]|\{[^][{}]*\}|[-+.\w]+)\s*' % _TEXT


def doubled_field(line: bytes, record: Record, fields: Sequence[str]) -> str | None:
    r"""Name a field that stands twice in the line that a record was decoded from, or give None.

    Only the record's own fields are looked at, not those of objects inside it, such as the messages of a pair.

    >>> line = b'{"chosen": "Hi", "cho\\u0073en": "Ho"}'
    >>> doubled_field(line, {"chosen": "Ho"}, ["chosen"])
    'chosen'

    Raises:
        Bad: ``too-deep``, for nesting that the standard library's json cannot follow.
    """
    present = [field for field in fields if field in record]
    if not present or _has_members(line, len(record)) or _stand_once(line, present):
        return None
    try:
        members = json.loads(line, object_pairs_hook=tuple)
    except RecursionError:
        raise too_deep() from None
    names = [name for name, _ in members]
    return next((field for field in present if names.count(field) > 1), None)


def _has_members(line: bytes, count: int) -> bool:
    # As many as the record has keys: then no key stands twice. Four times as fast as what follows, if it matches.
    if count > _MOST_MEMBERS or len(line) > _LONGEST_TO_MATCH:
        return False
    return _object_of(count).fullmatch(line) is not None


@lru_cache(_MOST_MEMBERS)
def _object_of(count: int) -> re.Pattern[bytes]:
    return re.compile(rb"\s*\{" + b",".join([_MEMBER] * count) + rb"\}\s*")


def _stand_once(line: bytes, present: Sequence[str]) -> bool:
    # Misspell each field where its name stands first: one that is still there stood twice, or its name is also a text
    # or a key inside another field. Four times as fast as decoding with the standard library.
    for field in present:
        line = line.replace(b'"%b"' % field.encode(), b'"%b"' % field.swapcase().encode(), 1)
    try:
        misspelt: Record = orjson.loads(line)
    except orjson.JSONDecodeError:  # a misspelt name leaves JSON valid: what fails is memory for another record
        raise MemoryError from None
    return not any(field in misspelt for field in present)
