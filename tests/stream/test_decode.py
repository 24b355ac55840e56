from __future__ import annotations

from typing import Any

import pytest

from hhtools.records import Bad, BadReason, Record
from hhtools.stream.decode import Decoder
from hhtools.stream.encode import encode


def decode(line: bytes, *read_fields: str) -> Record:
    return Decoder(read_fields).decode(line)


def nested(levels: int, inner: bytes) -> bytes:
    return b'{"a":' * levels + inner + b"}" * levels


BAD: dict[str, tuple[bytes, BadReason, str]] = {
    "not JSON": (b"Hi\n", "bad-json", "(byte 1)"),
    "two objects": (b'{"a":1} {"b":2}\n', "bad-json", "(byte 9)"),
    "cut": (b'{"a": "b', "bad-json", "unexpected end of data (byte 9); the input may be cut short"),
    "single quotes": (b"{'a': 1}", "bad-json", "(byte 2)"),
    "trailing comma": (b'{"a":1,}', "bad-json", "trailing comma"),
    "NaN": (b'{"a":NaN}', "bad-json", "(byte 6); JSON has no NaN and no Infinity"),
    "pretty-printed": (b"{\n", "bad-json", "give each record one line (jq -c .)"),
    "infinity": (b'{"a":1e400}', "bad-json", "infinity"),
    "a raw control character": (b'{"a":"\x01"}', "bad-json", "control character"),
    "bytes are counted, not characters": ('{"é":"é" x}'.encode(), "bad-json", "(byte 12)"),
    "bad UTF-8": (b'{"a":"\xff"}\n', "bad-utf8", "byte 0xff is not UTF-8 (byte 7)"),
    "overlong UTF-8": (b'{"a":"\xc0\xaf"}', "bad-utf8", "byte 0xc0"),
    "a surrogate in UTF-8": (b'{"a":"\xed\xa0\x80"}', "bad-utf8", "byte 0xed"),
    "a lone high surrogate": (rb'{"a":"\ud800"}', "bad-surrogate", "half a character"),
    "a lone low surrogate": (rb'{"a":"\udc00"}', "bad-surrogate", "half a character"),
    "NUL bytes": (b"\0" * 5 + b"\n", "nul-line", "5 NUL bytes"),
    "one NUL byte": (b'\0{"a":1}', "bad-json", "(byte 1)"),
    "a bomb": (b"[" * 100_000, "too-deep", "1024"),
    "a list": (b"[1]", "not-object", "a list"),
    "a string": (b'"a"', "not-object", "a string"),
    "null": (b"null", "not-object", "null"),
    "a number of 5000 digits": (b'{"a":1' + b"0" * 5000 + b"}", "bad-json", ""),
}


@pytest.mark.parametrize(("line", "reason", "detail"), BAD.values(), ids=BAD)
def test_bad_lines(line: bytes, reason: BadReason, detail: str) -> None:
    with pytest.raises(Bad) as caught:
        decode(line)
    assert caught.value.reason == reason
    assert detail in caught.value.detail


NUMBERS = ["9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1" * 40]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("form", ['{"a":%s}', '{"a":[1.5,{"b":%s}]}', '{"a":"x","b":[[%s]],"c":0.25}'])
def test_whole_numbers_are_exact(number: str, form: str) -> None:
    line = (form % number).encode()
    assert encode(decode(line)) == line + b"\n"


def test_decimals_are_doubles() -> None:
    assert decode(b'{"a":1e300,"b":0.1}') == {"a": 1e300, "b": 0.1}


def test_a_line_that_was_cut_off_is_bad_even_if_it_is_json() -> None:
    decoder = Decoder(max_line=7)
    assert decoder.decode(b'{"a":1}') == decoder.decode(b'{"a":1}\n') == {"a": 1}
    with pytest.raises(Bad, match="line-too-long: more than 7 bytes; --max-line BYTES allows longer ones"):
        decoder.decode(b'{"a":10}')


def test_a_record_that_names_no_source_is_marked_with_one() -> None:
    decoder = Decoder(["chosen", "rejected"], source="helpful-base")
    plain = b'{"chosen": "Hi", "rejected": "Ho"}\n'
    for _ in range(2):
        assert decoder.decode(plain) == {"chosen": "Hi", "rejected": "Ho", "source": "helpful-base"}
    assert decoder.decode(b'{"source":"mine"}') == {"source": "mine"}


def test_a_field_that_is_read_may_not_stand_twice() -> None:
    decoder = Decoder(["chosen", "rejected"])
    with pytest.raises(Bad) as caught:
        decoder.decode(b'{"chosen": 1, "rejected": 2, "chosen": 1}')
    assert str(caught.value) == 'duplicate-key: "chosen" stands twice'
    assert decoder.decode(b'{"chosen":1,"a":1,"a":2}') == {"chosen": 1, "a": 2}


def test_the_last_of_two_keys_wins_in_both_ways_of_decoding() -> None:
    assert decode(b'{"a":1,"a":2}') == {"a": 2}
    assert decode(b'{"a":1,"a":18446744073709551616}') == {"a": 18446744073709551616}


@pytest.mark.parametrize("inner", [b"1", b"{}", b"[]", b"1" * 30])
def test_what_is_read_can_be_written(inner: bytes) -> None:
    deepest = 254 if inner.isdigit() else 253
    assert encode(decode(nested(deepest, inner))) == nested(deepest, inner) + b"\n"
    for levels in (deepest + 1, 300, 1000):
        with pytest.raises(Bad, match="too-deep"):
            decode(nested(levels, inner))


def test_fields_that_the_command_reads_need_no_second_look() -> None:
    record: Any = decode(b'{"a":18446744073709551616}', "a")
    assert record == {"a": 18446744073709551616.0}


HALF = rb'{"a":"\ud83d","n":18446744073709551616,"\uDE00":"\ud83d\ude00"}'


def test_lone_surrogates_are_replaced_on_request() -> None:
    decoder = Decoder(repair_surrogates=True)
    with pytest.raises(Bad, match="bad-surrogate") as caught:
        decoder.decode(HALF)
    line, record = decoder.repair(HALF, caught.value)
    assert line == rb'{"a":"\ufffd","n":18446744073709551616,"\ufffd":"\ud83d\ude00"}'
    assert record == {"a": "\ufffd", "n": 18446744073709551616, "\ufffd": "😀"}


@pytest.mark.parametrize("repair_surrogates", [False, True])
@pytest.mark.parametrize(
    ("line", "reason"),
    [(b'{"a":"\xed\xa0\x80"}', "bad-utf8"), (b'{"a":"\xff\\ud800"}', "bad-utf8"), (rb'{"a":"\ud8"}', "bad-json")],
    ids=["a surrogate in UTF-8", "and other bytes that are none", "an escape that is cut short"],
)
def test_nothing_else_is_repaired(line: bytes, reason: BadReason, repair_surrogates: bool) -> None:
    decoder = Decoder(repair_surrogates=repair_surrogates)
    with pytest.raises(Bad) as caught:
        decoder.decode(line)
    with pytest.raises(Bad) as again:
        decoder.repair(line, caught.value)
    assert again.value is caught.value
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [(rb'{"a":"\ud800"', "bad-json"), (rb'["\ud800"]', "not-object"), (rb'{"a":"\ud800","a":1}', "duplicate-key")],
)
def test_what_is_bad_for_another_reason_too_is_bad_for_that(line: bytes, reason: BadReason) -> None:
    decoder = Decoder(["a"], repair_surrogates=True)
    with pytest.raises(Bad, match="bad-surrogate") as caught:
        decoder.decode(line)
    with pytest.raises(Bad, match=reason):
        decoder.repair(line, caught.value)


def test_without_being_asked_for_nothing_is_repaired() -> None:
    decoder = Decoder()
    with pytest.raises(Bad, match=r"bad-surrogate: .*; --repair-surrogates takes U\+FFFD for it") as caught:
        decoder.decode(HALF)
    with pytest.raises(Bad, match="bad-surrogate"):
        decoder.repair(HALF, caught.value)
