from __future__ import annotations

import pytest

from hhtools.checks.checker import Checker
from hhtools.checks.formats import FORMATS
from tests.checks.tables import TAKES, told

TRAINERS = (
    "trl",
    "nemo",
    "nemo-rl",
    "llamafactory",
    "axolotl",
    "openrlhf",
    "torchtune",
    "open-instruct",
    "swift",
    "verl",
)

# Which loader reads which file, by its name and its bytes.
READS: dict[str, set[str]] = {
    "x.jsonl": {*TRAINERS} - {"verl"},
    "x.json": {*TRAINERS} - {"open-instruct"},
    "x.jsonl.gz": {"trl", "axolotl", "torchtune"},
    "x.json.gz": {"trl", "axolotl", "torchtune"},
    "x.jsonl.zst": set(),
    "x": {"trl", "nemo", "axolotl", "torchtune"},
    "x.csv.jsonl": {*TRAINERS} - {"verl", "axolotl"},
    "data.parquet/x.jsonl": {*TRAINERS} - {"verl", "axolotl"},
}
ONE_FORMAT = {
    "trl": "trl-dpo",
    "nemo": "nemo-dpo",
    "nemo-rl": "nemo-rl-dpo",
    "llamafactory": "llamafactory-dpo",
    "axolotl": "axolotl-dpo",
    "openrlhf": "openrlhf-dpo",
    "torchtune": "torchtune-dpo",
    "open-instruct": "open-instruct-dpo",
    "swift": "swift-dpo",
    "verl": "verl-prompts",
}


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize(("name", "readers"), READS.items())
def test_names(trainer: str, name: str, readers: set[str]) -> None:
    assert bool(Checker(ONE_FORMAT[trainer]).name(name)) == (trainer not in readers)


def test_the_formats_of_a_trainer_have_one_loader() -> None:
    loaders = {
        trainer: {
            form.loader
            for name, form in FORMATS.items()
            if name.startswith(f"{trainer}-") and (trainer != "nemo" or not name.startswith("nemo-rl-"))
        }
        for trainer in TRAINERS
    }
    assert {trainer: len(found) for trainer, found in loaders.items()} == dict.fromkeys(TRAINERS, 1)


# (what is unusual about a file, what loaders of columns say, and what NeMo-Aligner says)
FILES: dict[str, tuple[dict[str, bool], str, str]] = {
    "nothing": ({}, TAKES, TAKES),
    "compressed": ({"packed": True}, TAKES, "error: compressed"),
    "a byte order mark": ({"byte_order_mark": True}, TAKES, "error: byte-order-mark"),
    "an array": ({"array": True}, TAKES, "error: json-array"),
    "no final newline": ({"final_newline": False}, "warning: no-final-newline", "warning: no-final-newline"),
}


@pytest.mark.parametrize(("facts", "trl", "nemo"), FILES.values(), ids=FILES)
def test_files(facts: dict[str, bool], trl: str, nemo: str) -> None:
    usual = {"packed": False, "byte_order_mark": False, "array": False, "final_newline": True}
    for format_name, expected in (("trl-kto", trl), ("nemo-kto", nemo)):
        checker = Checker(format_name)
        assert told(checker, checker.file("x.jsonl", **{**usual, **facts})) == expected


def test_blank_lines() -> None:
    nemo, trl = Checker("nemo-kto"), Checker("trl-kto")
    assert told(nemo, nemo.blank_line()) == "error: blank-line"
    assert told(trl, trl.blank_line()) == TAKES


@pytest.mark.parametrize(
    ("format_name", "rows", "expected"),
    [
        ("trl-text-sft", 0, "error: no-rows"),
        ("trl-text-sft", 1, TAKES),
        ("nemo-prompts", 63, "warning: few-rows"),
        ("nemo-prompts", 64, TAKES),
    ],
)
def test_how_many_rows(format_name: str, rows: int, expected: str) -> None:
    checker = Checker(format_name)
    for _ in range(rows):
        checker.row({"text": "q"})
    assert told(checker, checker.finish()) == expected
