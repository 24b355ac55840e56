from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.stream.array import array_records

TABLE: dict[str, tuple[bytes, list[bytes]]] = {
    "empty": (b"[]", []),
    "empty, with white space": (b"[ \n ]\n", []),
    "one": (b'[{"a":1}]', [b'{"a":1}']),
    "white space around": (b'[ {"a":1} ,\n\t{"b":2}\r\n]\n', [b'{"a":1}', b'{"b":2}']),
    "brackets and commas in text": (b'[{"a":"],[{"},{"b":"}"}]', [b'{"a":"],[{"}', b'{"b":"}"}']),
    "escaped quotes": (rb'[{"a":"\"],"},{"b":"\\"}]', [rb'{"a":"\"],"}', rb'{"b":"\\"}']),
    "nested": (b'[{"a":[{"b":[]}]},[1,[2]]]', [b'{"a":[{"b":[]}]}', b"[1,[2]]"]),
    "no objects": (b'[1,"a",null]', [b"1", b'"a"', b"null"]),
    "two arrays": (b'[{"a":1}]\n[{"b":2}]', [b'{"a":1}', b'{"b":2}']),
    "a missing comma": (b'[{"a":1} {"b":2}]', [b'{"a":1} {"b":2}']),
    "a doubled comma": (b'[{"a":1},,{"b":2}]', [b'{"a":1}', b",", b'{"b":2}']),
    "a trailing comma": (b'[{"a":1},]', [b'{"a":1}', b","]),
    "a leading comma": (b'[,{"a":1}]', [b",", b'{"a":1}']),
    "as long as may be, and white space": (b'["' + b"x" * 38 + b'"\n   ,1]', [b'"' + b"x" * 38 + b'"', b"1"]),
    "longer by what follows white space": (b'["' + b"x" * 38 + b'"  7,1]', [b'"' + b"x" * 38 + b'" ', b"1"]),
    "one too long": (b'[{"a":1},"' + b"x" * 200 + b'",{"b":2}]', [b'{"a":1}', b'"' + b"x" * 39 + b" ", b'{"b":2}']),
}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(("array", "records"), TABLE.values(), ids=TABLE)
def test_records_however_the_array_arrives(array: bytes, records: list[bytes], size: int) -> None:
    assert list(array_records(pieces(array, size), 40, ValueError)) == records  # type: ignore[arg-type]


CUT = [b"[", b'[{"a":1}', b'[{"a":1},', b'[{"a":1},{"b', b'["a]', b'[{"a":1]']
JUNK = [b'[{"a":1}]x', b'[]\n{"a":1}', b"[]\\"]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("array", "told"), [(a, "not closed") for a in CUT] + [(a, "something else") for a in JUNK])
def test_a_broken_array_is_told_after_its_records(array: bytes, told: str, size: int) -> None:
    records = array_records(pieces(array, size), 40, ValueError)  # type: ignore[arg-type]
    found: list[bytes] = []
    with pytest.raises(ValueError, match=told):
        found.extend(records)
    assert found in ([], [b'{"a":1}'])
    assert bool(found) == array.startswith(b'[{"a":1}')


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab"\\]}[{,\n é😀'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\]', max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=5), st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_any_array_gives_its_elements(values: list[Any], size: int, indent: int | None, ascii_only: bool) -> None:
    array = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode()
    found = array_records(pieces(array, size), 10**6, ValueError)  # type: ignore[arg-type]
    assert [json.loads(record) for record in found] == values


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))
