from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hhtools.commands.from_helpsteer import from_helpsteer
from hhtools.formats.regression import SYSTEM
from hhtools.records import Bad, Dropped, Record
from tests.conftest import HELPSTEER2_ROWS
from tests.dialogues import assistant, preferred, preferred3, rated, user
from tests.shell import hh, jsonl, rows, shell

MULTI_TURN = "Hi\n<extra_id_1>Assistant\nYes?\n<extra_id_1>User\n2+2?"


def steerlm(prompt: str, answer: str, label: str) -> Record:
    """The record of NeMo-Aligner's scripts, written out by hand from their source."""
    return {
        "conversations": [
            {"value": prompt, "from": "User", "label": None},
            {"value": answer, "from": "Assistant", "label": label},
        ],
        "system": SYSTEM,
        "mask": "User",
        "type": "VALUE_TO_TEXT",
    }


ALL = "helpfulness:3,correctness:4,coherence:4,complexity:2,verbosity:1"

TABLE: dict[str, tuple[Record, dict[str, Any], list[str], list[Record]]] = {
    "ratings": (rated("4", "34421"), {}, [], [steerlm("2+2?", "4", ALL)]),
    "helpfulness only": (
        rated("4", "34421"),
        {"only_helpfulness": True},
        ["--only-helpfulness"],
        [steerlm("2+2?", "4", "helpfulness:3")],
    ),
    "helpfulness is all there is": (
        {"prompt": "q", "response": "a", "helpfulness": 0},
        {"only_helpfulness": True},
        ["--only-helpfulness"],
        [steerlm("q", "a", "helpfulness:0")],
    ),
    "a whole decimal": ({**rated("4", "34421"), "verbosity": 1.0}, {}, [], [steerlm("2+2?", "4", ALL)]),
    "white space and embedded turns stay": (
        rated(" 4\n", "34421", MULTI_TURN + " "),
        {},
        [],
        [steerlm(MULTI_TURN + " ", " 4\n", ALL)],
    ),
    "a preference": (
        preferred(-3, "4", "5"),
        {},
        [],
        [steerlm("2+2?", "4", "quality:-3"), steerlm("2+2?", "5", "quality:-3")],
    ),
    "a preference of the split": (
        preferred(0, split="val"),
        {"split": "validation"},
        ["--split", "validation"],
        [steerlm("2+2?", "4", "quality:0"), steerlm("2+2?", "5", "quality:0")],
    ),
}


@pytest.mark.parametrize(("record", "options", "argv", "expected"), TABLE.values(), ids=TABLE)
def test_the_records_of_nemo_aligner(
    record: Record, options: dict[str, Any], argv: list[str], expected: list[Record]
) -> None:
    assert from_helpsteer(record, **options) == expected
    done = hh("hh-from-helpsteer", *argv, stdin=jsonl({**record, "source": "x"}))
    assert (done.returncode, rows(done.stdout), done.stderr) == (0, expected, b"")


BAD: dict[str, tuple[Record, list[str], str]] = {
    "no rating": ({"prompt": "q", "response": "a"}, [], 'missing-field: no field "helpfulness"'),
    "null": ({**rated("4", "34421"), "coherence": None}, [], 'wrong-type: "coherence" is null, not a whole number'),
    "a boolean": ({**rated("4", "34421"), "coherence": True}, [], 'wrong-type: "coherence" is a boolean'),
    "not whole": ({**rated("4", "34421"), "coherence": 3.5}, [], 'bad-label: "coherence" is 3.5, not a whole number'),
    "no prompt": ({**rated("4", "34421"), "prompt": None}, [], 'wrong-type: "prompt" is null, not a string'),
    "no answer": ({**rated("4", "34421"), "response": None}, [], 'wrong-type: "response" is null, not a string'),
    "a preference without an answer": (
        {**preferred(1), "response_2": 5},
        [],
        'wrong-type: "response_2" is a whole number, not a string',
    ),
    "HelpSteer3": (preferred3(1), [], 'missing-field: no field "helpfulness": a preference has no ratings; --pairs'),
    "a preference and its helpfulness": (preferred(1), ["--only-helpfulness"], 'missing-field: no field "helpfulness"'),
    "no split": (rated("4", "34421"), ["--split", "train"], 'missing-field: no field "split"'),
    "another row": ({"chosen": "x"}, [], "missing-field: this is no row of HelpSteer: it has none of"),
    "another row for pairs": ({"chosen": "x"}, ["--pairs"], "missing-field: this is no row of HelpSteer"),
    "null for pairs": ({**rated("4", "34421"), "coherence": None}, ["--pairs"], 'wrong-type: "coherence" is null'),
}


@pytest.mark.parametrize(("record", "argv", "told"), BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_bad(record: Record, argv: list[str], told: str) -> None:
    if not argv:
        with pytest.raises(Bad, match=told):
            from_helpsteer(record)
    done = hh("hh-from-helpsteer", *argv, stdin=jsonl(record))
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.startswith(f"hh-from-helpsteer: stdin:1: {told}".encode())


def test_a_row_of_another_split_is_dropped() -> None:
    result = from_helpsteer(preferred(1), split="validation")
    assert isinstance(result, Dropped)
    assert result.reason == "other-split"


GROUPS = [
    rated("5", "00400"),
    rated("4", "44401"),
    rated("six", "44444", "3+3?"),
    preferred(3, prompt="4+4?", first="9", second="8"),
    rated("9", "44444", "4+4?"),
    rated("8", "44444", "4+4?"),
    rated("7", "34444", "4+4?"),
    preferred3(0),
]


def test_pairs_and_the_account_of_every_row() -> None:
    done = hh("hh-from-helpsteer", "--pairs", "-v", stdin=jsonl(*GROUPS))
    assert done.returncode == 0
    assert done.stderr == (
        b"hh-from-helpsteer: 8 read, 5 used, 3 dropped (no-other-answer 1, middle-answer 1, tie 1), 0 bad; "
        b"3 rows written\n"
    )
    assert [(row["chosen"], row["rejected"], row["margin"]) for row in rows(done.stdout)] == [
        ([assistant("4")], [assistant("5")], 5.4),
        ([assistant("8")], [assistant("9")], 3.0),
        ([assistant("9")], [assistant("7")], 0.65),
    ]


def test_options_of_pairs() -> None:
    argv = ["--pairs", "--weights", "helpfulness=1, verbosity = -0.5", "--min-margin", "0.5", "--source", "hs2"]
    close = [rated("a", "44400", "r"), rated("b", "44401", "r"), rated("c", "44400", "s"), rated("d", "44402", "s")]
    done = hh("hh-from-helpsteer", *argv, "-v", stdin=jsonl(*HELPSTEER2_ROWS, *close))
    assert [(row["margin"], row["source"]) for row in rows(done.stdout)] == [(3.5, "hs2"), (0.5, "hs2"), (1.0, "hs2")]
    close[3] = rated("d", "44400", "s")
    done = hh("hh-from-helpsteer", *argv[:3], "--ties", "keep", "--whitespace", "keep", stdin=jsonl(*close[2:]))
    assert [(row["chosen"], row["margin"]) for row in rows(done.stdout)] == [([assistant("c")], 0.0)]
    done = hh("hh-from-helpsteer", *argv[:3], "--min-margin", "0.51", "-v", stdin=jsonl(*close[:2]))
    assert b"2 dropped (small-margin 2)" in done.stderr


def test_a_group_over_two_files_and_past_a_bad_row(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.jsonl", "b.jsonl")]
    for path, row in zip(paths, HELPSTEER2_ROWS, strict=True):
        path.write_bytes(jsonl(row) + b"Hi\n")
    done = hh("hh-from-helpsteer", "--pairs", "--max-bad", "2", "-v", *paths)
    assert b"4 read, 2 used, 0 dropped, 2 bad (bad-json 2); 1 rows written" in done.stderr
    assert [row["source"] for row in rows(done.stdout)] == ["b"]


@pytest.mark.parametrize("limit", range(9))
def test_a_limit_leaves_nothing_unaccounted_for(limit: int) -> None:
    done = hh("hh-from-helpsteer", "--pairs", "-v", "-n", str(limit), stdin=jsonl(*GROUPS))
    assert done.returncode == 0
    assert done.stderr.startswith(f"hh-from-helpsteer: {limit} read, ".encode())


def test_the_records_feed_the_regression_model(data_folder: Path) -> None:
    done = shell(
        "hh-from-helpsteer HelpSteer2/train.jsonl.gz HelpSteer2/preference/preference.jsonl.gz | hh-to-regression",
        data_folder,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = rows(done.stdout.encode())
    m = -100.0
    assert [row["label"] for row in found] == [
        [m, m, m, m, 0.0, 0.0, 4.0, 0.0, 0.0],
        [m, m, m, m, 4.0, 4.0, 4.0, 0.0, 1.0],
        [-3.0, m, m, m, m, m, m, m, m],
        [-3.0, m, m, m, m, m, m, m, m],
        [2.0, m, m, m, m, m, m, m, m],
        [2.0, m, m, m, m, m, m, m, m],
    ]
    head = f"<extra_id_0>System\n{SYSTEM}\n"
    assert found[0]["text"] == head + "<extra_id_1>User\n2+2?\n<extra_id_1>Assistant\n5\n<extra_id_2>"


def test_embedded_turns_are_turns_for_the_regression_model_too(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(jsonl(rated("4", "34421", MULTI_TURN)))
    done = shell("hh-from-helpsteer x | hh-to-regression", tmp_path)
    turns = ["User\nHi", "Assistant\nYes?", "User\n2+2?", "Assistant\n4"]
    text = "".join(f"<extra_id_1>{turn}\n" for turn in turns) + "<extra_id_2>"
    assert rows(done.stdout.encode())[0]["text"] == f"<extra_id_0>System\n{SYSTEM}\n{text}"


def test_the_pairs_feed_the_trainers(data_folder: Path) -> None:
    made = "hh-from-helpsteer --pairs HelpSteer2/train.jsonl.gz HelpSteer2/preference/preference.jsonl.gz"
    done = shell(f"{made} | hh-unpack-kto --for trl --carry margin --carry source", data_folder)
    assert (done.returncode, done.stderr) == (0, "")
    found = [
        (row["prompt"], row["completion"][0]["content"], row["label"], row["margin"], row["source"])
        for row in rows(done.stdout.encode())
    ]
    # hh-unpack-kto writes the rejected rows last; the pair of a prompt comes when the next prompt, or the end, is seen.
    assert found == [
        ([user("2+2?")], "4", True, 3.0, "preference"),
        ([user("3+3?")], "6", True, 2.0, "preference"),
        ([user("2+2?")], "4", True, 5.4, "HelpSteer2"),
        ([user("2+2?")], "5", False, 3.0, "preference"),
        ([user("3+3?")], "7", False, 2.0, "preference"),
        ([user("2+2?")], "5", False, 5.4, "HelpSteer2"),
    ]


USAGE = {
    "weights without pairs": (["--weights", "helpfulness=1"], "--weights means nothing without --pairs"),
    "no margin without pairs": (["--min-margin", "0"], "--min-margin means nothing without --pairs"),
    "ties without pairs": (["--ties", "drop"], "--ties means nothing without --pairs"),
    "white space without pairs": (["--whitespace", "keep"], "--whitespace means nothing without --pairs"),
    "a source without pairs": (["--source", "x"], "--source means nothing without --pairs"),
    "labels and pairs": (["--pairs", "--only-helpfulness"], "--weights helpfulness=1"),
    "a tie with a margin": (["--pairs", "--ties", "keep", "--min-margin", "1"], "a tie has no margin"),
    "a margin below 0": (["--pairs", "--min-margin", "-1"], "0 or more"),
    "a margin of no number": (["--pairs", "--min-margin", "nan"], "0 or more"),
    "an unknown attribute": (["--pairs", "--weights", "quality=1"], 'no attribute "quality"'),
    "no number": (["--pairs", "--weights", "helpfulness=much"], "--weights"),
    "no weight": (["--pairs", "--weights", "helpfulness"], "give different attributes"),
    "nothing": (["--pairs", "--weights", ""], "give different attributes"),
    "the same twice": (["--pairs", "--weights", "verbosity=1,verbosity=2"], "give different attributes"),
    "nothing counts": (["--pairs", "--weights", "verbosity=0"], "not 0"),
    "an unknown split": (["--split", "val"], "--split"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-from-helpsteer", *argv)
    assert done.returncode == 2
    assert message in done.stderr.decode()
