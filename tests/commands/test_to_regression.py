from __future__ import annotations

from typing import Any

import pytest

from hhtools.commands.to_regression import to_regression
from hhtools.formats.regression import SYSTEM
from hhtools.records import Bad, Dropped, Record
from tests.shell import hh, jsonl, rows

M = -100.0
HEAD = f"<extra_id_0>System\n{SYSTEM}\n"


def record(*turns: tuple[str, str, Any], **fields: Any) -> Record:
    conversations = [{"from": speaker, "value": value, "label": label} for speaker, value, label in turns]
    return {"conversations": conversations, "mask": "User", "type": "VALUE_TO_TEXT", **fields}


ONE = record(("User", "q", None), ("Assistant", "x", "helpfulness:3"))
ONE_TEXT = "<extra_id_1>User\nq\n<extra_id_1>Assistant\nx\n<extra_id_2>"
ONE_LABEL = [M, M, M, M, 3.0, M, M, M, M]

TABLE: dict[str, tuple[Record, dict[str, Any], list[str], list[tuple[str, list[float]]]]] = {
    "one label": (ONE, {}, [], [(HEAD + ONE_TEXT, ONE_LABEL)]),
    "an empty system text is none": ({**ONE, "system": ""}, {}, [], [(HEAD + ONE_TEXT, ONE_LABEL)]),
    "its own system text": (
        {**ONE, "system": "Be kind."},
        {},
        [],
        [(f"<extra_id_0>System\nBe kind.\n{ONE_TEXT}", ONE_LABEL)],
    ),
    "a system text for all": (
        {**ONE, "system": "Be kind."},
        {"system": "Go."},
        ["--system", "Go."],
        [(f"<extra_id_0>System\nGo.\n{ONE_TEXT}", ONE_LABEL)],
    ),
    "the script's sentence": (
        {**ONE, "system": "Be kind."},
        {"system": SYSTEM},
        ["--compat", "nemo-aligner"],
        [(HEAD + ONE_TEXT, ONE_LABEL)],
    ),
    "a row for each label": (
        record(("User", "q", "quality:1"), ("Assistant", "x", ""), ("User", "r", None), ("Assistant", "y", "humor:0")),
        {},
        [],
        [
            (HEAD + "<extra_id_1>User\nq\n<extra_id_2>", [1.0, M, M, M, M, M, M, M, M]),
            (
                HEAD
                + "<extra_id_1>User\nq\n<extra_id_1>Assistant\nx\n"
                + "<extra_id_1>User\nr\n<extra_id_1>Assistant\ny\n<extra_id_2>",
                [M, M, 0.0, M, M, M, M, M, M],
            ),
        ],
    ),
    "mask names the user": (
        {**record(("human", "q", None), ("gpt", "x", "quality:2")), "mask": "human"},
        {},
        [],
        [(HEAD + ONE_TEXT, [2.0, M, M, M, M, M, M, M, M])],
    ),
    "no label key": (
        {"conversations": [{"from": "User", "value": "q"}, *ONE["conversations"][1:]], "mask": "User"},
        {},
        [],
        [(HEAD + ONE_TEXT, ONE_LABEL)],
    ),
    "other attributes": (
        record(("User", "q", None), ("Assistant", "x", "b:2")),
        {"attributes": ["a", "b"], "mask_value": -1.5},
        ["--attributes", "a, b", "--mask-value", "-1.5"],
        [(HEAD + ONE_TEXT, [-1.5, 2.0])],
    ),
}


@pytest.mark.parametrize(("given", "options", "argv", "told"), TABLE.values(), ids=TABLE)
def test_table(given: Record, options: dict[str, Any], argv: list[str], told: list[tuple[str, list[float]]]) -> None:
    expected = [{"text": text, "label": label} for text, label in told]
    assert to_regression(given, **options) == expected
    done = hh("hh-to-regression", *argv, stdin=jsonl(given))
    assert (done.returncode, rows(done.stdout), done.stderr) == (0, expected, b"")
    assert all(type(number) is float for row in rows(done.stdout) for number in row["label"])


BAD: dict[str, tuple[Record, str]] = {
    "a bad label": (record(("User", "q", "quality:1"), ("Assistant", "x", "quality:nan")), "bad-label"),
    "a label of another type": (record(("Assistant", "x", 4)), "bad-label"),
    "an unknown attribute": (record(("Assistant", "x", "Quality:1")), "unknown-attribute"),
    "no conversations": ({"mask": "User"}, "missing-field"),
    "conversations of another type": ({"conversations": {}, "mask": "User"}, "wrong-type"),
    "a turn of another type": ({"conversations": ["x"], "mask": "User"}, "wrong-type"),
    "a turn without a value": ({"conversations": [{"from": "User"}], "mask": "User"}, "missing-field"),
    "a value of another type": (record(("User", 7, None)), "wrong-type"),  # type: ignore[arg-type]
    "no mask": ({"conversations": []}, "missing-field"),
    "a system text of another type": (record(("Assistant", "x", "quality:1"), system=["s"]), "wrong-type"),
}


@pytest.mark.parametrize(("given", "reason"), BAD.values(), ids=BAD)
def test_one_bad_turn_makes_the_whole_record_bad(given: Record, reason: str) -> None:
    with pytest.raises(Bad) as caught:
        to_regression(given)
    assert caught.value.reason == reason
    done = hh("hh-to-regression", stdin=jsonl(given))
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.startswith(f"hh-to-regression: stdin:1: {reason}: ".encode())


def test_a_record_without_a_label_is_dropped() -> None:
    given = record(("User", "q", None), ("Assistant", "x", ""))
    result = to_regression(given)
    assert isinstance(result, Dropped)
    assert result.reason == "no-label"
    assert b"1 dropped (no-label 1)" in hh("hh-to-regression", "-v", stdin=jsonl(given)).stderr


USAGE = {
    "an attribute twice": ["--attributes", "a,b,a"],
    "an empty attribute": ["--attributes", "a,,b"],
    "no attribute": ["--attributes", ""],
    "a colon": ["--attributes", "a:b,c"],
    "nan": ["--mask-value", "nan"],
    "infinity": ["--mask-value", "inf"],
    "compat with a system text": ["--compat", "nemo-aligner", "--system", "s"],
}


@pytest.mark.parametrize("argv", USAGE.values(), ids=USAGE)
def test_usage(argv: list[str]) -> None:
    done = hh("hh-to-regression", *argv)
    assert (done.returncode, done.stdout) == (2, b"")
