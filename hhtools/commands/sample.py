"""hh-sample: any records -> a uniform sample of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter

import click

from hhtools.records import Bad, Dropped, Record, Rows, Stage, wrong_field
from hhtools.stages import Settled
from hhtools.stream.command import filter_command

MAX_VALUES = 1000
"""How many values a field may have of which each is sampled."""

_HELD = Settled()
_ONE_LEFT_OUT = Settled(dropped=["not-sampled"])
_SIMPLE = (str, int, float, bool, type(None))


class Reservoir:
    """A stage that keeps a uniform sample of so many records, and gives it at the end, in the order of the input.

    With ``by``, it is so many of each value of that field, which may have 1,000 values. The others are dropped as
    ``not-sampled``. It holds no more records than it will give. The sample of a value does not depend on the records
    with others; the same records in the same order with the same seed give the same sample.

    Source: Algorithm R (Waterman's; Knuth, The Art of Computer Programming, volume 2, section 3.4.2): the n-th record
    takes the place of one in the sample, of each with the probability 1/n. Chance is a hash of n and the seed
    (``hhtools.hashing``), the same in every version of Python.

    >>> stage = Reservoir(2)
    >>> [len(stage({"id": number})) for number in range(9)]
    [0, 0, 0, 0, 0, 0, 0, 0, 0]
    >>> stage.finish()
    Settled(({'id': 1}, {'id': 8}), 2, ())
    """

    keeps_records = True

    def __init__(self, size: int, *, by: str | None = None, seed: int = 0) -> None:
        self._size = size
        self._by = by
        self._seed = seed
        self._samples: dict[object, _Sample] = {}
        self._read = 0

    def __call__(self, record: Record) -> Settled:
        """Take the record into the sample or leave it out, as chance has it.

        Raises:
            Bad: ``missing-field``, ``wrong-type`` or ``too-many-values`` when there is no value to sample by.
        """
        from hhtools.hashing import fraction_of

        value = None if self._by is None else _value_of(record, self._by)
        sample = self._sample_of(value)
        self._read += 1
        sample.offered += 1
        if len(sample.held) < self._size:
            sample.held.append((self._read, record))
            return _HELD
        place = int(fraction_of([value, sample.offered], "hh-sample -k", self._seed) * sample.offered)
        if place < self._size:
            sample.held[place] = (self._read, record)
        return _ONE_LEFT_OUT

    def finish(self) -> Settled:
        """Give the sample."""
        sampled = sorted((held for sample in self._samples.values() for held in sample.held), key=itemgetter(0))
        self._samples.clear()
        return Settled((record for _, record in sampled), used=len(sampled))

    def _sample_of(self, value: object) -> _Sample:
        key = (type(value), value)  # in Python, true is 1 and 1.0
        if key not in self._samples:
            if len(self._samples) == MAX_VALUES:
                way_out = "sample by a field with fewer, or a share of all records with --rate"
                raise Bad("too-many-values", f'"{self._by}" has more than {MAX_VALUES:,} values; {way_out}')
            self._samples[key] = _Sample()
        return self._samples[key]


@dataclass
class _Sample:
    """The records sampled of a value, each with its number in the input, and how many there were to choose from."""

    held: list[tuple[int, Record]] = field(default_factory=list)
    offered: int = 0


def sample_by_hash(record: Record, *, rate: float, seed: int = 0) -> Rows:
    """Keep a record, as it is, with the probability ``rate``; the others are dropped as ``not-sampled``.

    Chance is a hash (``hhtools.hashing``) of all that the record says but its ``source``, so that neither the order of
    the records nor how they lie in files makes a difference. The same record twice is kept twice or not at all, and
    what a rate keeps, a higher one with the same seed keeps too.

    >>> [record["id"] for record in ({"id": number} for number in range(30)) if sample_by_hash(record, rate=0.1)]
    [20]
    """
    from hhtools.hashing import fraction_of

    said = {name: value for name, value in record.items() if name != "source"}
    return (record,) if fraction_of(said, "hh-sample", seed) < rate else Dropped("not-sampled")


def _value_of(record: Record, name: str) -> object:
    if name in record and type(record[name]) in _SIMPLE:
        return record[name]
    if name == "source" and name not in record:
        raise Bad("missing-field", 'no field "source" to sample by; hh-parse adds one, the name of the file')
    raise wrong_field(record, name, "a value to sample by")


@filter_command(read_fields=(), passes_on=True)
@click.option("-k", "size", type=click.IntRange(min=1), metavar="N", help="Give N records, or all if there are fewer.")
@click.option("--by", metavar="FIELD", help="Give N records of each value of FIELD, of which there may be 1,000.")
@click.option("--rate", type=float, metavar="R", help="Keep each record with the probability R, from 0 to 1.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="S", help="Take another sample."
)
def main(size: int | None, by: str | None, rate: float | None, seed: int) -> Stage:
    """Any records in, a uniform sample of them out, byte for byte and in their order.

    -k N holds N records (with --by, N of each value) in memory and gives them at the end of the input. --rate R
    holds none: a hash of what the record says, apart from its "source", decides, so that the sample is the same
    in any order, in one file or in many. The others are dropped: not-sampled. The same command gives the same
    sample each time; --seed gives another one.

    Examples:
        hh-parse helpful-base.jsonl.gz harmless-base.jsonl.gz | hh-sample -k 3 --by source > examples.jsonl
        zcat helpful-base.jsonl.gz | hh-sample --rate 0.5 | hh-parse > half.jsonl
    """
    if (size is None) == (rate is None):
        raise click.UsageError("give either -k N or --rate R")
    if size is not None:
        return Reservoir(size, by=by, seed=seed)
    if rate is None or not 0 <= rate <= 1:
        raise click.BadParameter(f"{rate} is not from 0 to 1", param_hint="--rate")
    if by is not None:
        raise click.UsageError("--by goes with -k: --rate keeps the same share of every value")
    return partial(sample_by_hash, rate=rate, seed=seed)
