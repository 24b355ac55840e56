"""Preference pairs from OASST's message trees: the ranked answers to one message of the prompter, two by two."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import combinations, pairwise
from operator import attrgetter
from typing import Literal, NamedTuple, get_args

from hhtools.pairs import pair_record
from hhtools.records import Dropped, Message, Record, Rows
from hhtools.sources import oasst
from hhtools.sources.hh import Whitespace
from hhtools.sources.oasst import MessageKind, Node

Compare = Literal["best-worst", "adjacent", "all"]
COMPARE: tuple[Compare, ...] = get_args(Compare)


class _Answer(NamedTuple):
    rank: int
    text: str
    message_id: str | None


def oasst_pairs(
    record: Record,
    *,
    compare: Compare = "best-worst",
    langs: Collection[str] = (),
    ready: bool = False,
    without: Collection[MessageKind] = (),
    whitespace: Whitespace = "strip",
    source: str | None = None,
) -> Rows:
    """Turn a message tree into preference pairs, of answers that people ranked; the prompt is all that was said before.

    ``compare`` tells which of the ranked answers to a message meet: the best and the worst, each and the next in rank
    ("adjacent"), or each and every other ("all"). Answers without a rank are left out, and two of one rank do not meet.
    A pair has ``chosen_rank``, ``rejected_rank`` (0 is best), the ``message_id`` of both under such names, and all that
    the tree has but its messages. ``whitespace`` "strip" trims every message; ``source`` replaces the tree's own.

    A tree without any such pair is dropped as ``no-ranked-answers``, one that is not wanted as ``oasst.unwanted`` says.

    >>> answers = [{"text": text, "role": "assistant", "rank": rank, "replies": []} for rank, text in enumerate("432")]
    >>> pairs = oasst_pairs({"prompt": {"text": "2+2?", "role": "prompter", "replies": answers}}, compare="adjacent")
    >>> [(pair["chosen"][0]["content"], pair["rejected"][0]["content"]) for pair in pairs]
    [('4', '3'), ('3', '2')]

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    reason = oasst.unwanted(record, langs, ready, without)
    if reason:
        return Dropped(reason)
    said = oasst.TREE_FIELDS if "prompt" in record else (*oasst.TREE_FIELDS, "text", "role")
    carried = {name: value for name, value in record.items() if name not in said}
    if source is not None:
        carried["source"] = source
    prompt: list[Message] = []
    pairs: list[Record] = []
    for node in oasst.walk(record, without):
        del prompt[node.depth :]
        prompt.append({"role": node.role, "content": node.text})
        for better, worse in _COUPLES[compare](_ranked_answers(node)):
            if better.rank != worse.rank:
                pair = pair_record(prompt.copy(), better.text, worse.text, strip=whitespace == "strip")
                pair |= {"chosen_rank": better.rank, "rejected_rank": worse.rank}
                pair |= {"chosen_message_id": better.message_id, "rejected_message_id": worse.message_id}
                pairs.append({**pair, **carried, **pair})
    return pairs or Dropped("no-ranked-answers")


def _ranked_answers(node: Node) -> list[_Answer]:
    answers: list[_Answer] = []
    if node.role == "user":
        for message in node.replies:
            reply, rank = oasst.node_of(message, node.depth + 1), oasst.rank_of(message)
            if reply.role == "assistant" and rank is not None:
                message_id = message.get("message_id")
                answers.append(_Answer(rank, reply.text, message_id if type(message_id) is str else None))
    return sorted(answers, key=attrgetter("rank"))


_COUPLES: dict[Compare, Callable[[list[_Answer]], Iterable[tuple[_Answer, _Answer]]]] = {
    "best-worst": lambda answers: [(answers[0], answers[-1])] if answers else [],
    "adjacent": pairwise,
    "all": lambda answers: combinations(answers, 2),
}
