"""hh-parse: raw HH-RLHF rows -> pairs and conversations."""

from __future__ import annotations

from functools import partial

import click

from hhtools.records import Bad, Dropped, Record, Rows, Stage, text_of
from hhtools.sources import hh, nemo_aligner
from hhtools.sources.hh import Whitespace
from hhtools.stream.command import filter_command

RAW_FIELDS = ("chosen", "rejected", "transcript")


def parse_pair(
    record: Record, *, whitespace: Whitespace = "strip", compat: bool = False, source: str | None = None
) -> Rows:
    r"""Turn a raw pair of transcripts into ``{"prompt", "chosen", "rejected"}``; other fields are carried along.

    ``compat`` splits as NeMo-Aligner's script does and drops what it skips (``sources.nemo_aligner``). ``source``
    replaces the record's own. A red-team row becomes a conversation (``parse_transcript``).

    >>> question = "\n\nHuman: 2+2?\n\nAssistant: "
    >>> parse_pair({"chosen": question + "4", "rejected": question + "5", "id": 7})[0]["rejected"]
    [{'role': 'assistant', 'content': '5'}]

    Raises:
        Bad: ``missing-field``, ``wrong-type``, or ``bad-transcript``.
    """
    if source is not None:
        record = {**record, "source": source}
    if "chosen" not in record and "transcript" in record:
        return parse_transcript(record, whitespace=whitespace)
    if "prompt" in record:
        raise _not_raw(record)
    chosen, rejected = text_of(record, "chosen"), text_of(record, "rejected")
    sides = nemo_aligner.split_pair(chosen, rejected) if compat else hh.split_pair(chosen, rejected, whitespace)
    if sides is None:
        return Dropped("role-order")
    return ({"prompt": sides[0], **record, "chosen": sides[1], "rejected": sides[2]},)


def parse_transcript(record: Record, *, whitespace: Whitespace = "strip") -> Rows:
    r"""Turn a red-team row into ``{"messages"}``; its rating, tags and other fields are carried along.

    >>> parse_transcript({"transcript": "\n\nHuman: Hi\n\nAssistant: Hello!", "rating": 0.0})[0]["rating"]
    0.0

    Raises:
        Bad: ``missing-field``, ``wrong-type``, or ``bad-transcript``.
    """
    transcript = text_of(record, "transcript")
    if "messages" in record:
        raise Bad("wrong-type", '"messages" stands beside "transcript": this is no raw red-team row')
    conversation = {"messages": hh.split_transcript(transcript, whitespace), **record}
    del conversation["transcript"]
    return (conversation,)


def _not_raw(record: Record) -> Bad:
    if type(record.get("chosen")) is list:
        return Bad("wrong-type", '"chosen" is a list of messages: parsed already, hh-parse stands twice in the pipe')
    return Bad("wrong-type", '"prompt" stands beside the answers: this is no raw HH-RLHF pair')


@filter_command(read_fields=RAW_FIELDS, adds_source=True)
@click.option("--source", metavar="NAME", help="Name where the records are from, instead of their file or own source.")
@click.option(
    "--whitespace",
    type=click.Choice(hh.WHITESPACE),
    help="Trim each message at both ends, or keep it as it is.  [default: strip]",
)
@click.option(
    "--compat",
    type=click.Choice(["nemo-aligner"]),
    help="Split as NeMo-Aligner's HH script does, white space kept, and drop what it skips.",
)
def main(source: str | None, whitespace: Whitespace | None, compat: str | None) -> Stage:
    """Raw HH-RLHF rows in, pairs {"prompt", "chosen", "rejected"} of messages out.

    The turns that both sides share become the prompt. Red-team rows (a file of lines or one JSON array) become
    conversations {"messages"}. Every other field is carried along. A record that has no "source" gets
    the name of its file, or of the file's folder if it is called train, test or validation.

    Examples:
        zcat helpful-base.jsonl.gz | hh-parse | hh-unpack-kto > train.jsonl
        hh-parse helpful-base.jsonl.gz harmless-base.jsonl.gz -o pairs.jsonl
        hh-parse --bad bad.jsonl --report tally.json helpful-base.jsonl.gz > pairs.jsonl
        hh-parse red-team.json.gz > conversations.jsonl
    """
    if compat:
        if whitespace == "strip":
            raise click.UsageError("--compat nemo-aligner keeps white space: --whitespace strip does not go with it")
        return partial(parse_pair, whitespace="keep", compat=True, source=source)
    return partial(parse_pair, whitespace=whitespace or "strip", source=source)
