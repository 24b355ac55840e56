"""Whether a field stands twice in a record: exact for any valid JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

import orjson

from hhtools.records import Record
from hhtools.stream.encode import too_deep


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
    if not present or _stand_once(line, present):
        return None
    try:
        members = json.loads(line, object_pairs_hook=tuple)
    except RecursionError:
        raise too_deep() from None
    names = [name for name, _ in members]
    return next((field for field in present if names.count(field) > 1), None)


def _stand_once(line: bytes, present: Sequence[str]) -> bool:
    # Misspell each field where its name stands first: one that is still there stood twice, or its name is also a text
    # or a key inside another field. It takes a quarter of the time of decoding with the standard library.
    for field in present:
        line = line.replace(b'"%b"' % field.encode(), b'"%b"' % field.swapcase().encode(), 1)
    misspelt: Record = orjson.loads(line)
    return not any(field in misspelt for field in present)
