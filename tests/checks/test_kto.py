from __future__ import annotations

from typing import Any

import pytest

from hhtools.checks.kto import KTO
from hhtools.records import Record
from tests.checks.tables import ABSENT, TAKES, changed, found
from tests.dialogues import assistant, system, user

TEXTS = {"prompt": "\n\nHuman: q\n\nAssistant:", "completion": " a", "label": True}
HUMAN, GPT = {"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}

GOOD: dict[str, Record] = {
    "trl-kto": {"prompt": [user("q")], "completion": [assistant("a")], "label": True},
    "trl-text-kto": TEXTS,
    "nemo-kto": {"prompt": "Human:\nq\nAssistant:\n", "response": "a", "preference": "chosen"},
    "llamafactory-kto": {"conversations": [HUMAN, GPT], "kto_tag": True},
    "axolotl-kto": TEXTS,
    "swift-kto": {"messages": [user("q"), assistant("a")], "label": True},
}

LABELS = {
    "trl-kto": "label",
    "trl-text-kto": "label",
    "nemo-kto": "preference",
    "llamafactory-kto": "kto_tag",
    "axolotl-kto": "label",
    "swift-kto": "label",
}

# (a label, what NeMo-Aligner, LLaMA-Factory and the other trainers make of it)
LABEL_VALUES: dict[str, tuple[Any, str, str, str]] = {
    "true": (True, "error: unknown-preference", TAKES, TAKES),
    "false": (False, "error: unknown-preference", TAKES, TAKES),
    "1": (1, "error: unknown-preference", "error: label-not-boolean", "warning: label-is-number"),
    "0": (0, "error: unknown-preference", "error: label-not-boolean", "warning: label-is-number"),
    "-1": (-1, "error: unknown-preference", "error: label-not-boolean", "error: label-not-boolean"),
    "1.0": (1.0, "error: unknown-preference", "error: label-not-boolean", "error: label-not-boolean"),
    "chosen": ("chosen", TAKES, "error: label-not-boolean", "error: label-not-boolean"),
    "rejected": ("rejected", TAKES, "error: label-not-boolean", "error: label-not-boolean"),
    "Chosen": ("Chosen", "error: unknown-preference", "error: label-not-boolean", "error: label-not-boolean"),
    "false as text": ("false", "error: unknown-preference", "error: label-not-boolean", "error: label-not-boolean"),
    "null": (None, "error: unknown-preference", "error: label-not-boolean", "error: label-not-boolean"),
    "a list": ([True], "error: unknown-preference", "error: label-not-boolean", "error: label-not-boolean"),
}


def test_every_format_has_its_row_here() -> None:
    assert GOOD.keys() == LABELS.keys() == KTO.keys()


@pytest.mark.parametrize("format_name", GOOD)
def test_a_good_row(format_name: str) -> None:
    assert found(format_name, GOOD[format_name]) == TAKES


@pytest.mark.parametrize("format_name", GOOD)
@pytest.mark.parametrize(("label", "nemo", "llamafactory", "others"), LABEL_VALUES.values(), ids=LABEL_VALUES)
def test_labels(format_name: str, label: Any, nemo: str, llamafactory: str, others: str) -> None:
    expected = {"nemo-kto": nemo, "llamafactory-kto": llamafactory}.get(format_name, others)
    assert found(format_name, changed(GOOD[format_name], {LABELS[format_name]: label})) == expected


@pytest.mark.parametrize("format_name", GOOD)
def test_every_key_is_needed(format_name: str) -> None:
    for key in GOOD[format_name]:
        assert found(format_name, changed(GOOD[format_name], {key: ABSENT})) == "error: missing-key"


WRONG: dict[str, tuple[str, Record, str]] = {
    "a text for messages": ("trl-kto", {"prompt": "q"}, "error: wrong-type"),
    "messages for a text": ("trl-text-kto", {"prompt": [user("q")]}, "error: wrong-type"),
    "null for a text": ("nemo-kto", {"response": None}, "error: wrong-type"),
    "one message and no list": ("trl-kto", {"completion": assistant("a")}, "error: wrong-type"),
    "a message without content": ("trl-kto", {"prompt": [{"role": "user"}]}, "error: missing-key"),
    "content that is no text": ("trl-kto", {"prompt": [{"role": "user", "content": 1}]}, "error: wrong-type"),
    "no message at all": ("trl-kto", {"prompt": []}, "error: empty-list"),
    "a role of another vocabulary": ("trl-kto", {"prompt": [{"role": "human", "content": "q"}]}, "error: unknown-role"),
    "a speaker of another vocabulary": (
        "llamafactory-kto",
        {"conversations": [{"from": "user", "value": "q"}, GPT]},
        "error: unknown-role",
    ),
    "a system message": ("trl-kto", {"prompt": [system("s"), user("q")]}, TAKES),
    "an empty system message": ("trl-kto", {"prompt": [system(""), user("q")]}, TAKES),
    "a tool that speaks": ("trl-kto", {"prompt": [user("q"), {"role": "tool", "content": "4"}]}, TAKES),
    "a space at the prompt's end, TRL": (
        "trl-text-kto",
        {"prompt": "q ", "completion": "a"},
        "warning: boundary-white-space",
    ),
    "a space at the prompt's end, Axolotl": (
        "axolotl-kto",
        {"prompt": "q ", "completion": "a"},
        "warning: boundary-white-space",
    ),
    "a space at the prompt's end, NeMo": ("nemo-kto", {"prompt": "q "}, "error: boundary-white-space"),
    "line breaks at both sides of the joint": ("nemo-kto", {"response": "\na"}, "error: boundary-white-space"),
    "a line break and a space": ("nemo-kto", {"response": " a"}, TAKES),
    "a space at both sides of the joint": ("trl-text-kto", {"prompt": "q "}, TAKES),
    "no white space at the joint": ("trl-text-kto", {"completion": "a"}, TAKES),
    "an empty answer, TRL": ("trl-kto", {"completion": [assistant("")]}, "warning: empty-text"),
    "an empty answer, as text": ("trl-text-kto", {"completion": " "}, "warning: empty-text"),
    "an empty answer, NeMo": ("nemo-kto", {"response": ""}, "warning: empty-text"),
    "an empty answer flips the label in LLaMA-Factory": (
        "llamafactory-kto",
        {"conversations": [HUMAN, {"from": "gpt", "value": ""}]},
        "error: empty-text",
    ),
    "two answers in a row, TRL": ("trl-kto", {"prompt": [user("q"), assistant("b")]}, "warning: turn-order"),
    "two answers in a row, ms-swift": (
        "swift-kto",
        {"messages": [user("q"), assistant("a"), assistant("b")]},
        "warning: turn-order",
    ),
    "two answers in a row, LLaMA-Factory": (
        "llamafactory-kto",
        {"conversations": [HUMAN, GPT, GPT]},
        "error: turn-order",
    ),
    "the human has the last word": ("llamafactory-kto", {"conversations": [HUMAN, GPT, HUMAN]}, "error: turn-order"),
    "a system turn first": (
        "llamafactory-kto",
        {"conversations": [{"from": "system", "value": "s"}, HUMAN, GPT]},
        TAKES,
    ),
    "a system turn later": (
        "llamafactory-kto",
        {"conversations": [HUMAN, {"from": "system", "value": "s"}, GPT]},
        "error: turn-order",
    ),
    "a transcript in a message": (
        "trl-kto",
        {"prompt": [user("\n\nHuman: q\n\nAssistant:")]},
        "warning: transcript-in-message",
    ),
    "a dangling marker is no turn": ("trl-kto", {"completion": [assistant("a\n\nHuman")]}, TAKES),
}


@pytest.mark.parametrize(("format_name", "changes", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_rows(format_name: str, changes: Record, expected: str) -> None:
    assert found(format_name, changed(GOOD[format_name], changes)) == expected
