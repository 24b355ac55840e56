from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from hhtools.records import Bad, Record
from hhtools.reservoir import MAX_VALUES, UniformSample


def sampled(size: int, values: str, seed: int = 0) -> list[int]:
    sample: UniformSample[int] = UniformSample(size, by="source", seed=seed)
    left_out = sum(sample.offer({"source": value}, number) for number, value in enumerate(values))
    taken = sample.take()
    assert left_out + len(taken) == len(values)
    assert sample.take() == []
    return taken


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
    sample: UniformSample[int] = UniformSample(size, seed=seed)
    left_out = sum(sample.offer({"id": number}, number) for number in range(10))
    assert (left_out, sample.take()) == (10 - len(items), items)


def test_so_many_of_each_value() -> None:
    assert sampled(2, "abbacb" * 3) == [4, 7, 10, 12, 15, 17]
    # Of the b, these are 7 and 17: taking the others away changes nothing.
    assert sampled(2, "b" * 9) == [3, 8]


def test_values_that_python_takes_for_the_same_are_told_apart() -> None:
    sample: UniformSample[int] = UniformSample(1, by="x")
    for number, value in enumerate([1, True, 1.0, "1", None, "", 10**30] * 3):
        sample.offer({"x": value}, number % 7)
    assert sorted(sample.take()) == [0, 1, 2, 3, 4, 5, 6]


def test_every_choice_is_as_likely_as_any_other() -> None:
    found = Counter(tuple(sampled(2, "aaaaaa", seed)) for seed in range(3000))
    expected = 3000 / 15
    chi_square = sum((found[choice] - expected) ** 2 / expected for choice in combinations(range(6), 2))
    assert chi_square < 36.1  # 14 degrees of freedom: one sound sampler in a thousand would be further off


def test_too_many_values() -> None:
    sample: UniformSample[int] = UniformSample(1, by="x")
    for number in range(MAX_VALUES):
        sample.offer({"x": number}, number)
    with pytest.raises(Bad, match='too-many-values: "x" has more than 1,000 values; sample by a field with fewer'):
        sample.offer({"x": "one more"}, 0)
    assert sample.offer({"x": 7}, 0)


# (record, field, what is wrong with it)
WRONG: dict[str, tuple[Record, str, str]] = {
    "missing": ({"id": 1}, "x", 'missing-field: no field "x"'),
    "no source": (
        {"id": 1},
        "source",
        'missing-field: no field "source" to sample by; hh-parse adds one, the name of the file',
    ),
    "a list": ({"x": [1]}, "x", 'wrong-type: "x" is a list, not a value to sample by'),
    "an object": ({"source": {}}, "source", 'wrong-type: "source" is an object, not a value to sample by'),
}


@pytest.mark.parametrize(("record", "field", "told"), WRONG.values(), ids=WRONG)
def test_no_value_to_sample_by(record: Record, field: str, told: str) -> None:
    sample: UniformSample[int] = UniformSample(1, by=field)
    with pytest.raises(Bad) as caught:
        sample.offer(record, 1)
    assert str(caught.value) == told
    assert sample.take() == []
