"""hh-unpack-kto: pairs -> rows for KTO trainers."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Literal

import click

from hhtools.formats import kto
from hhtools.formats.carry import Carry
from hhtools.formats.stagger import Stagger
from hhtools.pairs import PAIR_FIELDS, UNFIT, Pair, Unfit, fit_pair, in_turn, pair_of, roles_of, unfit
from hhtools.records import Dropped, Message, Record, Rows, Stage
from hhtools.stream.command import filter_command

History = Literal["full", "last"]


def unpack_kto(
    record: Record,
    *,
    format_name: str = "nemo",
    history: History = "full",
    keep: Collection[Unfit] = (),
    carry: Carry | None = None,
) -> Rows:
    """Turn a pair into a desirable and an undesirable row, in the form of that name (one of kto.FORMATS).

    ``history`` "last" leaves only the last human message in the prompt. A pair that is unfit for training
    (``hhtools.pairs.unfit``) is dropped, unless ``keep`` names the reason and a row can express it: every answer has to
    be the assistant's, to a prompt of one message at least.

    >>> pair = {"prompt": [{"role": "user", "content": "2+2?"}],
    ...         "chosen": [{"role": "assistant", "content": "4"}], "rejected": [{"role": "assistant", "content": "5"}]}
    >>> [(row["response"], row["preference"]) for row in unpack_kto(pair)]
    [('4', 'chosen'), ('5', 'rejected')]

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    make_rows, _, cannot_keep = kto.format_for(format_name)
    fit = fit_pair(record)
    if fit:
        prompt, answer, other = fit
        rows: Rows = make_rows(prompt if history == "full" else _last_asked(prompt), answer, other)
    else:
        rows = _kept_rows(pair_of(record), make_rows, history, [reason for reason in keep if reason not in cannot_keep])
    if carry and rows:
        carried = carry(record)
        return [{**row, **carried} for row in rows]
    return rows


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
    rows = kto.nemo([chosen[-2]], chosen[-1]["content"], rejected[-1]["content"])
    return [{**row, "response": row["response"].replace(row["prompt"], "")} for row in rows]


def _kept_rows(pair: Pair, make_rows: kto.MakeRows, history: History, keep: Collection[Unfit]) -> Rows:
    reason = unfit(pair, keep)
    if reason:
        return Dropped(reason)
    prompt, chosen, rejected = pair
    answer, other = chosen[-1], rejected[-1]
    if answer["role"] != "assistant" or other["role"] != "assistant":
        return Dropped("role-order")
    own_prompt, other_prompt = prompt + chosen[:-1], prompt + rejected[:-1]
    if not own_prompt or not other_prompt:
        return Dropped("prompts-differ")
    if history == "last":
        own_prompt, other_prompt = _last_asked(own_prompt), _last_asked(other_prompt)
    desirable, _ = make_rows(own_prompt, answer["content"], other["content"])
    _, undesirable = make_rows(other_prompt, answer["content"], other["content"])
    return desirable, undesirable


def _last_asked(prompt: list[Message]) -> list[Message]:
    # The last human message, with what follows it if the assistant spoke twice.
    human_turns = [position for position, message in enumerate(prompt) if message["role"] == "user"]
    start = human_turns[-1] if human_turns else len(prompt) - 1
    return [message for message in prompt[:start] if message["role"] == "system"] + prompt[start:]


@filter_command(read_fields=PAIR_FIELDS)
@click.option(
    "--for",
    "format_name",
    type=click.Choice(list(kto.FORMATS)),
    metavar="FORMAT",
    default="nemo",
    show_default=True,
    help=f"Who reads the rows: {', '.join(kto.FORMATS)}.",
)
@click.option(
    "--stagger",
    type=click.IntRange(min=0),
    metavar="K",
    help="Write a rejected row K pairs after its chosen row.  [default: 0 for nemo, which shuffles; else 16]",
)
@click.option(
    "--history",
    type=click.Choice(["full", "last"]),
    default="full",
    show_default=True,
    help="Put the whole dialogue into the prompt, or the last human message only.",
)
@click.option(
    "--keep",
    type=click.Choice(UNFIT),
    metavar="REASON",
    multiple=True,
    help="Keep pairs that are unfit for this reason, where a row can express them. Can be given again.",
)
@click.option("--carry", metavar="FIELD", multiple=True, help="Carry a field of each pair along. Can be given again.")
@click.option("--compat", type=click.Choice(["nemo-aligner"]), help="Give the very rows of NeMo-Aligner's HH script.")
def main(
    format_name: str,
    stagger: int | None,
    history: History,
    keep: tuple[Unfit, ...],
    carry: tuple[str, ...],
    compat: str | None,
) -> Stage:
    """Pairs in, one desirable and one undesirable row for each out, in the form that a KTO trainer reads.

    Pairs that are unfit for training are dropped, for the first of these reasons that holds:
    prompts-differ (the sides share no prompt up to their last answer), empty-answer, role-order (not
    user and assistant in turn), tie (both sides are the same).

    Examples:
        zcat helpful-base.jsonl.gz | hh-parse | hh-unpack-kto > train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-unpack-kto --for trl --carry source -o train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-unpack-kto --for swift --keep tie --max-drop 0.2 > train.jsonl
        hh-parse --compat nemo-aligner helpful-base.jsonl.gz | hh-unpack-kto --compat nemo-aligner > train.jsonl
    """
    if compat:
        if format_name != "nemo" or stagger or history != "full" or keep or carry:
            raise click.UsageError(
                "--compat nemo-aligner gives fixed rows: --for, --stagger, --history, --keep, --carry do not go with it"
            )
        return Stagger(unpack_like_nemo_aligner, kto.FORMATS["nemo"].stagger)
    form = kto.format_for(format_name)
    for reason in keep:
        if reason in form.cannot_keep:
            raise click.UsageError(f"--keep {reason}: {form.cannot_keep[reason]}")
    for field in carry:
        if field in kto.fields(format_name) or field in PAIR_FIELDS:
            raise click.UsageError(
                f"--carry {field}: rows for {format_name} have, or are made of, a field of that name"
            )
    unpack = partial(
        unpack_kto, format_name=format_name, history=history, keep=keep, carry=Carry(carry) if carry else None
    )
    return Stagger(unpack, form.stagger if stagger is None else stagger)
