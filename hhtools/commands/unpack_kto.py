"""hh-unpack-kto: pairs -> rows for KTO trainers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hhtools.formats import kto, nemo
from hhtools.formats.pair_rows import form_of, pair_rows, pair_stage
from hhtools.formats.stagger import Stagger
from hhtools.formats.templates import TEMPLATES
from hhtools.pair_options import pair_options
from hhtools.pairs import PAIR_FIELDS, FitPair, in_turn, pair_of, roles_of
from hhtools.records import Dropped, Record, Rows, Stage
from hhtools.stream.command import filter_command

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hhtools.formats.pair_rows import PairOptions
    from hhtools.pair_options import StageOptions


def unpack_kto(record: Record, *, format_name: str = "nemo", **options: Unpack[PairOptions]) -> Rows:
    """Turn a pair into a desirable and an undesirable row, in the form of that name (one of kto.FORMATS).

    A pair that is unfit for training (``hhtools.pairs.unfit``) is dropped. The options are those of
    ``hhtools.formats.pair_rows.PairOptions``.

    >>> pair = {"prompt": [{"role": "user", "content": "2+2?"}],
    ...         "chosen": [{"role": "assistant", "content": "4"}], "rejected": [{"role": "assistant", "content": "5"}]}
    >>> [(row["response"], row["preference"]) for row in unpack_kto(pair)]
    [('4', 'chosen'), ('5', 'rejected')]

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    return pair_rows(record, form_of(kto.FORMATS, format_name), **options)


def unpack_like_nemo_aligner(record: Record) -> Rows:
    """Turn a pair of ``hh-parse --compat nemo-aligner`` into the very rows of NeMo-Aligner's HH script.

    The script loses all but the last human turn, compares nothing else of the two prompts, and cuts the prompt's text
    out of the answer wherever it occurs. What it skips is dropped. Source: sources/nemo_aligner.py.

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    prompt, chosen, rejected = pair_of(record)
    chosen, rejected = prompt + chosen, prompt + rejected
    if not (in_turn(roles_of(chosen)) and in_turn(roles_of(rejected))):
        return Dropped("role-order")
    if chosen[-2] != rejected[-2]:
        return Dropped("prompts-differ")
    asked = [chosen[-2]]
    rows = nemo.kto(FitPair(asked, chosen[-1]["content"], rejected[-1]["content"], asked, record), TEMPLATES["nemo"])
    return [{**row, "response": row["response"].replace(row["prompt"], "")} for row in rows]


@filter_command(read_fields=PAIR_FIELDS)
@pair_options(kto.FORMATS, default="nemo")
@click.option(
    "--stagger",
    type=click.IntRange(min=0),
    metavar="K",
    help="Write a rejected row K pairs after its chosen row.  [default: 0 for nemo, which shuffles; else 16]",
)
@click.option("--compat", type=click.Choice(["nemo-aligner"]), help="Give the very rows of NeMo-Aligner's HH script.")
def main(stagger: int | None, compat: str | None, **options: Unpack[StageOptions]) -> Stage:
    """Pairs in, one desirable and one undesirable row for each out, in the form that a KTO trainer reads.

    Pairs that are unfit for training are dropped; --keep has the reasons.

    Examples:
        zcat helpful-base.jsonl.gz | hh-parse | hh-unpack-kto > train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-unpack-kto --for trl --carry source -o train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-unpack-kto --for trl --template llama2 -o llama2.jsonl
        hh-parse helpful-base.jsonl.gz | hh-unpack-kto --for swift --keep tie --max-drop 0.2 > train.jsonl
        hh-parse --compat nemo-aligner helpful-base.jsonl.gz | hh-unpack-kto --compat nemo-aligner > train.jsonl
    """
    if compat:
        if stagger or options != {"format_name": "nemo"}:
            raise click.UsageError("--compat nemo-aligner gives fixed rows: no option that shapes rows goes with it")
        return Stagger(unpack_like_nemo_aligner, 0)
    distance = kto.stagger(options["format_name"]) if stagger is None else stagger
    return Stagger(pair_stage(kto.FORMATS, **options), distance)
