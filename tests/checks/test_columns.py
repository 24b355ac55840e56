from __future__ import annotations

from typing import Any

import pytest

from tests.checks.tables import TAKES, found

# (the values of one more key in two rows, what a loader of columns says, and what one that takes rows as they are)
VALUES: dict[str, tuple[list[Any], str]] = {
    "the same type": (["a", "b"], TAKES),
    "a text and a number": (["a", 1], "types-differ"),
    "a boolean and a number": ([True, 1], "types-differ"),
    "a list and a text": ([["a"], "a"], "types-differ"),
    "whole and decimal numbers": ([1, 1.5], TAKES),
    "null beside a text": (["a", None], TAKES),
    "a text beside null": ([None, "a"], TAKES),
    "null between two types": (["a", None, 1], "types-differ"),
    "objects of the same keys": ([[{"a": 1}], [{"a": 2}, {"a": 3}]], TAKES),
    "objects of more keys": ([[{"a": 1}], [{"a": 2, "b": 3}]], "keys-differ"),
    "objects of fewer keys": ([[{"a": 1, "b": 3}], [{"a": 2}]], "keys-differ"),
    "an empty list": ([[], [{"a": 1}]], TAKES),
}


@pytest.mark.parametrize(("values", "slug"), VALUES.values(), ids=VALUES)
def test_values_under_one_key(values: list[Any], slug: str) -> None:
    texts = [{"text": "q", "more": value} for value in values]
    assert found("trl-text-sft", *texts) == (slug if slug == TAKES else f"error: {slug}")
    assert found("nemo-prompts", *texts) == (slug if slug == TAKES else f"warning: {slug}")


def test_keys_that_come_and_go() -> None:
    row = {"text": "q"}
    assert found("trl-text-sft", row, {**row, "id": 1}) == "error: keys-differ"
    assert found("trl-text-sft", {**row, "id": 1}, row) == "error: keys-differ"
    assert found("trl-text-sft", {"id": 1, **row}, {**row, "id": 2}) == TAKES


def test_a_margin_must_be_in_every_row_or_in_none() -> None:
    """TRL looks at the first row alone to see whether there are margins."""
    pair = {"chosen": "q a", "rejected": "q b"}
    assert found("trl-text-reward", pair, {**pair, "margin": 1.0}) == "error: keys-differ"


def test_what_is_wrong_already_is_not_told_twice() -> None:
    row = {"prompt": "q", "completion": " a", "label": True}
    other = {**row, "prompt": "r"}
    assert found("trl-text-kto", row, {**other, "label": "true"}) == "error: label-not-boolean"
    assert found("trl-text-kto", row, {"prompt": "r", "completion": " a"}) == "error: missing-key"
    assert found("trl-text-kto", {"prompt": "r", "completion": " a"}, row) == "error: missing-key"


def test_a_file_is_all_texts_or_all_messages() -> None:
    """TRL looks at the first row alone to see which it is."""
    texts = {"prompt": "q", "completion": " a"}
    turns = {"prompt": [{"role": "user", "content": "q"}], "completion": [{"role": "assistant", "content": "a"}]}
    assert found("prompt-completion-sft", texts, turns) == "error: types-differ, error: types-differ"
