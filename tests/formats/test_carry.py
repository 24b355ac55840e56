from __future__ import annotations

from typing import Any

import pytest

from hhtools.formats.carry import Carry, text_or
from hhtools.records import Bad


def test_fields_are_carried_as_they_are() -> None:
    assert Carry(["source", "tags"])({"source": "a", "tags": [1], "id": 7}) == {"source": "a", "tags": [1]}


CHANGED: dict[str, tuple[Any, Any]] = {
    "text to null": ("a", None),
    "null to text": (None, "a"),
    "whole to decimal": (1, 1.5),
    "true to one": (True, 1),
    "list to text": ([], "[]"),
}


@pytest.mark.parametrize(("first", "then"), CHANGED.values(), ids=CHANGED)
def test_the_first_record_fixes_the_type(first: Any, then: Any) -> None:
    carry = Carry(["x"])
    carry({"x": first})
    carry({"x": first})
    with pytest.raises(Bad, match=r'wrong-type: "x" is .*, where the first record had'):
        carry({"x": then})


def test_a_record_without_the_field_is_bad_and_fixes_nothing() -> None:
    carry = Carry(["x", "y"])
    with pytest.raises(Bad, match='missing-field: no field "y"'):
        carry({"x": 1})
    assert carry({"x": "a", "y": "b"}) == {"x": "a", "y": "b"}


def test_a_text_or_another() -> None:
    assert [text_or(record, "x", "y") for record in ({}, {"x": None}, {"x": ""}, {"x": "z"})] == ["y", "y", "", "z"]
    with pytest.raises(Bad, match='wrong-type: "x" is a list, not a string'):
        text_or({"x": []}, "x", "y")
