"""A uniform sample of a stream in one pass and in constant memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import Generic, TypeVar

from hhtools.records import Bad, Record, wrong_field

Item = TypeVar("Item")

MAX_VALUES = 1000
"""How many values a field may have of which each is sampled."""

_SIMPLE = (str, int, float, bool, type(None))


class UniformSample(Generic[Item]):
    """Takes a uniform sample of so many records, or with ``by`` of so many of each value of that field.

    It holds an item for each record in it, the record itself or what is to be known of it, and no others. The sample of
    a value does not depend on the records with others; the same records in the same order with the same seed give the
    same sample.

    Source: Algorithm R (Waterman's; Knuth, The Art of Computer Programming, volume 2, section 3.4.2): the n-th record
    takes the place of one in the sample, of each with the probability 1/n. Chance is a hash of n and the seed
    (``hhtools.hashing``), the same in every version of Python.

    >>> sample = UniformSample(2)
    >>> [sample.offer({"id": number}, number) for number in range(9)].count(True)
    7
    >>> sample.take()
    [1, 8]
    """

    def __init__(self, size: int, *, by: str | None = None, seed: int = 0) -> None:
        self._size = size
        self._by = by
        self._seed = seed
        self._shares: dict[object, _Share[Item]] = {}
        self._offered = 0

    def offer(self, record: Record, item: Item) -> bool:
        """Take the item of a record into the sample, or not; tell whether one is left out by now, this or another.

        Raises:
            Bad: ``missing-field``, ``wrong-type`` or ``too-many-values`` when there is no value to sample by.
        """
        from hhtools.hashing import fraction_of

        value = None if self._by is None else _value_of(record, self._by)
        share = self._share_of(value)
        self._offered += 1
        share.offered += 1
        if len(share.held) < self._size:
            share.held.append((self._offered, item))
            return False
        place = int(fraction_of([value, share.offered], "hh-sample -k", self._seed) * share.offered)
        if place < self._size:
            share.held[place] = (self._offered, item)
        return True

    def take(self) -> list[Item]:
        """Give the items of the sample in the order in which they came, and forget them."""
        sampled = sorted((held for share in self._shares.values() for held in share.held), key=itemgetter(0))
        self._shares.clear()
        return [item for _, item in sampled]

    def _share_of(self, value: object) -> _Share[Item]:
        key = (type(value), value)  # in Python, true is 1 and 1.0
        if key not in self._shares:
            if len(self._shares) == MAX_VALUES:
                way_out = "sample by a field with fewer, or a share of all records with hh-sample --rate"
                raise Bad("too-many-values", f'"{self._by}" has more than {MAX_VALUES:,} values; {way_out}')
            self._shares[key] = _Share()
        return self._shares[key]


@dataclass
class _Share(Generic[Item]):
    """What is sampled of a value, each with the number of its record, and how many there were to choose from."""

    held: list[tuple[int, Item]] = field(default_factory=list)
    offered: int = 0


def _value_of(record: Record, name: str) -> object:
    if name in record and type(record[name]) in _SIMPLE:
        return record[name]
    if name == "source" and name not in record:
        raise Bad("missing-field", 'no field "source" to sample by; hh-parse adds one, the name of the file')
    raise wrong_field(record, name, "a value to sample by")
