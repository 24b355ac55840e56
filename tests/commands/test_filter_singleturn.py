from __future__ import annotations

from typing import Any

import pytest

from hhtools.commands.filter_singleturn import filter_singleturn
from hhtools.records import Bad, Dropped, Record
from tests.dialogues import assistant, pair, user
from tests.shell import hh, jsonl

Q, X = user("q"), assistant("x")

TABLE: dict[str, tuple[Record, str | None]] = {
    "a single turn": (pair(Q), None),
    "two human turns in the prompt": (pair(Q, X, Q), "multi-turn"),
    "two assistant turns are one human turn": (pair(Q, X), None),
    "two human turns on the chosen side": ({"prompt": [Q], "chosen": [X, Q, X], "rejected": [X]}, "multi-turn"),
    "two human turns on the rejected side": ({"prompt": [Q], "chosen": [X], "rejected": [X, Q, X]}, "multi-turn"),
    "each side with its own": ({"prompt": [], "chosen": [Q, X], "rejected": [Q, X]}, None),
    "no human turn": ({"prompt": [], "chosen": [X], "rejected": [X]}, "no-human-turn"),
    "none on one side": ({"prompt": [], "chosen": [Q, X], "rejected": [X]}, "no-human-turn"),
    "a conversation": ({"messages": [Q, X], "rating": 1.0}, None),
    "a longer conversation": ({"messages": [Q, X, Q, X]}, "multi-turn"),
    "an empty conversation": ({"messages": []}, "no-human-turn"),
}


@pytest.mark.parametrize(("record", "reason"), TABLE.values(), ids=TABLE)
def test_table(record: Record, reason: str | None) -> None:
    result = filter_singleturn(record)
    if reason is None:
        assert result[0] is record
    else:
        assert isinstance(result, Dropped)
        assert result.reason == reason
    done = hh("hh-filter-singleturn", stdin=jsonl(record))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"" if reason else jsonl(record), b"")


KEPT = (
    b'{"messages" : [{"role":"user","content":"\\u00e9\\/ \xe2\x80\xa8"}], '
    b'"n":1.50, "big":123456789012345678901234567890}'
)

BYTES = {
    "as they are": (KEPT + b"\n", KEPT + b"\n"),
    "CRLF": (KEPT + b"\r\n", KEPT + b"\n"),
    "a BOM": (b"\xef\xbb\xbf" + KEPT + b"\n", KEPT + b"\n"),
    "white space around": (b" \t" + KEPT + b" \n", KEPT + b"\n"),
    "keys that stand twice": (KEPT[:-1] + b',"x":1,"x":2}\n', KEPT[:-1] + b',"x":1,"x":2}\n'),
    "no newline at the end": (KEPT, KEPT + b"\n"),
    "an array": (b"[" + KEPT + b" ,\n " + KEPT + b"]", KEPT + b"\n" + KEPT + b"\n"),
    "an array over many lines": (
        b'[\n {\n  "messages":\r\n [' + KEPT[15:] + b"\n]",
        b'{   "messages":   [' + KEPT[15:] + b"\n",
    ),
}


@pytest.mark.parametrize(("given", "written"), BYTES.values(), ids=BYTES)
def test_the_bytes_of_a_record_are_kept(given: bytes, written: bytes) -> None:
    done = hh("hh-filter-singleturn", stdin=given)
    assert (done.returncode, done.stdout, done.stderr) == (0, written, b"")


def test_half_a_character_is_all_that_is_changed_on_request() -> None:
    half = KEPT.replace(rb"\/", rb"\/\ud800\ud83d\ude00\\\uDFFF")
    done = hh("hh-filter-singleturn", "--repair-surrogates", stdin=half + b"\n" + KEPT)
    repaired = KEPT.replace(rb"\/", rb"\/\ufffd\ud83d\ude00\\\ufffd")
    assert (done.returncode, done.stdout, done.stderr) == (0, repaired + b"\n" + KEPT + b"\n", b"")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"chosen": "\n\nHuman: q", "rejected": "\n\nHuman: q"}, "hh-parse first"),
        ({"id": 1}, 'no field "prompt"'),
        ({"messages": "Hi"}, '"messages" is a string'),
    ],
)
def test_bad(record: Any, message: str) -> None:
    with pytest.raises(Bad, match=message):
        filter_singleturn(record)
    done = hh("hh-filter-singleturn", stdin=jsonl(record))
    assert done.returncode == 65
    assert message in done.stderr.decode()
