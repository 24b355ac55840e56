"""hh-filter-length: pairs and conversations -> those whose text is neither too short nor too long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, get_args

import click

from hhtools.pairs import dialogues_of, pair_of
from hhtools.records import Dropped, Message, Record, Rows, Stage
from hhtools.stream.command import filter_command

Of = Literal["prompt", "chosen", "rejected", "answers", "whole"]
Unit = Literal["chars", "words", "bytes"]


def filter_length(
    record: Record, *, of: Of = "whole", unit: Unit = "chars", minimum: int = 0, maximum: int | None = None
) -> Rows:
    """Keep a pair or a conversation, as it is, if its text has ``minimum`` to ``maximum`` units, both included.

    ``of`` says which text: the prompt, the chosen or the rejected answer (all that remains of that side behind the
    prompt), each of the two answers, or each whole dialogue, prompt and answer together; a conversation has but one. A
    text is what its messages say, without their roles and without any template. ``unit`` "chars" counts Unicode
    characters, "words" what white space parts, and "bytes" those of UTF-8. A record with a text that is too short is
    dropped as ``too-short``, else with one that is too long as ``too-long``.

    >>> record = {"messages": [{"role": "user", "content": "Hi there!"}, {"role": "assistant", "content": "Hello"}]}
    >>> filter_length(record, unit="words", minimum=3) == (record,)
    True
    >>> filter_length(record, maximum=13)
    Dropped('too-long')

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    lengths = [sum(map(_MEASURES[unit], _contents(messages))) for messages in _texts(record, of)]
    if min(lengths) < minimum:
        return Dropped("too-short")
    if maximum is not None and max(lengths) > maximum:
        return Dropped("too-long")
    return (record,)


def _texts(record: Record, of: Of) -> list[list[Message]]:
    if of == "whole":
        return dialogues_of(record)
    prompt, chosen, rejected = pair_of(record)
    return {"prompt": [prompt], "chosen": [chosen], "rejected": [rejected], "answers": [chosen, rejected]}[of]


def _contents(messages: list[Message]) -> list[str]:
    return [message["content"] for message in messages]


def _count_words(text: str) -> int:
    return len(text.split())


def _count_bytes(text: str) -> int:
    return len(text.encode())


_MEASURES: dict[Unit, Callable[[str], int]] = {"chars": len, "words": _count_words, "bytes": _count_bytes}


@filter_command(read_fields=("prompt", "chosen", "rejected", "messages"), passes_on=True)
@click.option("--min", "minimum", type=click.IntRange(min=0), metavar="N", help="Drop what is shorter: too-short.")
@click.option("--max", "maximum", type=click.IntRange(min=0), metavar="N", help="Drop what is longer: too-long.")
@click.option(
    "--of",
    type=click.Choice(get_args(Of)),
    default="whole",
    show_default=True,
    help="Measure the prompt, an answer, each of both answers, or each whole dialogue.",
)
@click.option(
    "--unit",
    type=click.Choice(get_args(Unit)),
    default="chars",
    show_default=True,
    help="Count characters, words (what white space parts) or bytes of UTF-8.",
)
def main(minimum: int | None, maximum: int | None, of: Of, unit: Unit) -> Stage:
    """Pairs or conversations in, those out, byte for byte, whose text is neither too short nor too long.

    What counts is what the messages say: no roles, no template. --of answers wants each answer within the
    bounds, --of whole each dialogue, prompt and answer together. Conversations {"messages"} can be measured
    as a whole only. The others are dropped: too-short, or too-long.

    Examples:
        zcat helpful-base.jsonl.gz | hh-parse | hh-filter-length --max 4000 > pairs.jsonl
        hh-parse helpful-base.jsonl.gz | hh-filter-length --of answers --unit words --min 3 --max 400 -o pairs.jsonl
    """
    if minimum is None and maximum is None:
        raise click.UsageError("nothing to filter by: give --min, --max or both")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise click.UsageError(f"--min {minimum} is more than --max {maximum}: nothing would be kept")
    return partial(filter_length, of=of, unit=unit, minimum=minimum or 0, maximum=maximum)
