"""What each type of Arrow becomes in JSON."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from hhtools.records import Bad
from hhtools.stream.column_values import json_lines
from hhtools.stream.decode import Decoder

NANOSECONDS = 1_700_000_000_123_456_789
HI = {"role": "user", "content": "Hi"}
TENSORS = pa.ExtensionArray.from_storage(
    pa.fixed_shape_tensor(pa.int32(), [2]), pa.array([[1, 2], None], pa.list_(pa.int32(), 2))
)
ROLE = pa.struct([("role", pa.string()), ("content", pa.string())])
OBJECT = pa.struct([("b", pa.int64()), ("a", pa.string())])


def numbers(kind: pa.DataType, *values: int | None) -> pa.Array:
    return pa.array(values, pa.int32() if kind == pa.time32("s") else pa.int64()).cast(kind)


VALUES: dict[str, tuple[pa.Array, list[str]]] = {
    "texts": (pa.array(["a", "", "é\u2028\n\x01", None]), ['"a"', '""', '"é\u2028\\n\\u0001"', "null"]),
    "long texts": (pa.array(["a", None], pa.large_string()), ['"a"', "null"]),
    "views of texts": (
        pa.array(["a", None, "more than 12 bytes"], pa.string_view()),
        ['"a"', "null", '"more than 12 bytes"'],
    ),
    "texts in a dictionary": (pa.array(["a", None, "b", "a"]).dictionary_encode(), ['"a"', "null", '"b"', '"a"']),
    "texts in runs": (pa.RunEndEncodedArray.from_arrays([2, 3], ["a", None]), ['"a"', '"a"', "null"]),
    "whole numbers": (pa.array([1, -1, 2**63 - 1, None]), ["1", "-1", "9223372036854775807", "null"]),
    "the largest whole number": (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
    "small whole numbers": (pa.array([-128, 127], pa.int8()), ["-128", "127"]),
    "doubles": (pa.array([0.1, -2.5, 4.0, None]), ["0.1", "-2.5", "4.0", "null"]),
    "floats": (pa.array([0.5, None], pa.float32()), ["0.5", "null"]),
    "half floats": (pa.array([0.5, None], pa.float32()).cast(pa.float16()), ["0.5", "null"]),
    "only missing numbers": (pa.array([None], pa.float64()), ["null"]),
    "booleans": (pa.array([True, False, None]), ["true", "false", "null"]),
    "nothing": (pa.nulls(2), ["null", "null"]),
    "decimals": (pa.array([Decimal("12.30"), Decimal("-0.05"), None]), ["12.30", "-0.05", "null"]),
    "decimals in thousands": (pa.array([Decimal("12E3")], pa.decimal128(5, -3)), ["12000"]),
    "bytes": (pa.array([b"\xff\x00a", b"", None]), ['"/wBh"', '""', "null"]),
    "bytes of one size": (pa.array([b"ab"], pa.binary(2)), ['"YWI="']),
    "days": (pa.array([date(2024, 1, 2), None]), ['"2024-01-02"', "null"]),
    "days in milliseconds": (pa.array([date(2024, 1, 2)], pa.date64()), ['"2024-01-02"']),
    "times": (numbers(pa.time32("s"), 3661, None), ['"01:01:01"', "null"]),
    "times to the nanosecond": (numbers(pa.time64("ns"), 1), ['"00:00:00.000000001"']),
    "moments": (numbers(pa.timestamp("s"), 1_700_000_000, None), ['"2023-11-14T22:13:20"', "null"]),
    "moments to the microsecond": (numbers(pa.timestamp("us"), NANOSECONDS // 1000), ['"2023-11-14T22:13:20.123456"']),
    "moments to the nanosecond": (numbers(pa.timestamp("ns"), NANOSECONDS), ['"2023-11-14T22:13:20.123456789"']),
    "moments before 1970": (numbers(pa.timestamp("ms"), -1), ['"1969-12-31T23:59:59.999"']),
    "moments in a zone": (numbers(pa.timestamp("s", "Europe/Berlin"), 1_700_000_000), ['"2023-11-14T22:13:20Z"']),
    "moments in no known zone": (numbers(pa.timestamp("s", "Europe/Nowhere"), 0), ['"1970-01-01T00:00:00Z"']),
    "durations": (pa.array([timedelta(milliseconds=5), None], pa.duration("ms")), ["5", "null"]),
    "lists": (pa.array([[1, None], [], None]), ["[1,null]", "[]", "null"]),
    "long lists": (pa.array([["a"], None], pa.large_list(pa.string())), ['["a"]', "null"]),
    "lists of one size": (pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int64(), 2)), ["[1,2]", "null", "[3,4]"]),
    "views of lists": (pa.array([[1], None, [2, 3]], pa.list_view(pa.int64())), ["[1]", "null", "[2,3]"]),
    "lists of lists": (pa.array([[[1], []], None, [None]]), ["[[1],[]]", "null", "[null]"]),
    "objects": (pa.array([{"b": 1, "a": None}, None], OBJECT), ['{"b":1,"a":null}', "null"]),
    "objects without fields": (pa.array([{}, None], pa.struct([])), ["{}", "null"]),
    "messages": (pa.array([[HI, None], None], pa.list_(ROLE)), ['[{"role":"user","content":"Hi"},null]', "null"]),
    "maps": (pa.array([[("b", 1)], [], None], pa.map_(pa.string(), pa.int64())), ['{"b":1}', "{}", "null"]),
    "maps from numbers": (pa.array([[(1, ["x"])]], pa.map_(pa.int64(), pa.list_(pa.string()))), ['{"1":["x"]}']),
    "an extension": (TENSORS, ["[1,2]", "null"]),
}


def lines(**columns: pa.Array) -> list[bytes]:
    return list(json_lines(pa.record_batch(columns)))


@pytest.mark.parametrize(("array", "values"), VALUES.values(), ids=VALUES)
def test_values(array: pa.Array, values: list[str]) -> None:
    expected = [f'{{"x":{value}}}\n'.encode() for value in values]
    for start in range(len(values)):  # a part of a column begins in the middle of its buffers
        assert lines(x=array.slice(start)) == expected[start:]


def test_columns_become_the_fields_of_a_row_in_their_order() -> None:
    assert lines(b=pa.array([1, 2]), a=pa.array(["x", None])) == [b'{"b":1,"a":"x"}\n', b'{"b":2,"a":null}\n']


def test_rows_without_columns_are_rows() -> None:
    empty = pa.RecordBatch.from_struct_array(pa.array([{}, {}], pa.struct([])))
    assert list(json_lines(empty)) == [b"{}\n", b"{}\n"]


BAD: dict[str, tuple[list[Any], bytes, str]] = {
    "not a number": ([1.0, float("nan")], b'{"x":NaN}\n', "bad-json: .*JSON has no NaN"),
    "infinity": ([None, float("inf")], b'{"x":Infinity}\n', "bad-json: .*no Infinity"),
    "less than any number": ([1.0, float("-inf")], b'{"x":-Infinity}\n', "bad-json: .*no Infinity"),
    "not UTF-8": ([b"a", b"\xffb"], b'{"x": "\xffb"}\n', "bad-utf8: byte 0xff"),
}


@pytest.mark.parametrize(("values", "line", "told"), BAD.values(), ids=BAD)
def test_what_json_cannot_say_makes_one_bad_record(values: list[Any], line: bytes, told: str) -> None:
    array = pa.array(values)
    if array.type == pa.binary():
        array = array.view(pa.string())
    good, bad = lines(x=array)
    Decoder().decode(good)
    assert bad == line
    with pytest.raises(Bad, match=told):
        Decoder().decode(bad)


def test_a_bad_record_may_hold_anything_else() -> None:
    (bad,) = lines(x=pa.array([b"\xff"]).view(pa.string()), y=pa.array([Decimal(1)]), z=pa.array([float("nan")]))
    with pytest.raises(Bad, match="bad-utf8"):
        Decoder().decode(bad)


UNSAID = {
    "a type": (
        {"x": pa.array([(1, 2, 3)], pa.month_day_nano_interval())},
        "JSON has nothing for the type month_day_nano",
    ),
    "a type inside": ({"x": pa.array([[(1, 2, 3)]], pa.list_(pa.month_day_nano_interval()))}, "JSON has nothing for"),
}


@pytest.mark.parametrize(("columns", "told"), UNSAID.values(), ids=UNSAID)
def test_a_type_that_json_has_nothing_for(columns: dict[str, pa.Array], told: str) -> None:
    with pytest.raises(pa.ArrowNotImplementedError, match=told):
        lines(**columns)


def test_two_columns_of_one_name() -> None:
    twice = pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"])
    with pytest.raises(pa.ArrowNotImplementedError, match="two columns have one name, of x, x"):
        json_lines(twice)
