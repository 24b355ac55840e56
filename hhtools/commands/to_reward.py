"""hh-to-reward: pairs -> rows for reward trainers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from hhtools.formats import reward
from hhtools.formats.pair_rows import form_of, pair_rows
from hhtools.pair_options import pair_options
from hhtools.pairs import PAIR_FIELDS
from hhtools.records import Record, Rows, Stage
from hhtools.stream.command import filter_command

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hhtools.formats.pair_rows import PairOptions
    from hhtools.pair_options import StageOptions


def to_reward(
    record: Record, *, format_name: str = "trl", margin: str | None = None, **options: Unpack[PairOptions]
) -> Rows:
    """Turn a pair into two whole dialogues, in the form of that name (one of reward.FORMATS).

    ``margin`` names a field of the pair that says by how much the chosen answer is better; its number is the ``margin``
    of the row. A pair that is unfit for training (``hhtools.pairs.unfit``) is dropped. The other options are those of
    ``hhtools.formats.pair_rows.PairOptions``.

    >>> pair = {"prompt": [{"role": "user", "content": "2+2?"}], "strength": 3,
    ...         "chosen": [{"role": "assistant", "content": "4"}], "rejected": [{"role": "assistant", "content": "5"}]}
    >>> to_reward(pair, format_name="trl-text", margin="strength")[0]["margin"]
    3.0

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    rows = pair_rows(record, form_of(reward.FORMATS, format_name), **options)
    if margin is None or not rows:
        return rows
    number = reward.margin_of(record, margin)
    return [{**row, "margin": number} for row in rows]


@filter_command(read_fields=PAIR_FIELDS)
@pair_options(reward.FORMATS, default="trl")
@click.option("--margin", metavar="FIELD", help="Take the number in FIELD for how much better the chosen answer is.")
def main(margin: str | None, **options: Unpack[StageOptions]) -> Stage:
    """Pairs in, two whole dialogues for each out, in the form that a reward trainer reads.

    NeMo's form is two lines for each pair, the better dialogue first: do not filter, shuffle or sort
    these lines, only their order tells which is which.

    Pairs that are unfit for training are dropped; --keep has the reasons.

    Examples:
        zcat helpful-base.jsonl.gz | hh-parse | hh-to-reward > train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-to-reward --for nemo -o train.jsonl
        hh-to-reward --margin strength scored-pairs.jsonl -o train.jsonl
    """
    if margin is not None:
        if options["format_name"] == "nemo":
            raise click.UsageError("--margin: NeMo-Aligner's lines hold a text and nothing else")
        carry = options.get("carry")
        if carry and "margin" in carry.fields:
            raise click.UsageError("--carry margin: with --margin, rows have a field of that name")
    return partial(to_reward, margin=margin, **options)
