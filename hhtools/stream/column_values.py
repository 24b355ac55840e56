"""Rows of Arrow columns -> lines of JSON.

Texts, whole numbers, booleans and nulls stay what they are, lists become arrays, structs and maps objects. What JSON
does not have becomes what is usual for it:

* dates, times and moments: text as ISO 8601 has them, ``"2024-01-02T03:04:05.000Z"``, with all digits of their unit; a
  moment with a time zone is given in UTC
* durations: the whole number of their unit
* decimals: numbers, with all their digits
* bytes: text in base64
* NaN and the infinite numbers, and text that is not UTF-8: what no reader of JSON takes, so that the record is bad, and
  not another one
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, repeat
from typing import Any

import orjson
import pyarrow as pa
from pyarrow import compute, types

Values = list[Any]


def json_lines(batch: pa.RecordBatch) -> Iterator[bytes]:
    r"""Give each row of a batch as a line.

    >>> list(json_lines(pa.record_batch({"id": [1, 2], "tags": [["a"], None]})))
    [b'{"id":1,"tags":["a"]}\n', b'{"id":2,"tags":null}\n']

    Raises:
        pyarrow.ArrowNotImplementedError: for a type that JSON has nothing for, and for two columns of one name.
    """
    return map(_line, _objects(batch.schema.names, batch.columns, batch.num_rows))


def _line(row: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(row, None, orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # text that is not UTF-8
        return json.dumps(row, ensure_ascii=False, default=repr).encode("utf-8", "surrogateescape") + b"\n"


def _values(array: pa.Array) -> Values:
    for is_of_kind, convert in _CONVERTERS:
        if is_of_kind(array.type):
            return convert(array)
    raise pa.ArrowNotImplementedError(f"JSON has nothing for the type {array.type}")


def _as_they_are(array: pa.Array) -> Values:
    values: Values = array.to_pylist()
    return values


def _texts(array: pa.Array) -> Values:
    try:
        return _as_they_are(array)
    except UnicodeDecodeError:
        found = _as_they_are(array.cast(pa.large_binary()))
        return [value if value is None else value.decode("utf-8", "surrogateescape") for value in found]


def _numbers(array: pa.Array) -> Values:
    values = _as_they_are(array.cast(pa.float64()))
    if compute.all(compute.is_finite(array)).as_py():
        return values
    return [_NO_NUMBERS.get(str(value), value) for value in values]


def _decimals(array: pa.Array) -> Values:
    return [value if value is None else orjson.Fragment(f"{value:f}") for value in _as_they_are(array)]


def _in_base64(array: pa.Array) -> Values:
    return [value if value is None else b64encode(value).decode() for value in _as_they_are(array)]


def _moments(array: pa.Array) -> Values:
    in_utc = array.cast(pa.int64()).cast(pa.timestamp(array.type.unit))  # needs no data base of time zones
    mark = "Z" if array.type.tz else ""
    return _as_they_are(compute.strftime(in_utc, f"%Y-%m-%dT%H:%M:%S{mark}"))


def _as_text(array: pa.Array) -> Values:
    return _as_they_are(array.cast(pa.string()))


def _as_whole_numbers(array: pa.Array) -> Values:
    return _as_they_are(array.cast(pa.int64()))


def _structs(array: pa.Array) -> Values:
    objects = _objects([field.name for field in array.type], array.flatten(), len(array))
    return [found if there else None for found, there in zip(objects, array.is_valid().to_pylist(), strict=True)]


def _lists(array: pa.Array) -> Values:
    values = iter(_values(array.flatten()))
    lengths = _as_they_are(compute.list_value_length(array))
    return [None if length is None else list(islice(values, length)) for length in lengths]


def _maps(array: pa.Array) -> Values:
    entry = pa.struct([("key", array.type.key_type), ("value", array.type.item_type)])
    found = _lists(array.cast(pa.list_(entry)))
    return [None if entries is None else {_key(entry["key"]): entry["value"] for entry in entries} for entries in found]


def _key(key: Any) -> str:
    return key if type(key) is str else orjson.dumps(key).decode()


def _objects(names: Sequence[str], columns: Sequence[pa.Array], count: int) -> Iterator[dict[str, Any]]:
    if len(set(names)) < len(names):
        raise pa.ArrowNotImplementedError(f"two columns have one name, of {', '.join(names)}")
    rows = zip(*map(_values, columns), strict=True) if columns else repeat((), count)
    return (dict(zip(names, row, strict=True)) for row in rows)


def _is_extension(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType)


_NO_NUMBERS = {
    name: orjson.Fragment(word) for name, word in (("nan", "NaN"), ("inf", "Infinity"), ("-inf", "-Infinity"))
}

_CONVERTERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], Values]], ...] = (
    (types.is_string, _texts),
    (types.is_large_string, _texts),
    (types.is_string_view, _texts),
    (types.is_struct, _structs),
    (types.is_list, _lists),
    (types.is_large_list, _lists),
    (types.is_fixed_size_list, _lists),
    (types.is_list_view, _lists),
    (types.is_large_list_view, _lists),
    (types.is_map, _maps),
    (types.is_boolean, _as_they_are),
    (types.is_integer, _as_they_are),
    (types.is_floating, _numbers),
    (types.is_null, _as_they_are),
    (types.is_decimal, _decimals),
    (types.is_timestamp, _moments),
    (types.is_date, _as_text),
    (types.is_time, _as_text),
    (types.is_duration, _as_whole_numbers),
    (types.is_binary, _in_base64),
    (types.is_large_binary, _in_base64),
    (types.is_fixed_size_binary, _in_base64),
    (types.is_binary_view, _in_base64),
    (types.is_dictionary, lambda array: _values(array.dictionary_decode())),
    (types.is_run_end_encoded, lambda array: _values(compute.run_end_decode(array))),
    (_is_extension, lambda array: _values(array.storage)),
)
