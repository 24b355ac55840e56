"""hh-split: any records with a prompt -> files for training, validation and test that share no prompt."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import click

from hhtools.records import Bad, Message, Record, messages_of, text_of, wrong_field
from hhtools.sources import hh
from hhtools.stream.command import split_command
from hhtools.stream.split_options import Division

Part = Literal["train", "validation", "test"]
Turn = tuple[str, str]


def part_of(
    record: Record,
    *,
    test: float = 0.0,
    validation: float = 0.0,
    by: str | None = None,
    by_opening: bool = False,
    seed: int = 0,
) -> Part:
    """Tell which part a record belongs to, so that those with the same prompt always belong to the same one.

    ``test`` and ``validation`` are the shares of all prompts, and "train" gets the others. A hash of the prompt
    (``hhtools.hashing``) decides, whatever file, order or machine the record is in. A larger share with the same seed
    takes prompts from "train" alone. ``by`` names another field whose value decides; with ``by_opening`` it is the
    first message of the prompt, so that all that is left of one dialogue stays together.

    The prompt is ``prompt``, text or messages; of raw HH-RLHF pairs, and of others with whole dialogues in ``chosen``
    and ``rejected``, the turns that both share; beside answers, all of ``messages`` or ``conversations``; else all but
    the last turn of these, or of a raw ``transcript``. The same prompt is another one as messages than as text.

    >>> [part_of({"prompt": question}, test=0.4) for question in ("1+1?", "2+2?", "3+3?", "1+1?")]
    ['train', 'train', 'test', 'train']

    Raises:
        Bad: ``missing-field`` or ``wrong-type`` when there is no prompt, ``bad-transcript``, or ``too-deep``.
    """
    from hhtools.hashing import fraction_of

    key = prompt_of(record) if by is None else _value_of(record, by)
    fraction = fraction_of(_opening(key) if by_opening else key, "hh-split", seed)
    if fraction < test:
        return "test"
    return "validation" if fraction >= 1 - validation else "train"


def prompt_of(record: Record) -> str | Sequence[Turn]:
    """Give what a record asks: a text, or turns of a speaker and what is said; part_of says where it is found.

    >>> prompt_of({"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]})
    [('user', '2+2?')]

    Raises:
        Bad: as part_of does.
    """
    if "prompt" in record:
        prompt = record["prompt"]
        return prompt if type(prompt) is str else _said(messages_of(record, "prompt"))
    if "messages" in record:
        return _asked(record, _said(messages_of(record, "messages")))
    if "conversations" in record:
        return _asked(record, _sharegpt_turns(record))
    if "transcript" in record:
        return _asked(record, _said(hh.split_transcript(text_of(record, "transcript"))))
    if type(record.get("chosen")) is list:
        return _said(hh.shared_turns(messages_of(record, "chosen"), messages_of(record, "rejected"))[0])
    if "chosen" in record:
        return _said(hh.split_pair(text_of(record, "chosen"), text_of(record, "rejected"))[0])
    raise Bad("missing-field", "no prompt is found in it; --by FIELD goes by another field")


def _said(messages: Sequence[Message]) -> list[Turn]:
    return [(message["role"], message["content"]) for message in messages]


def _sharegpt_turns(record: Record) -> list[Turn]:
    turns = record["conversations"]
    if type(turns) is not list:
        raise wrong_field(record, "conversations", "a list of turns")
    for position, turn in enumerate(turns):
        if not (type(turn) is dict and type(turn.get("from")) is str and type(turn.get("value")) is str):
            raise Bad("wrong-type", f'"conversations"[{position}] is no turn {{"from", "value"}} of texts')
    return [(turn["from"], turn["value"]) for turn in turns]


def _asked(record: Record, turns: list[Turn]) -> list[Turn]:
    answers_stand_apart = "chosen" in record
    return turns if answers_stand_apart else turns[:-1] or turns


def _opening(prompt: object) -> object:
    if type(prompt) is not list:
        raise Bad("wrong-type", "the prompt is text, in which no first message can be told from the others")
    return [turn for turn in prompt if turn[0] != "system"][:1]


def _value_of(record: Record, name: str) -> object:
    if name not in record:
        raise Bad("missing-field", f'no field "{name}" to go by')
    return record[name]


def _share(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value < 1:
        raise click.BadParameter(f"{value} is no share between 0 and 1", ctx, param)
    return value


@split_command(read_fields=("prompt", "chosen", "rejected", "messages", "conversations", "transcript"))
@click.option("--test", type=float, callback=_share, metavar="SHARE", help="Write this share of the prompts to test.")
@click.option(
    "--validation", type=float, callback=_share, metavar="SHARE", help="Write this share of the prompts to validation."
)
@click.option(
    "--by", metavar="FIELD", help="Keep records together that have the same value of FIELD, instead of the same prompt."
)
@click.option(
    "--by-opening",
    is_flag=True,
    help="Keep records together whose prompts begin with the same message, such as all of one dialogue.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="S", help="Part them in another way."
)
def main(test: float | None, validation: float | None, by: str | None, by_opening: bool, seed: int) -> Division:
    """Any records with a prompt in, files for training, validation and test out that share no prompt.

    A hash of the prompt decides where a record goes: DIR/test.jsonl and DIR/validation.jsonl get about the
    shares of all prompts that you give, DIR/train.jsonl the others. So the two KTO rows of a pair stay together,
    and records are parted in the same way in any order, file and process. Raw HH-RLHF rows and pairs with the
    same prompt go the same way; a prompt that has become text goes its own, so split once, before or after that.

    The files appear together when all is read, or none does: test.jsonl first, train.jsonl last.

    Examples:
        hh-parse helpful-base.jsonl.gz | hh-unpack-kto --for trl | hh-split --test 0.1 -O kto
        hh-split --validation 0.05 --test 0.05 --compress gz helpful-base.jsonl.gz harmless-base.jsonl.gz -O raw
        hh-parse helpful-base.jsonl.gz | hh-split --test 0.2 --by-opening -O pairs
    """
    if test is None and validation is None:
        raise click.UsageError("nothing to part: give --test, --validation or both")
    if (test or 0) + (validation or 0) >= 1:
        raise click.UsageError("--test and --validation leave nothing for train")
    if by is not None and by_opening:
        raise click.UsageError("give either --by or --by-opening")
    shares = {"train": 0.0, "validation": validation, "test": test}
    return Division(
        [part for part, share in shares.items() if share is not None],
        partial(part_of, test=test or 0, validation=validation or 0, by=by, by_opening=by_opening, seed=seed),
    )
