from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hhtools.formats.regression import regression_rows
from hhtools.formats.steerlm import assistant_turn, steerlm_record, user_turn

LABELS: dict[str, tuple[Mapping[str, int] | None, dict[str, Any], list[float] | None]] = {
    "two ratings": ({"quality": 3, "humor": 0}, {"label": "quality:3,humor:0"}, [3.0, 0.0]),
    "below zero": ({"quality": -2}, {"label": "quality:-2"}, [-2.0, -100.0]),
    "none of them": ({}, {"label": ""}, None),
    "no label at all": (None, {}, None),
}


@pytest.mark.parametrize(("ratings", "label", "numbers"), LABELS.values(), ids=LABELS)
def test_a_label_reads_back_as_its_ratings(
    ratings: Mapping[str, int] | None, label: dict[str, Any], numbers: list[float] | None
) -> None:
    turns = [user_turn("2+2?"), assistant_turn("4", ratings)]
    assert turns == [{"value": "2+2?", "from": "User", "label": None}, {"value": "4", "from": "Assistant", **label}]
    rows = list(regression_rows(steerlm_record(turns), attributes=["quality", "humor"]))
    assert [row["label"] for row in rows] == ([numbers] if numbers else [])
