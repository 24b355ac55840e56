"""Hugging Face datasets maps with hhtools' stages (make test-trainers)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset

from hhtools import batched, pipeline
from tests.dialogues import transcript
from tests.python_page import check_example

TIE = {"chosen": transcript("H: a", "A: x"), "rejected": transcript("H: a", "A: x")}
RAW = {"chosen": transcript("H: a", "A: x"), "rejected": transcript("H: a", "A: y")}


def test_the_example_of_the_page(data_folder: Path) -> None:
    check_example("Hugging Face datasets", data_folder)


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("records", [[TIE, RAW], [RAW, TIE], [TIE, TIE, RAW, TIE, RAW, RAW, TIE]])
def test_a_batch_may_lose_all_its_rows(records: list[dict[str, Any]], size: int) -> None:
    given = Dataset.from_list(records)
    how: Any = {"batched": True, "batch_size": size, "remove_columns": given.column_names}
    stage = batched(pipeline("hh-parse | hh-unpack-kto"))
    wanted = list(pipeline("hh-parse | hh-unpack-kto").over(records))
    assert given.map(stage, **how).to_list() == wanted
    assert list(given.to_iterable_dataset().map(stage, **how)) == wanted


def test_a_dataset_may_lose_all_its_rows() -> None:
    given = Dataset.from_list([TIE, TIE])
    stage = batched(pipeline("hh-parse | hh-unpack-kto"))
    assert len(given.map(stage, batched=True, batch_size=1, remove_columns=given.column_names)) == 0


def test_messages_and_fields_that_are_missing_come_through() -> None:
    records: list[dict[str, Any]] = [{**RAW, "score": None}, {**RAW, "score": 2.5}]
    given = Dataset.from_list(records)
    stage = batched(pipeline("hh-parse"))
    made = given.map(stage, batched=True, remove_columns=given.column_names)
    assert made.to_list() == list(pipeline("hh-parse").over(records))
