from __future__ import annotations

import json

import pytest

from hhtools.records import Bad
from hhtools.stream.closely import look_closely
from hhtools.stream.decode import Decoder

# (a line, what is found in it beside what keeps it from being read)
LINES: dict[str, tuple[bytes, list[str]]] = {
    "as hhtools writes it": (b'{"a":"\xc3\xa9","b":[1.5,null]}\n', []),
    "with spaces and escapes": (b'{"a": "\\u00e9", "b": [1.50, null]}\r\n', []),
    "without its line break": (b'{"a":1}', []),
    "a number beyond 64 bits": (b'{"a":18446744073709551616}\n', []),
    "a key twice": (b'{"a":1,"b":2,"a":1}\n', ["duplicate-key"]),
    "a key twice, once as an escape": (b'{"a":1,"\\u0061":2}\n', ["duplicate-key"]),
    "a key twice in an object inside": (b'{"a":[{"b":1,"b":2}]}\n', ["duplicate-key"]),
    "two objects of the same key": (b'{"a":[{"b":1},{"b":2}]}\n', []),
    "a key as a value": (b'{"a":"a","b":"a\\":"}\n', []),
    "NaN": (b'{"a":NaN}\n', ["not-a-number"]),
    "Infinity": (b'{"a":[-Infinity]}\n', ["not-a-number"]),
    "NaN as text": (b'{"a":"NaN"}\n', []),
    "both": (b'{"a":NaN,"a":1}\n', ["not-a-number", "duplicate-key"]),
    "many levels": (b'{"a":' + b"[" * 252 + b"]" * 252 + b"}\n", []),
}


@pytest.mark.parametrize(("line", "slugs"), LINES.values(), ids=LINES)
def test_a_line_that_can_be_read(line: bytes, slugs: list[str]) -> None:
    record, flaws = look_closely(line, Decoder())
    assert [slug for slug, _ in flaws] == slugs
    if not slugs:
        assert record == json.loads(line)


@pytest.mark.parametrize(
    "line", [b"{", b"NaN", b"[NaN]", b'{"a":1e400}', b'{"a":NaN', b'{"a":"\\ud800"}', b'{"a":nan}']
)
def test_a_line_that_cannot(line: bytes) -> None:
    with pytest.raises(Bad):
        look_closely(line, Decoder())
