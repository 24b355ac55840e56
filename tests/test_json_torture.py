"""JSON at its edges, after the categories of JSONTestSuite (Seriot, "Parsing JSON is a minefield", 2016).

Each value stands in a record. What RFC 8259 allows is accepted, and comes through every command as it was; what it
forbids is refused, for a fixed reason; and where it leaves a choice, ours is written down here.
"""

from __future__ import annotations

import json
from itertools import zip_longest
from pathlib import Path

import pytest

from hhtools.records import Bad, BadReason
from hhtools.stream.run import Run
from tests.dialogues import transcript
from tests.shell import hh, jsonl, raw_of, rows

ACCEPTED: dict[str, bytes] = {
    # Arrays
    "array, empty": b"[]",
    "array, white space inside": b"[ \t\r ]",
    "array, white space around": b" [1] ",
    "array in arrays": b"[[[[[]]]]]",
    "array, of every kind": b'[null,1,"1",{},[],true,false,1.5]',
    "array, many nulls": b"[null,null,null,null]",
    "array, an empty string": b'[""]',
    "array, deep": b"[" * 250 + b"]" * 250,
    "array, wide": b"[" + b"0," * 5000 + b"0]",
    # Words
    "true": b"true",
    "false": b"false",
    "null": b"null",
    # Numbers
    "number, zero": b"0",
    "number, one": b"-1",
    "number, fraction": b"123.456789",
    "number, negative fraction": b"-0.1",
    "number, zero as a fraction": b"0.0",
    "number, minus zero as a fraction": b"-0.0",
    "number, exponent": b"1e2",
    "number, capital exponent": b"1E22",
    "number, exponent with plus": b"1e+2",
    "number, exponent with minus": b"1E-2",
    "number, zero with exponent": b"0e1",
    "number, zero with exponent and plus": b"0e+1",
    "number, fraction and exponent": b"123.456e78",
    "number, exponent with leading zeros": b"1e0003",
    "number, close to zero": b"-0." + b"0" * 77 + b"1",
    "number, smallest normal double": b"2.2250738585072014e-308",
    "number, smallest double": b"5e-324",
    "number, largest double": b"1.7976931348623157e308",
    "number, halfway between doubles": b"9007199254740993.0",
    "number, more digits than a double has": b"3.141592653589793238462643383279",
    "number, 2 ** 53 + 1": b"9007199254740993",
    "number, 2 ** 63 - 1": b"9223372036854775807",
    "number, -2 ** 63": b"-9223372036854775808",
    "number, 2 ** 64 - 1": b"18446744073709551615",
    # Objects
    "object, empty": b"{}",
    "object, empty key": b'{"":0}',
    "object, white space": b'{ "a" : 1 , "b" : 2 }',
    "object, keys that differ in case": b'{"a":1,"A":2}',
    "object, keys that look alike": '{"é":1,"e\u0301":2}'.encode(),
    "object, NUL in a key": rb'{"a\u0000b":1}',
    "object, escapes in a key": rb'{"\"\\\/\n":1}',
    "object, long key": b'{"' + b"k" * 5000 + b'":1}',
    "object, keys of prototypes": b'{"__proto__":1,"__class__":2,"constructor":3}',
    "object, deep": b'{"a":' * 250 + b"1" + b"}" * 250,
    # Strings
    "string, empty": b'""',
    "string, every short escape": rb'"\"\\\/\b\f\n\r\t"',
    "string, comments": b'"a/*b*/c//d#e"',
    "string, brackets": b'"}],[{:"',
    "string, backslash and n": rb'"\\n"',
    "string, backslashes at the end": rb'"\\\\"',
    "string, escaped NUL": rb'"a\u0000b"',
    "string, escaped control character": rb'"\u0012"',
    "string, escaped line break": rb'"\u000a\u000D"',
    "string, escaped quotation mark": rb'"\u0022"',
    "string, escapes of both cases": rb'"\u00e9\u00E9"',
    "string, escape of three bytes": rb'"\u30af\u30ea"',
    "string, surrogate pair": rb'"\ud83d\ude39"',
    "string, two surrogate pairs": rb'"\ud83d\ude39\ud83d\udc8d"',
    "string, last surrogate pair": rb'"\udbff\udfff"',
    "string, escaped noncharacter": rb'"\uffff\ufdd0"',
    "string, noncharacter": '"\uffff\U0010ffff"'.encode(),
    "string, of two bytes": '"é"'.encode(),
    "string, of three bytes": '"€"'.encode(),
    "string, of four bytes": '"𝄞"'.encode(),
    "string, line separators": '"a\u2028b\u2029c\x85d"'.encode(),
    "string, zero width and direction": '"\u200b\u202e\ufeff\u2064"'.encode(),
    "string, DEL": b'"\x7f"',
    "string, combined characters": '"e\u0301\u0327 👩\u200d👧"'.encode(),
    "string, replacement character": '"\ufffd"'.encode(),
    "string, long": b'"' + b"x" * 100_000 + b'"',
}

REFUSED: dict[str, tuple[bytes, BadReason]] = {
    # Arrays
    "array, no comma": (b"[1 true]", "bad-json"),
    "array, two commas": (b"[1,,2]", "bad-json"),
    "array, comma first": (b"[,1]", "bad-json"),
    "array, comma last": (b"[1,]", "bad-json"),
    "array, only a comma": (b"[,]", "bad-json"),
    "array, colon": (b'["":1]', "bad-json"),
    "array, closed twice": (b"[1]]", "bad-json"),
    "array, closed as an object": (b"[1}", "bad-json"),
    "array, not closed": (b'[""', "bad-json"),
    "array, a star": (b"[*]", "bad-json"),
    "array, array without comma": (b"[3[4]]", "bad-json"),
    "array, vertical tab": (b"[\x0b1]", "bad-json"),
    "array, form feed": (b"[\x0c]", "bad-json"),
    "array, no-break space": ("[\u00a0]".encode(), "bad-json"),
    "array, word joiner": ("[\u2060]".encode(), "bad-json"),
    "array, NUL": (b"[\0]", "bad-json"),
    # Words
    "word, cut": (b"nul", "bad-json"),
    "word, longer": (b"nulls", "bad-json"),
    "word, capital": (b"True", "bad-json"),
    "word, of Python": (b"None", "bad-json"),
    "word, of JavaScript": (b"undefined", "bad-json"),
    "word, without quotes": (b"abc", "bad-json"),
    # Numbers
    "number, NaN": (b"NaN", "bad-json"),
    "number, minus NaN": (b"-NaN", "bad-json"),
    "number, Infinity": (b"Infinity", "bad-json"),
    "number, minus Infinity": (b"-Infinity", "bad-json"),
    "number, Inf": (b"+Inf", "bad-json"),
    "number, plus": (b"+1", "bad-json"),
    "number, two plus": (b"++1", "bad-json"),
    "number, only a minus": (b"-", "bad-json"),
    "number, minus and space": (b"- 1", "bad-json"),
    "number, two minus": (b"--1", "bad-json"),
    "number, leading zero": (b"012", "bad-json"),
    "number, minus and leading zero": (b"-012", "bad-json"),
    "number, leading zero of a fraction": (b"00.5", "bad-json"),
    "number, point first": (b".5", "bad-json"),
    "number, minus and point": (b"-.5", "bad-json"),
    "number, point last": (b"1.", "bad-json"),
    "number, point and exponent": (b"2.e3", "bad-json"),
    "number, two points": (b"0.1.2", "bad-json"),
    "number, exponent without digits": (b"1e", "bad-json"),
    "number, exponent with plus and no digits": (b"1e+", "bad-json"),
    "number, exponent with two signs": (b"1e+-2", "bad-json"),
    "number, two exponents": (b"1e1e1", "bad-json"),
    "number, exponent with a point": (b"1e1.5", "bad-json"),
    "number, hexadecimal": (b"0x42", "bad-json"),
    "number, underscore": (b"1_000", "bad-json"),
    "number, space inside": (b"1 000", "bad-json"),
    "number, comma for a point": (b"1,5", "bad-json"),
    "number, letter behind": (b"1x", "bad-json"),
    "number, expression": (b"1+2", "bad-json"),
    "number, suffix": (b"1n", "bad-json"),
    "number, fullwidth digit": ("１".encode(), "bad-json"),
    "number, Arabic digit": ("١".encode(), "bad-json"),
    # Objects
    "object, key without quotes": (b"{a:1}", "bad-json"),
    "object, key in single quotes": (b"{'a':1}", "bad-json"),
    "object, number for a key": (b"{1:1}", "bad-json"),
    "object, null for a key": (b"{null:null}", "bad-json"),
    "object, list for a key": (b"{[]:1}", "bad-json"),
    "object, no key": (b"{:1}", "bad-json"),
    "object, no value": (b'{"a":}', "bad-json"),
    "object, no colon": (b'{"a" 1}', "bad-json"),
    "object, two colons": (b'{"a"::1}', "bad-json"),
    "object, comma for a colon": (b'{"a",1}', "bad-json"),
    "object, only a key": (b'{"a"}', "bad-json"),
    "object, comma last": (b'{"a":1,}', "bad-json"),
    "object, comma first": (b'{,"a":1}', "bad-json"),
    "object, two commas": (b'{"a":1,,"b":2}', "bad-json"),
    "object, no comma": (b'{"a":1 "b":2}', "bad-json"),
    "object, semicolon": (b'{"a":1;"b":2}', "bad-json"),
    "object, not closed": (b'{"a":1', "bad-json"),
    "object, closed as an array": (b'{"a":1]', "bad-json"),
    "object, emoji for a key": ("{🇨🇭}".encode(), "bad-json"),
    "object, comment": (b'{"a":/*1*/2}', "bad-json"),
    "object, comment at the end": (b'{"a":1}//', "bad-json"),
    "object, hash": (b'{"a":1}#', "bad-json"),
    # Strings
    "string, single quotes": (b"'a'", "bad-json"),
    "string, not closed": (b'"a', "bad-json"),
    "string, ends in a backslash": (rb'"a\"', "bad-json"),
    "string, something behind": (b'"a"x', "bad-json"),
    "string, two": (b'"a" "b"', "bad-json"),
    "string, raw tab": (b'"\t"', "bad-json"),
    "string, raw carriage return": (b'"\r"', "bad-json"),
    "string, raw NUL": (b'"a\0b"', "bad-json"),
    "string, raw escape": (b'"\x1b[31m"', "bad-json"),
    "string, backslash and NUL": (b'"\\\0"', "bad-json"),
    "string, escape x": (rb'"\x00"', "bad-json"),
    "string, escape a": (rb'"\a"', "bad-json"),
    "string, escape of a single quote": (rb'"\'"', "bad-json"),
    "string, escape of a digit": (rb'"\0"', "bad-json"),
    "string, escape of an emoji": ('"\\🌀"'.encode(), "bad-json"),
    "string, escape U": (rb'"\U0001f600"', "bad-json"),
    "string, escape of three digits": (rb'"\u00A"', "bad-json"),
    "string, escape without digits": (rb'"\u"', "bad-json"),
    "string, escape of letters": (rb'"\uqqqq"', "bad-json"),
    "string, escape in braces": (rb'"\u{41}"', "bad-json"),
    "string, escape outside": (rb"[\u0020]", "bad-json"),
    "string, curly quotes": ("“a”".encode(), "bad-json"),
    # Bytes that are no UTF-8
    "bytes, 0xff": (b'"\xff"', "bad-utf8"),
    "bytes, Latin-1": (b'"\xe9"', "bad-utf8"),
    "bytes, a continuation alone": (b'"\x81"', "bad-utf8"),
    "bytes, a character cut": (b'"\xe2\x82"', "bad-utf8"),
    "bytes, a character cut by another": (b'"\xe0\xff"', "bad-utf8"),
    "bytes, overlong slash": (b'"\xc0\xaf"', "bad-utf8"),
    "bytes, overlong NUL": (b'"\xc0\x80"', "bad-utf8"),
    "bytes, overlong of three": (b'"\xe0\x80\xaf"', "bad-utf8"),
    "bytes, overlong of six": (b'"\xfc\x83\xbf\xbf\xbf\xbf"', "bad-utf8"),
    "bytes, beyond Unicode": (b'"\xf4\xbf\xbf\xbf"', "bad-utf8"),
    "bytes, a surrogate": (b'"\xed\xa0\x80"', "bad-utf8"),
    "bytes, a surrogate pair (CESU-8)": (b'"\xed\xa0\xbd\xed\xb8\xb9"', "bad-utf8"),
    "bytes, in a key": (b'{"\xb9":1}', "bad-utf8"),
    "bytes, behind a number": (b"1\xe5", "bad-utf8"),
    "bytes, behind a backslash": (b'"\\\xe5"', "bad-utf8"),
    "bytes, outside of strings": (b"[\xff]", "bad-utf8"),
    # Depth
    "depth, a bomb of arrays": (b"[" * 100_000, "too-deep"),
    "depth, a bomb of objects": (b'{"a":' * 100_000, "too-deep"),
    "depth, a closed bomb": (b"[" * 5000 + b"]" * 5000, "too-deep"),
}

# What RFC 8259 leaves to the reader: the value that we give, as Python writes it, or why we refuse it.
PROMISED: dict[str, tuple[bytes, str | None, BadReason | None]] = {
    "number, minus zero": (b"-0", "0", None),
    "number, 2 ** 64": (b"18446744073709551616", "18446744073709551616", None),
    "number, below -2 ** 63": (b"-9223372036854775809", "-9223372036854775809", None),
    "number, of 100 digits": (b"1" * 100, "1" * 100, None),
    "number, of 100 digits inside": (b"[1.5,{" + b'"a":' + b"1" * 100 + b"}]", "[1.5, {'a': " + "1" * 100 + "}]", None),
    "number, of 5000 digits": (b"1" * 5000, None, "bad-json"),
    "number, fraction of 5000 digits": (b"0." + b"1" * 5000, "0.1111111111111111", None),
    "number, underflow": (b"123.456e-789", "0.0", None),
    "number, negative underflow": (b"-1e-400", "-0.0", None),
    "number, overflow": (b"1.5e+9999", None, "bad-json"),
    "number, negative overflow": (b"-1e+9999", None, "bad-json"),
    "number, just an overflow": (b"1.7976931348623159e308", None, "bad-json"),
    "number, an exponent of many digits": (b"1e" + b"9" * 100, None, "bad-json"),
    "object, the same key twice": (b'{"a":1,"a":2}', "{'a': 2}", None),
    "object, the same key in another spelling": (rb'{"a":1,"\u0061":2}', "{'a': 2}", None),
    "depth, as deep as can be written": (b"[" * 252 + b"]" * 252, "[" * 252 + "]" * 252, None),
    "depth, too deep to be written": (b"[" * 254 + b"]" * 254, None, "too-deep"),
    "depth, of JSONTestSuite": (b"[" * 500 + b"]" * 500, None, "too-deep"),
    "surrogate, high": (rb'"\ud800"', None, "bad-surrogate"),
    "surrogate, low": (rb'"\udfaa"', None, "bad-surrogate"),
    "surrogate, high and text": (rb'"\ud800abc"', None, "bad-surrogate"),
    "surrogate, high and escape": (rb'"\ud800\n"', None, "bad-surrogate"),
    "surrogate, high and other escape": (rb'"\ud888\u1234"', None, "bad-surrogate"),
    "surrogate, two high": (rb'"\ud800\ud800"', None, "bad-surrogate"),
    "surrogate, the wrong way round": (rb'"\udd1e\ud834"', None, "bad-surrogate"),
    "surrogate, in a key": (rb'{"\udfaa":0}', None, "bad-surrogate"),
}

# Lines that are no record, whatever stands in them.
NO_RECORDS: dict[str, tuple[bytes, BadReason]] = {
    "a list": (b"[1]", "not-object"),
    "a string": (b'"a"', "not-object"),
    "a number": (b"1", "not-object"),
    "true": (b"true", "not-object"),
    "null": (b"null", "not-object"),
    "two objects": (b'{"a":1}{"b":2}', "bad-json"),
    "two objects and a comma": (b'{"a":1},{"b":2}', "bad-json"),
    "an object and a comma": (b'{"a":1},', "bad-json"),
    "an object closed twice": (b'{"a":1}}', "bad-json"),
    "a closing brace": (b"}", "bad-json"),
    "an opening brace": (b"{", "bad-json"),
    "a single quotation mark": (b'"', "bad-json"),
    "a comment": (b"// a", "bad-json"),
    "a byte order mark in the middle": (b'\xef\xbb\xbf{"a":1}', "bad-json"),
    "half a byte order mark": (b'\xef\xbb{"a":1}', "bad-utf8"),
    "a record separator (RFC 7464)": (b'\x1e{"a":1}', "bad-json"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "bad-utf8"),
    "UTF-16 without a mark": ('{"a":1}'.encode("utf-16-be"), "bad-json"),
    "HTML": (b"<p>", "bad-json"),
    "YAML": (b"a: 1", "bad-json"),
    "CSV": (b"a,b", "bad-json"),
    "NUL bytes": (b"\0\0\0", "nul-line"),
}

CHOSEN = {case: (value, written) for case, (value, written, _) in PROMISED.items() if written}
GOOD = ACCEPTED | {case: value for case, (value, _) in CHOSEN.items()}
BAD = REFUSED | {case: (value, reason) for case, (value, _, reason) in PROMISED.items() if reason}


def passed_through(line: bytes, rebuild: bool, path: Path) -> tuple[list[bytes], list[str]]:
    """Give the rows and the reasons of a line; to rebuild is to write it from its values and not as it stood."""
    reasons: list[str] = []

    def note(bad: Bad, *_: object) -> None:
        reasons.append(bad.reason)

    path.write_bytes(b'{"first":1}\n' + line + b"\n")  # so that it is not taken for the start of another format
    run = Run(lambda record: ({**record},) if rebuild else (record,), [str(path)])
    return list(run.rows(note, lambda: None))[1:], reasons


@pytest.mark.parametrize("rebuild", [False, True], ids=["as it stood", "rebuilt"])
@pytest.mark.parametrize("value", GOOD.values(), ids=GOOD)
def test_what_is_accepted_comes_through(value: bytes, rebuild: bool, tmp_path: Path) -> None:
    line = b'{"x":' + value + b',"y":"Z"}'
    (row,), reasons = passed_through(line, rebuild, tmp_path / "x")
    assert reasons == []
    assert rebuild or row == line + b"\n"
    # As Python writes it, so that 1 is not 1.0, -0.0 is not 0.0, and the order of keys counts.
    assert repr(json.loads(row)) == repr(json.loads(line))


@pytest.mark.parametrize(("value", "written"), CHOSEN.values(), ids=CHOSEN)
def test_where_there_is_a_choice_this_is_ours(value: bytes, written: str, tmp_path: Path) -> None:
    (row,), _ = passed_through(b'{"x":' + value + b"}", True, tmp_path / "x")
    assert repr(json.loads(row)["x"]) == written


@pytest.mark.parametrize(("value", "reason"), BAD.values(), ids=BAD)
def test_what_is_refused(value: bytes, reason: BadReason, tmp_path: Path) -> None:
    for line in (b'{"x":' + value + b"}", b'{"a":"b","x":{"y":' + value + b"}}"):
        assert passed_through(line, True, tmp_path / "x") == ([], [reason])


@pytest.mark.parametrize(("line", "reason"), NO_RECORDS.values(), ids=NO_RECORDS)
def test_what_is_no_record(line: bytes, reason: BadReason, tmp_path: Path) -> None:
    assert passed_through(line, True, tmp_path / "x") == ([], [reason])


AROUND = {
    "hh-filter-singleturn": jsonl({"messages": [{"role": "user", "content": "q"}]}),
    "hh-parse": jsonl({"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")}),
}


@pytest.mark.parametrize(("command", "record"), AROUND.items(), ids=AROUND)
def test_all_of_it_through_a_command(command: str, record: bytes, tmp_path: Path) -> None:
    """One that writes its records as they stood, and one that builds new ones; both carry what they do not read."""
    start = record.strip().removesuffix(b"}") + b',"x":'
    lines = [start + value + b"}" for value in GOOD.values()]
    refused = [start + value + b"}" for value, _ in BAD.values()] + [line for line, _ in NO_RECORDS.values()]
    reasons = [reason for _, reason in [*BAD.values(), *NO_RECORDS.values()]]
    given = [line for two in zip_longest(lines, refused, fillvalue=b"") for line in two]
    done = hh(command, "--bad", tmp_path / "bad", stdin=b"\n".join(given))
    assert done.returncode == 0
    assert [repr(row["x"]) for row in rows(done.stdout)] == [repr(json.loads(line)["x"]) for line in lines]
    entries = rows((tmp_path / "bad").read_bytes())
    assert [(entry["reason"], raw_of(entry)) for entry in entries] == list(zip(reasons, refused, strict=True))
