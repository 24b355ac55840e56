from __future__ import annotations

import json
from typing import Any

import pytest

from hhtools.records import Bad, Record
from hhtools.stream.encode import encode, encode_all, one_line


def test_what_cannot_be_written_is_bad_whatever_a_stage_made() -> None:
    deep: Any = 1 << 70
    for _ in range(300):
        deep = [deep]
    with pytest.raises(Bad, match="too-deep"):
        encode({"a": deep})


def test_text_is_written_as_utf8() -> None:
    assert encode({"é": "“ל”\u2028😀\0"}) == '{"é":"“ל”\u2028😀\\u0000"}\n'.encode()
    assert encode({"é": 1 << 70}) == '{"é":1180591620717411303424}\n'.encode()


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b'{"a":1}\n', b'{"a":1}\n'),
        (b'{"a":1}', b'{"a":1}\n'),
        (b' {"a":1} \r\n', b'{"a":1}\n'),
        (b'{"a":\n1}\n', b'{"a": 1}\n'),
        (b'{\r\n"a": 1\r\n}', b'{  "a": 1  }\n'),
    ],
)
def test_one_line(raw: bytes, line: bytes) -> None:
    assert one_line(raw) == line
    assert json.loads(raw) == json.loads(line)


def test_rows_are_written_in_order_and_the_very_record_as_its_line_was() -> None:
    record = {"a": 1.0}
    line = b' {"a":1e0}\r\n'
    assert encode_all([{"b": 1}, record, {"a": 1.0}], record, line) == b'{"b":1}\n{"a":1e0}\n{"a":1.0}\n'
    assert encode_all((), record, line) == b""


def test_of_rows_that_cannot_all_be_written_none_is() -> None:
    record: Record = {"a": 1}
    line = b'{"a":1}'
    assert encode_all([{"a": 1 << 70}, record], record, line) == b'{"a":1180591620717411303424}\n{"a":1}\n'
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    with pytest.raises(Bad, match="too-deep"):
        encode_all([record, {"a": deep}], record, line)
