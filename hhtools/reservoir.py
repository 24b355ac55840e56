"""A uniform sample of a stream in one pass and in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Generic, TypeVar

from hhtools.records import Bad, Record, wrong_field

Item = TypeVar("Item")

MAX_VALUES = 1000
"""How many values a field may have of which each is sampled."""

_SIMPLE = (str, int, float, bool, type(None))


class Reservoir(Generic[Item]):
    """Keeps a uniform sample of so many items of each value, and gives it in the order in which they came.

    The sample of a value does not depend on the items with others; the same items in the same order with the same seed
    give the same sample.

    Source: Algorithm R (Waterman's; Knuth, The Art of Computer Programming, volume 2, section 3.4.2): the n-th item
    takes the place of one in the sample, of each with the probability 1/n. Chance is a hash of n and the seed
    (``hhtools.hashing``), the same in every version of Python.

    >>> reservoir = Reservoir(2)
    >>> [reservoir.offer(None, number) for number in range(9)].count(True)
    7
    >>> list(reservoir.items())
    [1, 8]
    """

    def __init__(self, size: int, seed: int = 0) -> None:
        self._size = size
        self._seed = seed
        self._samples: dict[object, list[tuple[int, Item]]] = {}
        self._offered: dict[object, int] = {}
        self._number = 0

    def offer(self, value: object, item: Item) -> bool:
        """Take an item of this value into the sample, or not; tell whether one is left out by now, this or another.

        Raises:
            Bad: ``too-many-values`` when there are more than 1,000.
        """
        from hhtools.hashing import fraction_of

        key = (type(value), value)  # in Python, true is 1 and 1.0
        if key not in self._samples:
            if len(self._samples) == MAX_VALUES:
                raise Bad("too-many-values", f"there are more than {MAX_VALUES:,} values to sample by")
            self._samples[key], self._offered[key] = [], 0
        self._number += 1
        self._offered[key] += 1
        sample = self._samples[key]
        if len(sample) < self._size:
            sample.append((self._number, item))
            return False
        place = int(fraction_of([value, self._offered[key]], "hh-sample -k", self._seed) * self._offered[key])
        if place < self._size:
            sample[place] = (self._number, item)
        return True

    def items(self) -> Iterator[Item]:
        """Give the sample, and forget it."""
        sampled = sorted((held for sample in self._samples.values() for held in sample), key=itemgetter(0))
        self._samples.clear()
        return (item for _, item in sampled)


def value_to_sample_by(record: Record, field: str) -> object:
    """Give the value of a field by which records can be sampled.

    >>> value_to_sample_by({"tags": []}, "tags")
    Traceback (most recent call last):
    hhtools.records.Bad: wrong-type: "tags" is a list, not a value to sample by

    Raises:
        Bad: ``missing-field``, or ``wrong-type`` for a list or an object.
    """
    if field in record and type(record[field]) in _SIMPLE:
        return record[field]
    raise wrong_field(record, field, "a value to sample by")
