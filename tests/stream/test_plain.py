from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.records import Bad
from hhtools.stream.decode import Decoder
from hhtools.stream.plain import PlainForms, lost_digits

TEXTS = ("chosen", "rejected", "transcript")
LISTS = ("prompt", "chosen", "rejected")

PLAIN = {
    "as HH-RLHF is published": (TEXTS, '{"chosen": "a", "rejected": "b"}\n'),
    "compact": (TEXTS, '{"chosen":"a","rejected":"b"}\n'),
    "the last line": (TEXTS, '{"chosen": "a", "rejected": "bc"}'),
    "from Windows": (TEXTS, '{"chosen": "a", "rejected": "b"}\r\n'),
    "escaped marks": (TEXTS, r'{"chosen": "\"a\" and \"b\"", "rejected": "\"c\" \\ \"d"}' + "\n"),
    "brackets and commas": (TEXTS, '{"chosen": "], [, {", "rejected": ", chosen: }"}\n'),
    "as hh-parse writes": (LISTS, '{"prompt":[{"role":"user"}],"chosen":[],"rejected":[],"source":"a"}\n'),
    "with spaces": (LISTS, '{"prompt": [{"role": "user"}], "chosen": [1], "rejected": [2], "source": "a"}\n'),
    "nothing after the lists": (LISTS, '{"prompt":[],"chosen":[],"rejected":[]}\n'),
    "an element of an array": (LISTS, '{"prompt":[],"chosen":[],"rejected":[]}'),
    "marks and keys in text": (LISTS, r'{"prompt":["\"chosen\":[ \\"],"chosen":["{"],"rejected":["}"]}' + "\n"),
    "simple fields": (LISTS, '{"prompt":[],"chosen":[],"rejected":[],"id":7,"score":0.5,"x":null,"y":true}\n'),
}

NOT_PLAIN = {
    "three texts": (TEXTS, '{"chosen": "a", "rejected": "b", "id": "c"}\n'),
    "another order": (TEXTS, '{"rejected": "a", "chosen": "b"}\n'),
    "no text": (TEXTS, '{"chosen": 1, "rejected": "b"}\n'),
    "very many escaped marks": (TEXTS, '{"chosen": "%s", "rejected": "b"}\n' % (r"\"" * 50)),
    "a bracket in text": (LISTS, '{"prompt":["]"],"chosen":[],"rejected":[]}\n'),
    "a list in a list": (LISTS, '{"prompt":[[]],"chosen":[],"rejected":[]}\n'),
    "a list after the lists": (LISTS, '{"prompt":[],"chosen":[],"rejected":[],"tags":[]}\n'),
    "an object after the lists": (LISTS, '{"prompt":[],"chosen":[],"rejected":[],"x":{}}\n'),
    "a large number after the lists": (LISTS, '{"prompt":[],"chosen":[],"rejected":[],"x":18446744073709551616}\n'),
    "a field before the lists": (LISTS, '{"chosen":0,"prompt":[],"chosen":[],"rejected":[]}\n'),
    "a field among the lists": (LISTS, '{"prompt":[],"x":1,"chosen":[],"rejected":[]}\n'),
    "a field twice": (TEXTS, '{"chosen": "a", "rejected": "b", "chosen": "c"}\n'),
    "a field twice, at the very end": (TEXTS, '{"chosen": "a", "rejected": "%s", "chosen":0}' % ("b" * 50)),
    "a field twice, and a line break": (TEXTS, '{"chosen": "a", "rejected": "%s", "chosen":0}\n' % ("b" * 50)),
    "another opening": (TEXTS, '{"":9,"b":"a","rejected":"b"}\n'),
    "a list twice": (LISTS, '{"prompt":[],"chosen":[],"rejected":[],"rejected":[]}\n'),
    "a list and something else": (LISTS, '{"prompt":[],"chosen":[],"rejected":[],"chosen":1}\n'),
    "no read fields": ((), '{"chosen": "a", "rejected": "b"}\n'),
    "one read field": (("chosen",), '{"chosen": "a", "rejected": "b"}\n'),
}


@pytest.mark.parametrize(("fields", "line"), PLAIN.values(), ids=PLAIN)
def test_plain_lines_are_known_by_the_line_before(fields: tuple[str, ...], line: str) -> None:
    plain = PlainForms(fields)
    assert not plain.shows(line.encode())
    plain.look_for_lines_like(line.encode())
    assert plain.shows(line.encode())
    other = line.replace("a", "é, or another").replace("7", "8")
    assert plain.shows(other.encode())


@pytest.mark.parametrize(("fields", "line"), NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_other_lines_are_not_plain(fields: tuple[str, ...], line: str) -> None:
    plain = PlainForms(fields)
    for known_fields, known in PLAIN.values():
        if known_fields == fields:
            plain.look_for_lines_like(known.encode())
            assert plain.shows(known.encode())
            assert not plain.shows(line.encode())
    plain.look_for_lines_like(line.encode())
    assert not plain.shows(line.encode())


def test_a_file_that_seems_to_have_no_plain_lines_is_left_alone() -> None:
    plain, (_, line) = PlainForms(TEXTS), PLAIN["compact"]
    for _ in range(100):
        plain.look_for_lines_like(b'{"x":1}')
    plain.look_for_lines_like(line.encode())
    assert not plain.shows(line.encode())


def test_what_may_have_lost_digits() -> None:
    assert [lost_digits(value) for value in (1e30, -1e30, float(1 << 63), 1.5, 1 << 60, "1e30")] == [True] * 3 + [
        False
    ] * 3


# Whatever is put into plain lines, what the marks say is true: compared with the standard library's json.

PIECES = [
    *'"\\[]{},: 0',
    r"\"",
    r"\\",
    '""',
    "[]",
    "{}",
    ", ",
    "],",
    "}],",
    "chosen",
    '"chosen":',
    '"rejected":',
    '"x":',
]
PIECES += ['"chosen":0,', r'"cho\u0073en":0,', ',"chosen":0', ', "chosen" : 1', ',"rejected":[]', ',"a":[0]', '],"x":[']
PIECES += ['","chosen":"', '", "chosen": "', '","rejected":"', '", "rejected": "', '],"chosen":[', '],"rejected":[']


@given(st.data())
def test_no_line_that_hides_something_passes_for_plain(data: st.DataObject) -> None:
    fields, seed = data.draw(st.sampled_from(list(PLAIN.values())))
    decoder = Decoder(fields)
    decoder.decode(seed.encode())
    line = seed
    for piece in data.draw(st.lists(st.sampled_from(PIECES), max_size=4)):
        place = data.draw(st.integers(0, len(line)))
        line = line[:place] + piece + line[place:]
        try:
            members: Any = json.loads(line, object_pairs_hook=tuple)
        except ValueError:
            continue
        names = Counter(name for name, _ in members) if type(members) is tuple else Counter()
        expected = "duplicate-key" if any(names[field] > 1 for field in fields) else None
        assert reason_of(decoder, line.encode()) == expected


def reason_of(decoder: Decoder, line: bytes) -> str | None:
    try:
        decoder.decode(line)
    except Bad as bad:
        return bad.reason
    return None
