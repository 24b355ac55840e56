"""hh-from-pairs: published preference data of any shape -> pairs."""

from __future__ import annotations

from functools import partial

import click

from hhtools.pairs import PAIR_FIELDS
from hhtools.records import Dropped, Record, Rows, Stage
from hhtools.sources.hh import WHITESPACE, Whitespace
from hhtools.sources.pair_fields import Better, Fields
from hhtools.sources.preference import split_preference
from hhtools.stages import ReadingFields
from hhtools.stream.command import filter_command


def from_pairs(
    record: Record,
    *,
    prompt: str | None = None,
    chosen: str = "chosen",
    rejected: str = "rejected",
    system: str | None = None,
    better: Better | None = None,
    whitespace: Whitespace = "strip",
    source: str | None = None,
) -> Rows:
    """Turn a prompt and two answers, in any shape of ``sources.preference``, into ``{"prompt", "chosen", "rejected"}``.

    ``prompt``, ``chosen``, ``rejected`` and ``system`` name the fields that hold them; the pair takes their place, and
    that of fields called like its own. Every other field is carried along. ``better`` says how one of these tells which
    answer is better (``chosen`` names the first of the two); if neither is, the record is dropped as ``tie``.
    ``whitespace`` "keep" leaves every message as it is. ``source`` replaces the record's own.

    >>> pair, = from_pairs({"question": "2+2?", "chosen": "4", "rejected": "5", "score": 9.0}, prompt="question")
    >>> pair["prompt"], pair["rejected"], pair["score"]
    ([{'role': 'user', 'content': '2+2?'}], [{'role': 'assistant', 'content': '5'}], 9.0)

    Raises:
        Bad: ``missing-field``, ``wrong-type`` or ``bad-label``.
    """
    fields = Fields(prompt, chosen, rejected, system)
    ordered = better.order(record, fields) if better else fields
    if ordered is None:
        return Dropped("tie")
    pair: Record = dict(zip(PAIR_FIELDS, split_preference(record, ordered, whitespace), strict=True))
    pair.update((name, value) for name, value in record.items() if name not in fields and name not in PAIR_FIELDS)
    if source is not None:
        pair["source"] = source
    return (pair,)


@filter_command(read_fields=PAIR_FIELDS, adds_source=True)
@click.option("--prompt", metavar="FIELD", help="The field of the prompt.  [default: prompt, if there is one]")
@click.option("--chosen", metavar="FIELD", default="chosen", show_default=True, help="The field of the better answer.")
@click.option("--rejected", metavar="FIELD", default="rejected", show_default=True, help="The field of the other one.")
@click.option("--system", metavar="FIELD", help="A field with a system text; empty ones are left out.")
@click.option(
    "--better",
    metavar="FIELD=X,Y",
    help="The field that tells which answer is better: X for that of --chosen, Y for that of --rejected, any other "
    "value named (FIELD=X,Y,Z) for neither.",
)
@click.option(
    "--whitespace",
    type=click.Choice(WHITESPACE),
    default="strip",
    show_default=True,
    help="Trim each message at both ends, or keep it as it is.",
)
@click.option("--source", metavar="NAME", help="Name where the records are from, instead of their file or own source.")
def main(
    prompt: str | None,
    chosen: str,
    rejected: str,
    system: str | None,
    better: str | None,
    whitespace: Whitespace,
    source: str | None,
) -> Stage:
    """Prompts with two answers in, as published preference sets have them, pairs {"prompt", "chosen", "rejected"} out.

    A prompt is a text, a message, a list of messages, or absent; an answer is a text, a message, a list of messages, or
    a whole conversation that repeats the prompt. Messages are {"role", "content"} or {"from", "value"}. The turns that
    both sides share become the prompt, and every other field is carried along. A FIELD is one of the record itself, and
    not a path. Records of which neither answer is better are dropped: tie.

    Examples:
        hh-from-pairs ultrafeedback/train.parquet | hh-unpack-kto --for trl -o train.jsonl
        hh-from-pairs --system system --prompt question orca_dpo_pairs.jsonl > pairs.jsonl
        hh-from-pairs --chosen response_0 --rejected response_1 --better better_response_id=0,1 safe.jsonl > pairs.jsonl
    """
    named = [name for name in (prompt, chosen, rejected, system) if name is not None]
    if len(set(named)) < len(named):
        raise click.UsageError("--prompt, --chosen, --rejected and --system must name different fields")
    told_by = None if better is None else _better(better)
    stage = partial(
        from_pairs,
        prompt=prompt,
        chosen=chosen,
        rejected=rejected,
        system=system,
        better=told_by,
        whitespace=whitespace,
        source=source,
    )
    return ReadingFields(stage, [*named, told_by.field] if told_by else named)


def _better(told: str) -> Better:
    field, _, said = told.partition("=")
    values = said.split(",")
    if not field or len(values) < 2 or len(set(values)) < len(values):
        raise click.BadParameter(
            f"{told!r} is not like labels=1,0: a field, and different values", param_hint="--better"
        )
    first, second, *neither = values
    return Better(field, first, second, tuple(neither))
