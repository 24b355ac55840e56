from __future__ import annotations

import json
from typing import Any

import pytest

from hhtools.records import Bad
from hhtools.stream.duplicates import doubled_field

FIELDS = ("chosen", "rejected")
MANY = ",".join(f'"x{number}":{number}' for number in range(100))

TABLE: dict[str, tuple[str, str | None]] = {
    "once": ('{"chosen":"a","rejected":"b"}', None),
    "twice": ('{"chosen":"a","rejected":"b","chosen":"a"}', "chosen"),
    "three times": ('{"chosen":1,"chosen":2,"chosen":3}', "chosen"),
    "side by side": ('{"rejected":"b","rejected":"c"}', "rejected"),
    "both: the first that is read": ('{"rejected":1,"rejected":2,"chosen":1,"chosen":2}', "chosen"),
    "white space before the colon": ('{"chosen" :"a", "chosen"\t: "b"}', "chosen"),
    "an escape in the name": (r'{"chosen":"a","cho\u0073en":"b"}', "chosen"),
    "an escape in both": (r'{"c\u0068osen":"a","\u0063hosen":"b"}', "chosen"),
    "an escape in the only one": (r'{"cho\u0073en":"a","rejected":"b"}', None),
    "many lines": ('{\n  "chosen": "a",\n  "rejected": "b",\n  "chosen": "c"\n}\n', "chosen"),
    "not a text": ('{"chosen":[1],"chosen":null}', "chosen"),
    "not read": ('{"chosen":"a","x":1,"x":2}', None),
    "another case": ('{"chosen":"a","CHOSEN":"b","Chosen":"c"}', None),
    "in an object inside": ('{"x":{"chosen":1},"chosen":"a"}', None),
    "twice in an object inside": ('{"x":{"chosen":1,"chosen":2},"chosen":"a"}', None),
    "inside, and twice": ('{"x":{"chosen":1},"chosen":"a","chosen":"b"}', "chosen"),
    "inside, and not itself": ('{"x":{"chosen":1}}', None),
    "in a text": (r'{"chosen":"\"chosen\":1,\"rejected\":2"}', None),
    "at the end of a text": (r'{"x":"\"chosen","chosen":"a"}', None),
    "as a text": ('{"x":"chosen","chosen":"a"}', None),
    "as a text, and twice": ('{"x":"chosen","chosen":"a","chosen":"b"}', "chosen"),
    "a backslash before the mark": (r'{"chosen":"\\","chosen":"\\"}', "chosen"),
    "a long line": ('{"x":"%s","chosen":"a","chosen":"b"}' % ("x" * 70_000), "chosen"),
    "many fields": ('{"chosen":"a",' + MANY + ',"chosen":"b"}', "chosen"),
    "a long line, once": ('{"x":"%s","chosen":"a"}' % ("x" * 70_000), None),
    "many fields, once": ('{"chosen":"a",' + MANY + "}", None),
    "a list in a list, and as many fields as keys": ('{"x":[{"y":[1],"chosen":[2],"z":[3]}],"chosen":[4]}', None),
    "inside a list, and twice": ('{"x":[{"y":[1],"chosen":2}],"chosen":3,"chosen":4}', "chosen"),
    "a bracket in a text in a list": (r'{"x":["a],\"chosen\":1"],"chosen":3}', None),
    "a bracket in a text, and twice": (r'{"x":["]\",\""],"chosen":3,"chosen":4}', "chosen"),
    "names of marks": (r'{"x":[{"a],":1,":":":5,"}],"chosen":3,"chosen":4}', "chosen"),
    "neither": ('{"x":1}', None),
    "nothing": ("{}", None),
}


@pytest.mark.parametrize(("line", "field"), TABLE.values(), ids=TABLE)
def test_a_field_that_stands_twice_is_named(line: str, field: str | None) -> None:
    record: Any = json.loads(line)
    assert doubled_field(line.encode(), record, FIELDS) == field
    assert doubled_field(line.encode(), record, ()) is None


def test_nesting_that_cannot_be_followed_is_too_deep() -> None:
    line = b'{"chosen":1,"rejected":%b,"chosen":2}' % (b"[" * 1000 + b"]" * 1000)
    try:
        told = repr(doubled_field(line, {"chosen": 2, "rejected": []}, FIELDS))
    except Bad as bad:
        told = bad.reason
    assert told in {"'chosen'", "too-deep"}  # how deep can be followed depends on the Python
