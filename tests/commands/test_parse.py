from __future__ import annotations

import json
from typing import Any

import pytest

from hhtools.commands.parse import parse_pair
from hhtools.records import Bad, Record
from tests.dialogues import assistant, transcript, user
from tests.shell import hh, jsonl, rows

RAW = {"chosen": transcript("H: q", "A: x "), "rejected": transcript("H: q", "A: y")}
SIDES = {"prompt": [user("q")], "chosen": [assistant("x")], "rejected": [assistant("y")]}
RED = {
    "transcript": transcript("H: q", "A: x "),
    "rating": 4.0,
    "tags": ["a"],
    "num_params": "52B",
    "is_upworker": False,
}

# (record, options of the function, options of the command, the record that comes out)
TABLE: dict[str, tuple[Record, dict[str, Any], list[str], Record]] = {
    "a pair": (RAW, {}, [], SIDES),
    "other fields are carried": ({**RAW, "id": 7, "x": {"y": [None]}}, {}, [], {**SIDES, "id": 7, "x": {"y": [None]}}),
    "its own source wins": ({"source": "mine", **RAW}, {}, [], {**SIDES, "source": "mine"}),
    "--source wins over it": ({"source": "mine", **RAW}, {"source": "s"}, ["--source", "s"], {**SIDES, "source": "s"}),
    "--source names stdin": (RAW, {"source": "s"}, ["--source", "s"], {**SIDES, "source": "s"}),
    "white space kept": (
        RAW,
        {"whitespace": "keep"},
        ["--whitespace", "keep"],
        {**SIDES, "chosen": [assistant("x ")]},
    ),
    "compat keeps white space": (
        RAW,
        {"whitespace": "keep", "compat": True},
        ["--compat", "nemo-aligner"],
        {**SIDES, "chosen": [assistant("x ")]},
    ),
    "a red-team row": (
        RED,
        {},
        [],
        {
            "messages": [user("q"), assistant("x")],
            "rating": 4.0,
            "tags": ["a"],
            "num_params": "52B",
            "is_upworker": False,
        },
    ),
    "a red-team row, --source": (
        {"transcript": transcript("H: q")},
        {"source": "s"},
        ["--source", "s"],
        {"messages": [user("q")], "source": "s"},
    ),
    "a pair may carry a transcript": ({**RAW, "transcript": "t"}, {}, [], {**SIDES, "transcript": "t"}),
}

BAD: dict[str, tuple[Any, str]] = {
    "no chosen": ({"rejected": RAW["rejected"]}, 'missing-field: no field "chosen"'),
    "null": ({**RAW, "rejected": None}, 'wrong-type: "rejected" is null, not a string'),
    "a list": ({**RAW, "rejected": ["x"]}, 'wrong-type: "rejected" is a list, not a string'),
    "no transcript": ({"chosen": "Hi", "rejected": "Ho"}, "bad-transcript: it does not begin with a marker"),
    "parsed already": (SIDES, "wrong-type: .*parsed already, hh-parse stands twice"),
    "a prompt beside": ({**RAW, "prompt": "q"}, 'wrong-type: "prompt" stands beside the answers'),
    "messages beside": ({**RED, "messages": []}, 'wrong-type: "messages" stands beside "transcript"'),
    "a transcript of another type": ({"transcript": 7}, 'wrong-type: "transcript" is a whole number'),
}


@pytest.mark.parametrize(("record", "options", "argv", "parsed"), TABLE.values(), ids=TABLE)
def test_table(record: Record, options: dict[str, Any], argv: list[str], parsed: Record) -> None:
    before = json.dumps(record)
    assert parse_pair(record, **options) == (parsed,)
    assert json.dumps(record) == before
    done = hh("hh-parse", *argv, stdin=jsonl(record))
    assert (done.returncode, rows(done.stdout), done.stderr) == (0, [parsed], b"")


@pytest.mark.parametrize(("record", "message"), BAD.values(), ids=BAD)
def test_bad(record: Record, message: str) -> None:
    with pytest.raises(Bad, match=message):
        parse_pair(record)
    done = hh("hh-parse", stdin=jsonl(record))
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.startswith(b"hh-parse: stdin:1: " + message.split(":")[0].encode())


def test_what_the_script_skips_is_dropped() -> None:
    odd = {"chosen": transcript("H: q", "A: x", "A: y"), "rejected": transcript("H: q", "A: x", "A: z")}
    done = hh("hh-parse", "--compat", "nemo-aligner", "-v", stdin=jsonl(odd, RAW))
    assert len(rows(done.stdout)) == 1
    assert done.stderr == b"hh-parse: 2 read, 1 used, 1 dropped (role-order 1), 0 bad; 1 rows written\n"


NUMBERS = ["18446744073709551616", "-99999999999999999999", "1.5", "9007199254740993"]
PLACES = ['"id":%s', '"id":[1.5,{"d":%s}]', '"z":%s,"id":1', '"a":%s,"b":{},"c":"x"']
RAW_TRANSCRIPT = {"transcript": transcript("H: q")}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("raw", "place"),
    [(RAW, place) for place in [*PLACES, '"transcript":%s', '"transcript":%s,"z":1']]
    + [(RAW_TRANSCRIPT, place) for place in PLACES],
)
def test_numbers_of_any_size_are_carried_exactly(number: str, raw: Record, place: str) -> None:
    field = place % number
    done = hh("hh-parse", stdin=b"{" + field.encode() + b"," + jsonl(raw)[1:])
    assert done.returncode == 0
    assert field.encode() in done.stdout
