from __future__ import annotations

import pytest

from hhtools.checks.checker import Checker
from hhtools.records import Record
from tests.checks.tables import TAKES, found, told
from tests.checks.test_kto import GOOD as KTO
from tests.dialogues import assistant, user


def kto_row(format_name: str, prompt: str, desirable: bool = True) -> Record:
    """Make a row of a KTO format with this prompt."""
    answer = "a" if desirable else "b"
    turns = [{"from": "human", "value": prompt}, {"from": "gpt", "value": answer}]
    rows: dict[str, Record] = {
        "trl-kto": {"prompt": [user(prompt)], "completion": [assistant(answer)], "label": desirable},
        "trl-text-kto": {"prompt": prompt, "completion": f" {answer}", "label": desirable},
        "nemo-kto": {"prompt": prompt, "response": answer, "preference": "chosen" if desirable else "rejected"},
        "llamafactory-kto": {"conversations": turns, "kto_tag": desirable},
        "axolotl-kto": {"prompt": prompt, "completion": f" {answer}", "label": desirable},
        "swift-kto": {"messages": [user(prompt), assistant(answer)], "label": desirable},
    }
    return rows[format_name]


@pytest.mark.parametrize("format_name", KTO)
def test_the_rows_of_a_prompt_side_by_side(format_name: str) -> None:
    """Every trainer but NeMo-Aligner, which shuffles, takes the KL term from the row before."""
    apart = [kto_row(format_name, prompt) for prompt in ("q", "r", "q")]
    beside = [kto_row(format_name, "q", desirable) for desirable in (True, False)]
    assert found(format_name, *apart) == TAKES
    assert found(format_name, *beside) == (TAKES if format_name == "nemo-kto" else "warning: adjacent-prompts")


def test_a_row_that_cannot_be_read_stands_between_its_neighbours() -> None:
    row = kto_row("trl-text-kto", "q")
    assert found("trl-text-kto", row, {**row, "prompt": 7}, row) == "error: wrong-type"


BALANCES: dict[str, tuple[str, list[bool], str, dict[str, int | str]]] = {
    "even": ("trl-kto", [True, False], TAKES, {"desirable": 1, "undesirable": 1}),
    "four to three": ("trl-kto", [True] * 4 + [False] * 3, TAKES, {"desirable": 4, "undesirable": 3}),
    "too many desirable": (
        "llamafactory-kto",
        [True] * 24 + [False] * 6,
        "warning: imbalance",
        {
            "desirable": 24,
            "undesirable": 6,
            "weights": "desirable_weight in [0.25, 0.33] or undesirable_weight in [3.01, 4.0], not both",
        },
    ),
    "too many undesirable": (
        "swift-kto",
        [True] * 6 + [False] * 24,
        "warning: imbalance",
        {
            "desirable": 6,
            "undesirable": 24,
            "weights": "desirable_weight in [4.0, 5.32] or undesirable_weight in [0.19, 0.25], not both",
        },
    ),
    "one kind alone": ("axolotl-kto", [True, True], "warning: imbalance", {"desirable": 2, "undesirable": 0}),
    "no row": ("trl-kto", [], "error: no-rows", {}),
    "one row": ("trl-text-kto", [True], "warning: few-rows, warning: imbalance", {"desirable": 1, "undesirable": 0}),
    "NeMo's labels": (
        "nemo-kto",
        [True, False],
        "warning: few-rows",
        {"desirable": 1, "undesirable": 1},
    ),
}


@pytest.mark.parametrize(("format_name", "labels", "expected", "notes"), BALANCES.values(), ids=BALANCES)
def test_balance(format_name: str, labels: list[bool], expected: str, notes: dict[str, int | str]) -> None:
    checker = Checker(format_name)
    for number, desirable in enumerate(labels):
        assert checker.row(kto_row(format_name, f"q{number}", desirable)) == []
    assert told(checker, checker.finish()) == expected
    assert checker.notes() == notes


def test_a_label_that_is_none_is_not_counted() -> None:
    checker = Checker("trl-text-kto")
    for prompt, label in (("q", True), ("r", False), ("s", "false"), ("t", None)):
        checker.row({**kto_row("trl-text-kto", prompt), "label": label})
    assert checker.notes() == {"desirable": 1, "undesirable": 1}


def texts(*answered: str) -> list[Record]:
    """Make nemo-reward rows of "question answer" words, in the form of NeMo's launcher."""
    return [{"text": "User: {}\n\nAssistant: {}".format(*words.split(" ", 1))} for words in answered]


PAIRS: dict[str, tuple[list[Record], str]] = {
    "two pairs": (texts("q a", "q b", "r a", "r b"), TAKES),
    "an odd row": (texts("q a", "q b", "r a"), "error: unpaired-rows"),
    "one line was dropped": (texts("q a", "r a", "r b", "s a"), "error: unpaired-rows, error: unpaired-rows"),
    "equal answers": (texts("q a", "q a"), "warning: same-answers"),
    "an answer with a turn in it": (texts("q a", "q b\n\nAssistant: c"), TAKES),
    "an answer with a turn in it, in another pair": (texts("q a", "r b\n\nAssistant: c"), "error: unpaired-rows"),
    "two dialogues that begin alike": (
        texts("q a\n\nUser: r\n\nAssistant: b", "q a\n\nUser: s\n\nAssistant: c"),
        "error: unpaired-rows",
    ),
    "two answers that speak of turns": (
        [
            {"text": f"<extra_id_1>User\nq\n<extra_id_1>Assistant\n{answer} Assistant: or\nAssistant: ?"}
            for answer in "ab"
        ],
        TAKES,
    ),
    "extra ids": (
        [{"text": f"<extra_id_0>System\n\n<extra_id_1>User\nq\n<extra_id_1>Assistant\n{answer}"} for answer in "ab"],
        TAKES,
    ),
    "extra ids, another question": (
        [{"text": f"<extra_id_0>System\n\n<extra_id_1>User\n{q}\n<extra_id_1>Assistant\na"} for q in "qr"],
        "error: unpaired-rows",
    ),
    "llama2": ([{"text": f"[INST] q [/INST] {answer}"} for answer in "ab"], TAKES),
    "a template of one's own": ([{"text": f"Q: q\nA: {answer}"} for answer in "ab"], TAKES),
    "a template of one's own, another question": ([{"text": f"Q: {q}\nA: a"} for q in "qr"], "error: unpaired-rows"),
    "a row that cannot be read keeps its place": (
        [*texts("q a"), {"text": None}, *texts("r a", "r b")],
        "error: wrong-type",
    ),
}


@pytest.mark.parametrize(("rows", "expected"), PAIRS.values(), ids=PAIRS)
def test_parity(rows: list[Record], expected: str) -> None:
    checker = Checker("nemo-reward")
    findings = [finding for row in rows for finding in checker.row(row)] + checker.finish()
    assert told(checker, [finding for finding in findings if finding.slug != "few-rows"]) == expected


def test_a_line_that_is_no_row_keeps_its_place() -> None:
    checker = Checker("nemo-reward")
    (first, *rest) = texts("q a", "r a", "r b")
    assert checker.row(first) == []
    checker.unreadable()
    assert [finding for row in rest for finding in checker.row(row)] == []
    assert told(checker, checker.finish()) == "warning: few-rows"


def test_labels_of_one_length() -> None:
    rows = [{"text": "q<extra_id_2>", "label": label} for label in ([1.0, 2.0], [3.0], [1.0, 2.0, 3.0], [2.0, 1.0])]
    assert found("nemo-regression", *rows) == "error: label-length, error: label-length"
