"""Which part a record belongs to; tests/stream/test_split.py has what becomes of the files."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from hhtools.commands.split import part_of, prompt_of
from hhtools.records import Bad, Record
from tests.dialogues import assistant, pair, system, transcript, user
from tests.shell import SAMPLE, hh, jsonl, rows

Q, X, R, Y = user("q"), assistant("x"), user("r"), assistant("y")
HUMAN, GPT = {"from": "human", "value": "q"}, {"from": "gpt", "value": "x"}

RAW = {"chosen": transcript("H: q", "A: x", "H: r", "A: 4"), "rejected": transcript("H: q", "A: x", "H: r", "A: 5")}
RATED = [{"from": "User", "value": "q", "label": None}, {"from": "Assistant", "value": "x", "label": "quality:4"}]
HH_TEXT = "\n\nHuman: q\n\nAssistant:"

ASKED = [("user", "q"), ("assistant", "x"), ("user", "r")]
PROMPTS: dict[str, tuple[Record, Any]] = {
    "a pair": (pair(Q, X, R), ASKED),
    "a KTO row of messages": ({"prompt": [Q, X, R], "completion": [Y], "label": False}, ASKED),
    "a raw pair": (RAW, ASKED),
    "whole dialogues": ({"chosen": [Q, X, R, Y], "rejected": [Q, X, R, X]}, ASKED),
    "a conversation": ({"messages": [Q, X, R, Y]}, ASKED),
    "a raw conversation": ({"transcript": transcript("H: q", "A: x", "H: r", "A: y")}, ASKED),
    "a row with the answers apart": ({"messages": [Q, X, R], "chosen": Y, "rejected": X}, ASKED),
    "a row with a second answer": ({"messages": [Q, X, R, Y], "rejected_response": "x"}, ASKED),
    "a conversation that says one thing": ({"messages": [Q]}, [("user", "q")]),
    "an empty conversation": ({"messages": []}, []),
    "a system message": (pair(system("s"), Q), [("system", "s"), ("user", "q")]),
    "sides that share nothing": ({"chosen": [Q, X], "rejected": [R, X]}, []),
    "text": ({"prompt": HH_TEXT, "completion": " x", "label": True}, HH_TEXT),
    "empty text": ({"prompt": "", "response": "x"}, ""),
    "a KTO row of turns": ({"conversations": [HUMAN, GPT], "kto_tag": True}, [("human", "q")]),
    "a DPO row of turns": ({"conversations": [HUMAN], "chosen": GPT, "rejected": GPT}, [("human", "q")]),
    "a SteerLM record": ({"conversations": RATED, "system": "", "mask": "User"}, [("User", "q")]),
}


@pytest.mark.parametrize(("record", "prompt"), PROMPTS.values(), ids=PROMPTS)
def test_prompts(record: Record, prompt: Any, tmp_path: Path) -> None:
    assert prompt_of(record) == prompt
    done = hh("hh-split", "--test", "0.5", "-O", tmp_path, stdin=jsonl(record))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    part = part_of(record, test=0.5)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "train.jsonl": b"",
        "test.jsonl": b"",
        f"{part}.jsonl": jsonl(record),
    }


def test_the_same_prompt_goes_the_same_way_in_every_form_of_messages() -> None:
    records = [record for record, prompt in PROMPTS.values() if prompt == ASKED]
    assert len(records) == 8
    assert len({part_of(record, test=share / 20) for record in records for share in (1, 8)}) == 1
    assert {part_of(record, test=0.9) for record in records} == {"test"}


# (shares and seed, the numbers of the questions in each file)
DIVISIONS: dict[str, tuple[list[str], dict[str, list[int]]]] = {
    "test": (
        ["--test", "0.25"],
        {"train": [0, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19], "test": [1, 3, 5, 16]},
    ),
    "validation": (
        ["--validation", "0.25"],
        {"train": [1, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19], "validation": [0, 2, 6, 12]},
    ),
    "both": (
        ["--test", "0.25", "--validation", "0.25"],
        {"train": [4, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19], "validation": [0, 2, 6, 12], "test": [1, 3, 5, 16]},
    ),
    "another seed": (
        ["--test", "0.25", "--seed", "1"],
        {"train": [0, 1, 2, 4, 5, 6, 7, 9, 10, 11, 13, 14, 16, 17, 18], "test": [3, 8, 12, 15, 19]},
    ),
    "another field": (
        ["--test", "0.25", "--by", "id"],
        {"train": [0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 14, 15, 16, 17, 19], "test": [5, 10, 12, 18]},
    ),
}


@pytest.mark.parametrize(("argv", "parts"), DIVISIONS.values(), ids=DIVISIONS)
def test_parts_stay_as_they_are(argv: list[str], parts: dict[str, list[int]], tmp_path: Path) -> None:
    given = jsonl(*[{"prompt": f"question {number}", "id": number} for number in range(20)])
    assert hh("hh-split", *argv, "-O", tmp_path, stdin=given).returncode == 0
    found = {path.stem: [row["id"] for row in rows(path.read_bytes())] for path in tmp_path.iterdir()}
    assert found == parts


def test_shares_are_kept_and_a_larger_one_takes_from_train_alone() -> None:
    records = [{"prompt": f"question {number}"} for number in range(4000)]
    before = [part_of(record, test=0.1, validation=0.05) for record in records]
    assert Counter(before) == {"train": 3385, "test": 408, "validation": 207}  # 3400, 400 and 200 are meant
    after = [part_of(record, test=0.2, validation=0.1) for record in records]
    moves = Counter(zip(before, after, strict=True))
    assert {old for old, new in moves if old != new} == {"train"}


def test_no_prompt_is_on_two_sides(tmp_path: Path) -> None:
    """Of KTO rows, whose two answers to a prompt are written 16 pairs apart; and no row is lost or out of its order."""
    kto = hh("hh-unpack-kto", "--for", "trl", stdin=hh("hh-parse", SAMPLE).stdout).stdout
    hh("hh-split", "--test", "0.3", "--validation", "0.2", "-O", tmp_path, stdin=kto)
    lines = {path.stem: path.read_bytes().splitlines() for path in tmp_path.iterdir()}
    assert all(len(part) >= 8 for part in lines.values())
    prompts = {name: {json.dumps(json.loads(line)["prompt"]) for line in part} for name, part in lines.items()}
    assert not any(prompts[one] & prompts[other] for one, other in combinations(prompts, 2))
    all_lines = kto.splitlines()
    assert sorted(line for part in lines.values() for line in part) == sorted(all_lines)
    for part in lines.values():
        assert part == [line for line in all_lines if line in part]


def test_raw_rows_and_pairs_are_parted_alike(tmp_path: Path) -> None:
    pairs = hh("hh-parse", "--source", "x", SAMPLE).stdout
    hh("hh-split", "--test", "0.4", "-O", tmp_path / "raw", SAMPLE)
    hh("hh-split", "--test", "0.4", "-O", tmp_path / "pairs", stdin=pairs)
    for name in ("train.jsonl", "test.jsonl"):
        later = hh("hh-parse", "--source", "x", tmp_path / "raw" / name).stdout
        assert later == (tmp_path / "pairs" / name).read_bytes() != b""


def test_all_of_a_dialogue_stays_together_on_request(tmp_path: Path) -> None:
    dialogues = [[user(f"opening {number}"), X, R, X, R, X, R] for number in range(8)]
    pairs = [pair(system("s"), *turns[:length]) for turns in dialogues for length in (1, 3, 5)]
    hh("hh-split", "--test", "0.5", "--by-opening", "-O", tmp_path, stdin=jsonl(*pairs))
    openings = [
        Counter(row["prompt"][1]["content"] for row in rows((tmp_path / f"{part}.jsonl").read_bytes()))
        for part in ("train", "test")
    ]
    assert openings == [
        {f"opening {number}": 3 for number in (0, 1, 2, 3, 5)},
        {f"opening {number}": 3 for number in (4, 6, 7)},
    ]
    assert part_of(pair(user("opening 4"), X, R), test=0.5, by_opening=True) == part_of(
        pair(user("opening 4")), test=0.5
    )


AS_IT_STANDS = b'{"prompt" : "\\u00e9\\/ \xe2\x80\xa8", "n":1.50, "n":1e2, "big":123456789012345678901234567890}'
LATER = AS_IT_STANDS.replace(b'\xa8"', b'\xa8!"')
GIVEN = {
    "lines": AS_IT_STANDS + b"\r\n \n" + LATER,
    "an array": b"\xef\xbb\xbf[" + AS_IT_STANDS + b" ,\n" + LATER + b"]",
    "an archive": gzip.compress(AS_IT_STANDS + b"\n" + LATER + b"\n"),
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_the_bytes_of_a_record_are_kept(given: bytes, tmp_path: Path) -> None:
    assert hh("hh-split", "--test", "0.5", "-O", tmp_path, stdin=given).returncode == 0
    assert (tmp_path / "train.jsonl").read_bytes() == AS_IT_STANDS + b"\n"
    assert (tmp_path / "test.jsonl").read_bytes() == LATER + b"\n"


DEEP: Any = []
for _ in range(900):
    DEEP = [DEEP]

# (record, options, reason, what the message says)
BAD: dict[str, tuple[Any, Sequence[str], str, str]] = {
    "no prompt": ({"text": "q", "label": [1.0]}, [], "missing-field", "--by FIELD goes by another field"),
    "a prompt that is a number": ({"prompt": 7}, [], "wrong-type", '"prompt" is a whole number'),
    "a prompt of strings": ({"prompt": ["q"]}, [], "wrong-type", '"prompt"[0] is a string, not a message'),
    "one side": ({"chosen": transcript("H: q", "A: x")}, [], "missing-field", 'no field "rejected"'),
    "one whole dialogue": ({"chosen": [Q, X]}, [], "missing-field", 'no field "rejected"'),
    "no transcripts": ({"chosen": "4", "rejected": "5"}, [], "bad-transcript", "does not begin with a marker"),
    "no transcript": ({"transcript": None}, [], "wrong-type", '"transcript" is null'),
    "no turns": ({"conversations": "q"}, [], "wrong-type", '"conversations" is a string, not a list of turns'),
    "a turn of messages": ({"conversations": [HUMAN, Q]}, [], "wrong-type", '"conversations"[1] is no turn'),
    "no such field": ({"prompt": "q"}, ["--by", "source"], "missing-field", 'no field "source" to go by'),
    "text has no opening": ({"prompt": "q"}, ["--by-opening"], "wrong-type", "the prompt is text"),
    "a field too deep to look at": ({"messages": DEEP}, ["--by", "messages"], "too-deep", "nested too deeply"),
}


@pytest.mark.parametrize(("record", "argv", "reason", "message"), BAD.values(), ids=BAD)
def test_bad(record: Any, argv: Sequence[str], reason: str, message: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"by_opening": True} if argv == ["--by-opening"] else {"by": argv[1]} if argv else {}
    with pytest.raises(Bad) as caught:
        part_of(record, test=0.5, **options)
    assert (caught.value.reason, message in caught.value.detail) == (reason, True)
    done = hh("hh-split", "--test", "0.5", *argv, "-O", tmp_path, stdin=jsonl(record))
    assert (done.returncode, list(tmp_path.iterdir())) == (65, [])
    assert done.stderr.decode().startswith(f"hh-split: stdin:1: {reason}: ")
    assert message in done.stderr.decode()


USAGE: dict[str, tuple[list[str], str]] = {
    "no share": ([], "give --test, --validation or both"),
    "all of it": (["--test", "1"], "1.0 is no share between 0 and 1"),
    "nothing of it": (["--validation", "0"], "0.0 is no share between 0 and 1"),
    "no number": (["--test", "nan"], "nan is no share between 0 and 1"),
    "per cent": (["--test", "10%"], "--test"),
    "nothing for train": (["--test", "0.6", "--validation", "0.4"], "leave nothing for train"),
    "two ways to part": (["--test", "0.1", "--by", "x", "--by-opening"], "give either --by or --by-opening"),
    "an unknown packing": (["--test", "0.1", "--compress", "bz2"], "bz2"),
    "no one output": (["--test", "0.1", "-o", "x"], "-o"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str, tmp_path: Path) -> None:
    done = hh("hh-split", *argv, "-O", tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert message in done.stderr.decode()


def test_a_folder_is_needed() -> None:
    done = hh("hh-split", "--test", "0.1")
    assert (done.returncode, b"'--output-dir'" in done.stderr) == (2, True)
