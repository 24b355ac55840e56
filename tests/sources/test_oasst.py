from __future__ import annotations

from typing import Any

import pytest

from hhtools.formats import regression
from hhtools.records import Bad, Record
from hhtools.sources.oasst import ATTRIBUTES, MessageKind, rank_of, ratings_of, unwanted, walk
from tests.dialogues import answered, asked, tree


def walked(record: Record, *without: MessageKind) -> list[str]:
    return [f"{node.depth} {node.role} {node.text}" for node in walk(record, without)]


BRANCHES = asked("q", answered("a", asked("r", answered("b")), asked("s")), answered("c"))

WALKS: dict[str, tuple[Record, list[str]]] = {
    "a first message alone": (tree(asked("q")), ["0 user q"]),
    "branches": (
        tree(BRANCHES),
        ["0 user q", "1 assistant a", "2 user r", "3 assistant b", "2 user s", "1 assistant c"],
    ),
    "a first message without its tree": (asked("q", answered("a")), ["0 user q", "1 assistant a"]),
    "replies of null": (
        tree(asked("q", {"text": "a", "role": "assistant", "replies": None})),
        ["0 user q", "1 assistant a"],
    ),
    "no replies": (tree(asked("q", {"text": "a", "role": "assistant"})), ["0 user q", "1 assistant a"]),
    "the assistant begins": (tree(answered("a", asked("q"))), ["0 assistant a", "1 user q"]),
}


@pytest.mark.parametrize(("record", "messages"), WALKS.values(), ids=WALKS)
def test_every_message_comes_before_the_replies_to_it(record: Record, messages: list[str]) -> None:
    assert walked(record) == messages


LEFT_OUT: dict[str, tuple[Record, list[MessageKind], list[str]]] = {
    "not asked for": (answered("a", deleted=True, review_result=False, synthetic=True), [], ["a", "b"]),
    "deleted": (answered("a", asked("r"), deleted=True), ["deleted"], ["b"]),
    "spam": (answered("a", asked("r"), review_result=False), ["spam"], ["b"]),
    "synthetic": (answered("a", asked("r"), synthetic=True), ["deleted", "synthetic"], ["b"]),
    "of another kind": (answered("a", deleted=True), ["spam", "synthetic"], ["a", "b"]),
    "not known": (answered("a", deleted=None, review_result=None), ["deleted", "spam", "synthetic"], ["a", "b"]),
}


@pytest.mark.parametrize(("reply", "without", "left"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_messages_are_left_out_on_request(reply: Record, without: list[MessageKind], left: list[str]) -> None:
    found = list(walk(tree(asked("q", reply, answered("b"))), without))
    assert [node.text for node in found[1:]] == left
    assert [message["text"] for message in found[0].replies] == left


NO_TREES: dict[str, tuple[Record, str]] = {
    "another record": ({"id": 1}, 'missing-field: no field "prompt"'),
    "a line of a file of messages": (
        {"text": "q", "role": "prompter"},
        'missing-field: no field "prompt": this is one message without its tree; take a file of trees',
    ),
    "a text for a prompt": (tree("q"), 'wrong-type: "prompt" is a string, not a message with its replies'),
    "a prompt of null": (tree(None), 'wrong-type: "prompt" is null, not a message with its replies'),
    "another role": (
        tree(asked("q", asked("a", role="system"))),
        'wrong-type: message <a>: it has the role "system", not prompter or assistant',
    ),
    "no role": (tree({"text": "q"}), 'missing-field: in a message: no field "role"'),
    "a role of null": (tree(asked("q", role=None)), 'wrong-type: message <q>: "role" is null, not a string'),
    "no text": (tree({"role": "prompter"}), 'missing-field: in a message: no field "text"'),
    "a text of null": (tree({**asked("q"), "text": None}), 'wrong-type: message <q>: "text" is null, not a string'),
    "replies of another type": (tree(asked("q", replies={})), 'wrong-type: message <q>: "replies" is an object'),
    "a reply of another type": (tree(asked("q", replies=["a"])), 'wrong-type: message <q>: "replies" is a list'),
}


@pytest.mark.parametrize(("record", "message"), NO_TREES.values(), ids=NO_TREES)
def test_what_is_no_tree_is_bad(record: Record, message: str) -> None:
    with pytest.raises(Bad, match=message):
        walked(record)


# What NeMo-Aligner's script makes of a value: round(4 * value), half to even.
ROUNDED = [
    (0.0, 0),
    (0.1, 0),
    (0.124, 0),
    (0.125, 0),
    (0.126, 1),
    (0.25, 1),
    (0.374, 1),
    (0.375, 2),
    (0.5, 2),
    (0.625, 2),
    (0.626, 3),
    (0.875, 4),
    (1.0, 4),
    (0, 0),
    (1, 4),
]


@pytest.mark.parametrize(("value", "rating"), ROUNDED)
def test_values_are_rounded_half_to_even(value: float, rating: int) -> None:
    found = ratings_of({"labels": {"humor": {"value": value, "count": 1}}})
    assert found == {"humor": rating}


def test_ratings_are_in_the_order_of_the_script_and_others_are_left_out() -> None:
    labels = {name: {"value": 0.5} for name in ("creativity", "spam", "quality", "humor", "toxicity", "helpfulness")}
    assert ratings_of({"labels": labels}) == {"quality": 2, "toxicity": 2, "humor": 2, "creativity": 2}
    assert ratings_of({"labels": {"spam": {"value": None}}}) == {}
    assert ratings_of({}) is None
    assert regression.ATTRIBUTES[:4] == ATTRIBUTES


NO_RATINGS: dict[str, tuple[Any, str]] = {
    "labels of null": (None, 'wrong-type: in a message: "labels" is null, not an object'),
    "a label of null": ({"quality": None}, 'wrong-type: in a message: the label "quality" is null, not an object'),
    "a bare value": ({"quality": 0.5}, 'wrong-type: in a message: the label "quality" is a decimal number, not an obj'),
    "a value of null": ({"quality": {"value": None}}, "wrong-type: .* has the value null, not a number"),
    "no value": ({"quality": {"count": 3}}, "wrong-type: .* has the value null, not a number"),
    "a boolean": ({"quality": {"value": True}}, "wrong-type: .* has the value a boolean, not a number"),
    "text": ({"quality": {"value": "0.5"}}, "wrong-type: .* has the value a string, not a number"),
    "too much": ({"quality": {"value": 1.01}}, "bad-label: .* has the value 1.01, not one from 0 to 1"),
    "too little": ({"quality": {"value": -1}}, "bad-label: .* has the value -1, not one from 0 to 1"),
    "not a number": ({"quality": {"value": float("nan")}}, "bad-label: .* has the value nan, not one from 0 to 1"),
}


@pytest.mark.parametrize(("labels", "message"), NO_RATINGS.values(), ids=NO_RATINGS)
def test_what_is_no_rating_is_bad(labels: Any, message: str) -> None:
    with pytest.raises(Bad, match=message):
        ratings_of({"labels": labels})


def test_ranks() -> None:
    assert [rank_of(message) for message in ({}, {"rank": None}, {"rank": 0}, {"rank": 2})] == [None, None, 0, 2]
    for rank in (True, 1.0, "1"):
        with pytest.raises(Bad, match=r'wrong-type: message <q>: "rank" is .*, not a whole number'):
            rank_of(asked("q", rank=rank))


UNWANTED: dict[str, tuple[Record, dict[str, Any], str | None]] = {
    "nothing is asked for": (tree(asked("q", deleted=True, lang="de"), tree_state="growing"), {}, None),
    "finished": (tree(asked("q")), {"ready": True}, None),
    "not finished": (tree(asked("q"), tree_state="growing"), {"ready": True}, "not-ready"),
    "no state": (asked("q"), {"ready": True}, "not-ready"),
    "one of the languages": (tree(asked("q", lang="de")), {"langs": ["en", "de"]}, None),
    "another language": (tree(asked("q", lang="pt-BR")), {"langs": ["en", "pt"]}, "other-language"),
    "no language": (tree(asked("q", lang=None)), {"langs": ["en"]}, "other-language"),
    "a language of another type": (tree(asked("q", lang=["en"])), {"langs": {"en"}}, "other-language"),
    "only the first message counts": (tree(asked("q", answered("a", lang="de"), lang="en")), {"langs": ["en"]}, None),
    "deleted": (tree(asked("q", deleted=True)), {"without": ["spam", "deleted"]}, "deleted"),
    "spam": (tree(asked("q", review_result=False)), {"without": ["spam", "deleted"]}, "spam"),
}


@pytest.mark.parametrize(("record", "options", "reason"), UNWANTED.values(), ids=UNWANTED)
def test_unwanted_trees(record: Record, options: dict[str, Any], reason: str | None) -> None:
    assert unwanted(record, **{"langs": (), "ready": False, "without": (), **options}) == reason


def test_ten_thousand_levels_are_walked() -> None:
    record = asked("0")
    for number in range(1, 10_000):
        record = asked(str(number), record)
    assert [node.depth for node in walk(tree(record))] == list(range(10_000))
