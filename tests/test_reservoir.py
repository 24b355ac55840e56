from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from hhtools.records import Bad, Record
from hhtools.reservoir import MAX_VALUES, Reservoir, value_to_sample_by


def sampled(reservoir: Reservoir[int], values: str) -> list[int]:
    for number, value in enumerate(values):
        reservoir.offer(value, number)
    return list(reservoir.items())


# (size, seed, items): always in their order, always the same
SAMPLES = {
    "one": (1, 0, [9]),
    "one with another seed": (1, 1, [0]),
    "three": (3, 0, [1, 5, 9]),
    "three with another seed": (3, 1, [0, 8, 9]),
    "all but one": (9, 0, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    "all": (10, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    "more than there are": (11, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
}


@pytest.mark.parametrize(("size", "seed", "items"), SAMPLES.values(), ids=SAMPLES)
def test_so_many_items(size: int, seed: int, items: list[int]) -> None:
    reservoir: Reservoir[int] = Reservoir(size, seed)
    left_out = sum(reservoir.offer(None, number) for number in range(10))
    assert (left_out, list(reservoir.items())) == (10 - len(items), items)
    assert list(reservoir.items()) == []


def test_so_many_of_each_value() -> None:
    assert sampled(Reservoir(2), "abbacb" * 3) == [4, 7, 10, 12, 15, 17]


def test_values_that_python_takes_for_the_same_are_told_apart() -> None:
    reservoir: Reservoir[int] = Reservoir(1)
    for number, value in enumerate([1, True, 1.0, "1", None, "", 10**30] * 3):
        reservoir.offer(value, number % 7)
    assert sorted(reservoir.items()) == [0, 1, 2, 3, 4, 5, 6]


def test_every_choice_is_as_likely_as_any_other() -> None:
    found = Counter(tuple(sampled(Reservoir(2, seed), "aaaaaa")) for seed in range(3000))
    expected = 3000 / 15
    chi_square = sum((found[choice] - expected) ** 2 / expected for choice in combinations(range(6), 2))
    assert chi_square < 36.1  # 14 degrees of freedom: one sound sampler in a thousand would be further off


def test_too_many_values() -> None:
    reservoir: Reservoir[int] = Reservoir(1)
    for number in range(MAX_VALUES):
        reservoir.offer(number, number)
    with pytest.raises(Bad, match="too-many-values: there are more than 1,000 values to sample by"):
        reservoir.offer("one more", 0)
    assert reservoir.offer(7, 0)


# (record, what is wrong with its field "source")
WRONG: dict[str, tuple[Record, str]] = {
    "missing": ({}, 'missing-field: no field "source"'),
    "a list": ({"source": []}, 'wrong-type: "source" is a list, not a value to sample by'),
    "an object": ({"source": {}}, 'wrong-type: "source" is an object, not a value to sample by'),
}


@pytest.mark.parametrize(("record", "told"), WRONG.values(), ids=WRONG)
def test_no_value_to_sample_by(record: Record, told: str) -> None:
    with pytest.raises(Bad) as caught:
        value_to_sample_by(record, "source")
    assert str(caught.value) == told
