"""hh-sample: any records -> a uniform sample of them."""

from __future__ import annotations

from functools import partial

import click

from hhtools.records import Dropped, Record, Rows, Stage
from hhtools.reservoir import UniformSample
from hhtools.stages import Settled
from hhtools.stream.command import filter_command

_HELD = Settled()
_ONE_LEFT_OUT = Settled(dropped=["not-sampled"])


class Reservoir:
    """A stage that keeps a uniform sample of so many records, and gives it at the end, in the order of the input.

    With ``by``, it is so many of each value of that field, which may have 1,000 values. The others are dropped as
    ``not-sampled``. It holds no more records than it will give (``hhtools.reservoir``).

    >>> stage = Reservoir(2)
    >>> [len(stage({"id": number})) for number in range(9)]
    [0, 0, 0, 0, 0, 0, 0, 0, 0]
    >>> stage.finish()
    Settled(({'id': 1}, {'id': 8}), 2, ())
    """

    keeps_records = True
    needs_all = True

    def __init__(self, size: int, *, by: str | None = None, seed: int = 0) -> None:
        self._sample: UniformSample[Record] = UniformSample(size, by=by, seed=seed)

    def __call__(self, record: Record) -> Settled:
        """Take the record into the sample or leave it out, as chance has it.

        Raises:
            Bad: ``missing-field``, ``wrong-type`` or ``too-many-values`` when there is no value to sample by.
        """
        return _ONE_LEFT_OUT if self._sample.offer(record, record) else _HELD

    def finish(self) -> Settled:
        """Give the sample."""
        sampled = self._sample.take()
        return Settled(sampled, used=len(sampled))


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
