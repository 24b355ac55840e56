from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from hhtools.hashing import fraction_of

# Worked out with b2sum's algorithm once: these numbers decide which records users have in their samples and parts.
FRACTIONS = {
    "nothing": (None, 0.8145175800672075),
    "a text": ("é", 0.8157670248382393),
    "an object": ({"id": 1}, 0.926876699782957),
    "a whole number beyond 64 bits": ({"id": 10**30}, 0.2144905800735677),
}


@pytest.mark.parametrize(("value", "fraction"), FRACTIONS.values(), ids=FRACTIONS)
def test_the_numbers_stay_as_they_are(value: object, fraction: float) -> None:
    assert fraction_of(value, "hh-sample", seed=0) == fraction


def test_only_what_a_value_says_counts() -> None:
    assert fraction_of({"a": 1, "b": {"c": 2, "d": 10**30}}, "x", 0) == fraction_of(
        {"b": {"d": 10**30, "c": 2}, "a": 1}, "x", 0
    )
    told_apart = [None, True, 1, 1.0, "1", "", [], {}, [1], ["1"], {"a": 1}, {"a": 1.0}, {"a": [1]}, 10**30, 1e30]
    assert len({fraction_of(value, "x", 0) for value in told_apart}) == len(told_apart)


def test_purposes_and_seeds_have_nothing_to_do_with_each_other() -> None:
    columns = [
        [fraction_of(number, purpose, seed) < 0.5 for number in range(4000)]
        for purpose, seed in (("x", 0), ("x", 1), ("y", 0), ("x", 10))
    ]
    for one, other in pairwise(columns):
        assert 1900 < sum(a == b for a, b in zip(one, other, strict=True)) < 2100  # 3 standard deviations are 95


def test_the_numbers_are_spread_evenly() -> None:
    numbers = [fraction_of({"id": number}, "x", seed=0) for number in range(20_000)]
    assert 0 <= min(numbers) < max(numbers) < 1
    found = Counter(int(number * 20) for number in numbers)
    assert (
        sum((count - 1000) ** 2 / 1000 for count in found.values()) < 43.8
    )  # chi-square, 19 degrees of freedom, 0.1 %
    assert len(found) == 20
