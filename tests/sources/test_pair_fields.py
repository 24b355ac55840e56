from __future__ import annotations

from typing import Any

import pytest

from hhtools.records import Bad
from hhtools.sources.pair_fields import Better, Fields

FIELDS = Fields(chosen="a", rejected="b")
SWAPPED = Fields(chosen="b", rejected="a")

ORDERS: dict[str, tuple[str, Any, Fields | None]] = {
    "first": ("x=1,0", 1, FIELDS),
    "second": ("x=1,0", 0, SWAPPED),
    "a decimal": ("x=1,0", 0.0, SWAPPED),
    "a large number": ("x=18446744073709551617,0", 18446744073709551617, FIELDS),
    "a decimal that is not whole": ("x=0.5,1", 0.5, FIELDS),
    "true": ("x=true,false", True, FIELDS),
    "false": ("x=true,false", False, SWAPPED),
    "a text": ("x=model_a,model_b", "model_b", SWAPPED),
    "a number as text": ("x=1,2", "2", SWAPPED),
    "neither": ("x=model_a,model_b,tie,both bad", "both bad", None),
    "null is neither": ("x=1,0,null", None, None),
}


def better(told: str) -> Better:
    field, _, values = told.partition("=")
    first, second, *neither = values.split(",")
    return Better(field, first, second, tuple(neither))


@pytest.mark.parametrize(("told", "value", "ordered"), ORDERS.values(), ids=ORDERS)
def test_order(told: str, value: Any, ordered: Fields | None) -> None:
    assert better(told).order({"x": value}, FIELDS) == ordered


@pytest.mark.parametrize(
    ("value", "written"), [(True, "true"), (2, "2"), (None, "null"), ("", ""), ([1], "[1]"), ("A", "A")]
)
def test_another_label_is_bad(value: Any, written: str) -> None:
    with pytest.raises(Bad) as caught:
        better("x=1,0").order({"x": value}, FIELDS)
    assert str(caught.value) == f'bad-label: "x" is {written}, neither 1 ("a" is better) nor 0 ("b" is)'


def test_no_label_is_bad() -> None:
    with pytest.raises(Bad, match='missing-field: no field "x", which is to tell the better answer'):
        better("x=1,0").order({}, FIELDS)
