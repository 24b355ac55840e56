from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.stream.repair import replace_lone_surrogates

TABLE = {
    "nothing to do": (rb'{"a":"b\n\u00e9"}', rb'{"a":"b\n\u00e9"}'),
    "a high one": (rb'"\ud800"', rb'"\ufffd"'),
    "a low one": (rb'"\uDFFF"', rb'"\ufffd"'),
    "a pair": (rb'"\ud83d\ude00"', rb'"\ud83d\ude00"'),
    "a pair in capitals": (rb'"\uD83D\uDE00"', rb'"\uD83D\uDE00"'),
    "the wrong way round": (rb'"\ude00\ud83d"', rb'"\ufffd\ufffd"'),
    "one before a pair": (rb'"\ud83d\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"'),
    "one after a pair": (rb'"\ud83d\ude00\ude00"', rb'"\ud83d\ude00\ufffd"'),
    "before another escape": (rb'"\ud83d\n\ude00"', rb'"\ufffd\n\ufffd"'),
    "in a key": (rb'{"\ud83d":1}', rb'{"\ufffd":1}'),
    "a backslash and text": (rb'"\\ud83d"', rb'"\\ud83d"'),
    "a backslash and one": (rb'"\\\ud83d"', rb'"\\\ufffd"'),
    "one, a backslash and text": (rb'"\ud83d\\ude00"', rb'"\ufffd\\ude00"'),
    "the last of the block before": (rb'"\ud7ff\ue000"', rb'"\ud7ff\ue000"'),
}


@pytest.mark.parametrize(("line", "repaired"), TABLE.values(), ids=TABLE)
def test_lone_surrogates_and_nothing_else_are_replaced(line: bytes, repaired: bytes) -> None:
    assert replace_lone_surrogates(line) == repaired
    assert replace_lone_surrogates(repaired) == repaired


@given(st.text(st.sampled_from('\ud83d\ude00\udfff😀\\"u\nd8é'), max_size=12))
def test_any_text_becomes_what_utf16_makes_of_it(text: str) -> None:
    repaired = json.loads(replace_lone_surrogates(json.dumps(text).encode()))
    assert repaired == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
