"""hh-from-oasst: OASST's message trees -> SteerLM records or preference pairs."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import click

from hhtools.formats.steerlm import Turn, assistant_turn, steerlm_record, user_turn
from hhtools.records import Dropped, Record, Rows, Stage
from hhtools.sources import oasst
from hhtools.sources.hh import WHITESPACE, Whitespace
from hhtools.sources.oasst import MessageKind
from hhtools.sources.oasst_pairs import COMPARE, Compare, oasst_pairs
from hhtools.stream.command import filter_command
from hhtools.stream.options import refuse_without


def from_oasst(
    record: Record, *, langs: Collection[str] = (), ready: bool = False, without: Collection[MessageKind] = ()
) -> Rows:
    """Turn a message tree into attribute-conditioned SFT records, as NeMo-Aligner's script does.

    Every path from the first message to one without replies is a record, also when the user speaks last. The
    assistant's turns are labelled with their ratings (``oasst.ratings_of``); the records of a tree share their turns.
    A first message without any reply is dropped as ``no-reply``, a tree that is not wanted as ``oasst.unwanted`` says.
    Source: preprocess_openassistant_data.py in NVIDIA/NeMo-Aligner (af2b3bd), which shuffles and splits as well.

    >>> reply = {"text": "4", "role": "assistant", "replies": [], "labels": {"quality": {"value": 0.75, "count": 3}}}
    >>> (made,) = from_oasst({"prompt": {"text": "2+2?", "role": "prompter", "replies": [reply]}})
    >>> made["conversations"]
    [{'value': '2+2?', 'from': 'User', 'label': None}, {'value': '4', 'from': 'Assistant', 'label': 'quality:3'}]

    Raises:
        Bad: ``missing-field``, ``wrong-type`` or ``bad-label``.
    """
    reason = oasst.unwanted(record, langs, ready, without)
    if reason:
        return Dropped(reason)
    path: list[Turn] = []
    records: list[Record] = []
    for node in oasst.walk(record, without):
        del path[node.depth :]
        user = node.role == "user"
        path.append(user_turn(node.text) if user else assistant_turn(node.text, oasst.ratings_of(node.fields)))
        if node.depth and not node.replies:
            records.append(steerlm_record(path))
    return records or Dropped("no-reply")


@filter_command(read_fields=oasst.TREE_FIELDS, adds_source=True)
@click.option(
    "--lang",
    "langs",
    metavar="LANG",
    multiple=True,
    help="Take trees whose first message is in this language, as they name it: en, pt-BR. Can be given again.",
)
@click.option("--ready", is_flag=True, help="Take finished trees only: those in the state ready_for_export.")
@click.option(
    "--without",
    type=click.Choice(oasst.MESSAGE_KINDS),
    multiple=True,
    help="Leave out messages of this kind, and what was said after them. Can be given again.",
)
@click.option("--pairs", is_flag=True, help="Make preference pairs of ranked answers instead.")
@click.option(
    "--compare",
    type=click.Choice(COMPARE),
    help="With --pairs: the best answer with the worst, each with the next, or all with all.  [default: best-worst]",
)
@click.option(
    "--whitespace",
    type=click.Choice(WHITESPACE),
    help="With --pairs: trim each message at both ends, or keep it as it is.  [default: strip]",
)
@click.option("--source", metavar="NAME", help="With --pairs: name where the pairs are from, instead of their file.")
def main(
    langs: tuple[str, ...],
    ready: bool,
    without: tuple[MessageKind, ...],
    pairs: bool,
    compare: Compare | None,
    whitespace: Whitespace | None,
    source: str | None,
) -> Stage:
    """OASST's message trees in, attribute-conditioned SFT records (SteerLM) or, with --pairs, pairs out.

    Each path from the first message to one without replies is a record, as in NeMo-Aligner's script, which takes all
    trees and all messages. With --pairs, ranked answers to one message are compared, and what was said before is
    the prompt. Dropped are trees as not-ready, other-language, no-reply, no-ranked-answers, or as what their first
    message is: deleted, spam (it failed its review), synthetic.

    Examples:
        hh-from-oasst oasst1/all.trees.jsonl.gz | hh-to-regression > regression.jsonl
        hh-from-oasst --lang en --lang de --ready --without deleted --without spam oasst1/all.trees.jsonl.gz > en.jsonl
        hh-from-oasst --pairs oasst1/all.trees.jsonl.gz | hh-unpack-kto --for trl -o train.jsonl
        hh-from-oasst --pairs --compare all --lang en oasst1/all.trees.jsonl.gz > pairs.jsonl
    """
    if not pairs:
        refuse_without("--pairs", compare=compare, whitespace=whitespace, source=source)
        return partial(from_oasst, langs=langs, ready=ready, without=without)
    return partial(
        oasst_pairs,
        compare=compare or "best-worst",
        langs=langs,
        ready=ready,
        without=without,
        whitespace=whitespace or "strip",
        source=source,
    )
