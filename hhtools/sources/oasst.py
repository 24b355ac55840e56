"""OASST's message trees: a first message, the replies to it, the replies to those.

Source of the format: the files ``*.trees.jsonl.gz`` of OpenAssistant/oasst1 and oasst2 (Köpf et al., 2023, arXiv
2304.07327), as oasst_data/schemas.py in LAION-AI/Open-Assistant describes them. A tree is ``{"message_tree_id",
"tree_state", "prompt": message}``, or its first message alone. A message has ``text``, ``role`` ("prompter" or
"assistant"), ``replies``, and often ``message_id``, ``rank`` (0 is the best of the replies to one message), ``labels``
(``{"quality": {"value": 0 to 1, "count"}}``), ``lang``, ``deleted``, ``review_result`` and ``synthetic``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple, get_args

from hhtools.records import Bad, BadReason, Record, Role, kind_of, wrong_field

ATTRIBUTES = ("quality", "toxicity", "humor", "creativity")
"""The labels that SteerLM takes, in its order."""

TREE_FIELDS = ("prompt", "replies")
"""The fields of a record in which a tree may stand."""

MessageKind = Literal["deleted", "spam", "synthetic"]
MESSAGE_KINDS: tuple[MessageKind, ...] = get_args(MessageKind)

_LIKERT_STEPS = 4
_ROLES: dict[str, Role] = {"prompter": "user", "assistant": "assistant"}
_KNOWN_BY: dict[MessageKind, tuple[str, bool]] = {
    "deleted": ("deleted", True),
    "spam": ("review_result", False),
    "synthetic": ("synthetic", True),
}


class Node(NamedTuple):
    """A checked message: how many stand before it, who said what, the replies that are wanted, and all its fields."""

    depth: int
    role: Role
    text: str
    replies: list[Record]
    fields: Record


def unwanted(record: Record, langs: Collection[str], ready: bool, without: Collection[MessageKind]) -> str | None:
    """Tell why a whole tree is not wanted, or give None.

    * ``not-ready``: its state is not "ready_for_export", and ``ready`` asks for that;
    * ``other-language``: its first message is in none of ``langs``, if there are any;
    * ``deleted``, ``spam`` or ``synthetic``: its first message is of that kind, and ``without`` names it.

    Raises:
        Bad: ``missing-field`` or ``wrong-type`` for what is no tree.
    """
    first = _first_message(record)
    if ready and record.get("tree_state") != "ready_for_export":
        return "not-ready"
    if langs and first.get("lang") not in tuple(langs):
        return "other-language"
    return _kind_among(first, without)


def walk(record: Record, without: Collection[MessageKind] = ()) -> Iterator[Node]:
    """Give the messages of a tree, each before the replies to it, and all below one reply before the next.

    A reply of a kind in ``without`` is left out, and all that was said after it. Any depth will do: nothing recurses.

    >>> reply = {"text": "4", "role": "assistant", "replies": []}
    >>> tree = {"prompt": {"text": "2+2?", "role": "prompter", "replies": [reply]}}
    >>> [(node.depth, node.role, node.text) for node in walk(tree)]
    [(0, 'user', '2+2?'), (1, 'assistant', '4')]

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    waiting = [(0, _first_message(record))]
    while waiting:
        depth, message = waiting.pop()
        node = node_of(message, depth, without)
        yield node
        waiting += [(depth + 1, reply) for reply in reversed(node.replies)]


def node_of(message: Record, depth: int, without: Collection[MessageKind] = ()) -> Node:
    """Check one message of a tree.

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    text, role, replies = message.get("text"), message.get("role"), message.get("replies")
    if type(text) is not str:
        raise _wrong(message, "text", "a string")
    if type(role) is not str:
        raise _wrong(message, "role", "a string")
    if role not in _ROLES:
        raise _bad(message, "wrong-type", f'it has the role "{role[:40]}", not prompter or assistant')
    if replies is None:
        replies = []
    if type(replies) is not list or any(type(reply) is not dict for reply in replies):
        raise _wrong(message, "replies", "a list of messages")
    wanted = [reply for reply in replies if _kind_among(reply, without) is None]
    return Node(depth, _ROLES[role], text, wanted, message)


def rank_of(message: Record) -> int | None:
    """Give the rank of a message among the replies to the same one, 0 for the best; None if it has none.

    Raises:
        Bad: ``wrong-type``.
    """
    rank = message.get("rank")
    if rank is not None and type(rank) is not int:
        raise _wrong(message, "rank", "a whole number")
    return rank


def ratings_of(message: Record) -> dict[str, int] | None:
    """Give the labels of a message that SteerLM takes as ratings from 0 to 4, or None if it has no labels at all.

    A rating is ``round(value * 4)``, half to even, as in NeMo-Aligner's preprocess_openassistant_data.py (af2b3bd).

    >>> ratings_of({"labels": {"quality": {"value": 0.625, "count": 3}, "spam": {"value": 0.0, "count": 3}}})
    {'quality': 2}

    Raises:
        Bad: ``wrong-type``, or ``bad-label`` for a value beyond 0 to 1.
    """
    if "labels" not in message:
        return None
    labels = message["labels"]
    if type(labels) is not dict:
        raise _wrong(message, "labels", "an object")
    return {name: _rating(message, name, labels[name]) for name in ATTRIBUTES if name in labels}


def _rating(message: Record, name: str, label: object) -> int:
    if type(label) is not dict:
        raise _bad(message, "wrong-type", f'the label "{name}" is {kind_of(label)}, not an object')
    value = label.get("value")
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _bad(message, "wrong-type", f'the label "{name}" has the value {kind_of(value)}, not a number')
    if not 0 <= value <= 1:
        raise _bad(message, "bad-label", f'the label "{name}" has the value {value!r:.40}, not one from 0 to 1')
    return round(value * _LIKERT_STEPS)


def _first_message(record: Record) -> Record:
    if "prompt" not in record and "replies" in record:
        return record
    first = record.get("prompt")
    if type(first) is dict:
        return first
    if "prompt" not in record and "text" in record:
        raise Bad("missing-field", 'no field "prompt": this is one message without its tree; take a file of trees')
    raise wrong_field(record, "prompt", "a message with its replies")


def _kind_among(message: Record, kinds: Collection[MessageKind]) -> MessageKind | None:
    for kind in kinds:
        field, value = _KNOWN_BY[kind]
        if message.get(field) is value:
            return kind
    return None


def _wrong(message: Record, field: str, wanted: str) -> Bad:
    bad = wrong_field(message, field, wanted)
    return _bad(message, bad.reason, bad.detail)


def _bad(message: Record, reason: BadReason, detail: str) -> Bad:
    message_id = message.get("message_id")
    return Bad(reason, f"message {message_id[:40]}: {detail}" if type(message_id) is str else f"in a message: {detail}")
