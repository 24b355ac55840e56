from __future__ import annotations

from typing import Any

import pytest

from hhtools.records import Bad, Record
from hhtools.sources.pair_fields import Fields
from hhtools.sources.preference import split_preference
from tests.dialogues import assistant, system, transcript, user

S, Q, X, Y, R = system("s"), user("q"), assistant("x"), assistant("y"), user("r")

# (prompt or None for no such field, chosen, rejected) -> (prompt, chosen, rejected)
SIDES: dict[str, tuple[Any, Any, Any, tuple[list[Any], list[Any], list[Any]]]] = {
    "texts": ("q", "x", "y", ([Q], [X], [Y])),
    "a prompt of one message": (Q, "x", "y", ([Q], [X], [Y])),
    "a prompt of messages": ([S, Q, X, R], "x", "y", ([S, Q, X, R], [X], [Y])),
    "answers of one message": ("q", X, Y, ([Q], [X], [Y])),
    "answers that go on": ("q", [X], [Y], ([Q], [X], [Y])),
    "answers that go on for long": ("q", [X, R, X], [X, R, Y], ([Q, X, R], [X], [Y])),
    "answers that go on after an answer": ([Q, X], [R, X], [Q, Y], ([Q, X], [R, X], [Q, Y])),
    "whole conversations": ("q", [Q, X], [Q, Y], ([Q], [X], [Y])),
    "whole conversations, several turns": ([Q, X, R], [Q, X, R, X], [Q, X, R, Y], ([Q, X, R], [X], [Y])),
    "one whole, one text": ("q", [Q, X], "y", ([Q], [X], [Y])),
    "a system message before the repeated prompt": ("q", [S, Q, X], [S, Q, Y], ([S, Q], [X], [Y])),
    "a system message in the prompt only": ([S, Q], [Q, X], [Q, Y], ([S, Q], [X], [Y])),
    "a system message in both": ([S, Q], [S, Q, X], [S, Q, Y], ([S, Q], [X], [Y])),
    "the prompt is the last question": ("r", [Q, X, R, X], [Q, X, R, Y], ([Q, X, R], [X], [Y])),
    "the prompt is the first question": ("q", [Q, X, R, X], [Q, X, R, Y], ([Q, X, R], [X], [Y])),
    "repeated with other white space": ("q\n", [user(" q"), X], [Q, Y], ([Q], [X], [Y])),
    "no prompt": (None, [Q, X], [Q, Y], ([Q], [X], [Y])),
    "no prompt, several turns": (None, [S, Q, X, R, X], [S, Q, X, R, Y], ([S, Q, X, R], [X], [Y])),
    "no prompt, nothing shared": (None, [Q, X], [R, Y], ([], [Q, X], [R, Y])),
    "no prompt, the same": (None, [Q, X], [Q, X], ([Q], [X], [X])),
    "no prompt, one side ends early": (None, [Q], [Q, X], ([], [Q], [Q, X])),
    "an empty prompt of messages": ([], [Q, X], [Q, Y], ([Q], [X], [Y])),
    "an empty prompt of messages, texts": ([], "x", "y", ([], [X], [Y])),
    "an empty prompt text": ("", "x", "y", ([user("")], [X], [Y])),
    "an empty answer": ("q", "", "y", ([Q], [assistant("")], [Y])),
    "nothing but the prompt": ("q", [Q], [Q, Y], ([], [Q], [Q, Y])),
    "a transcript up to the answer": (transcript("H: q", "A:"), " x", " y", ([Q], [X], [Y])),
    "a transcript, the space behind it": (transcript("H: q", "A: x", "H: r", "A: "), "x", "y", ([Q, X, R], [X], [Y])),
    "a transcript that ends with the human": (transcript("H: q"), "x", "y", ([Q], [X], [Y])),
    "a transcript that ends with words of the assistant": (transcript("H: q", "A: x"), "x", "y", ([Q, X], [X], [Y])),
    "a transcript, repeated": (transcript("H: q", "A:"), [Q, X], [Q, Y], ([Q], [X], [Y])),
}


def record_of(prompt: Any, chosen: Any, rejected: Any) -> Record:
    return (
        {"chosen": chosen, "rejected": rejected}
        if prompt is None
        else {"prompt": prompt, "chosen": chosen, "rejected": rejected}
    )


@pytest.mark.parametrize(("prompt", "chosen", "rejected", "sides"), SIDES.values(), ids=SIDES)
def test_sides(prompt: Any, chosen: Any, rejected: Any, sides: tuple[list[Any], list[Any], list[Any]]) -> None:
    assert split_preference(record_of(prompt, chosen, rejected), Fields()) == sides


@pytest.mark.parametrize("sides", [sides for *_, sides in SIDES.values()], ids=SIDES)
def test_what_came_out_goes_through_as_it_is(sides: tuple[list[Any], list[Any], list[Any]]) -> None:
    assert split_preference(dict(zip(("prompt", "chosen", "rejected"), sides, strict=True)), Fields()) == sides


def test_a_prompt_of_null_is_none() -> None:
    assert split_preference({"prompt": None, "chosen": [Q, X], "rejected": [Q, Y]}, Fields()) == ([Q], [X], [Y])


def test_white_space_is_kept_on_request() -> None:
    spaced = {"prompt": "q ", "chosen": [user("q"), assistant(" x")], "rejected": [user("q"), assistant("y\n")]}
    assert split_preference(spaced, Fields(), "keep") == ([Q], [assistant(" x")], [assistant("y\n")])
    assert split_preference(spaced, Fields()) == ([Q], [X], [Y])


SYSTEMS: dict[str, tuple[Any, Any, list[Any]]] = {
    "a text": ("q", "s", [S, Q]),
    "an empty text": ("q", " ", [Q]),
    "null": ("q", None, [Q]),
    "the same in the prompt": ([S, Q], "s ", [S, Q]),
}


@pytest.mark.parametrize(("prompt", "told", "expected"), SYSTEMS.values(), ids=SYSTEMS)
def test_a_system_text_comes_first(prompt: Any, told: Any, expected: list[Any]) -> None:
    record = {"prompt": prompt, "chosen": "x", "rejected": "y", "sys": told}
    assert split_preference(record, Fields(system="sys")) == (expected, [X], [Y])


def test_a_system_text_comes_before_whole_conversations() -> None:
    record = {"chosen": [Q, X], "rejected": [S, Q, Y], "sys": "s"}
    assert split_preference(record, Fields(system="sys")) == ([S, Q], [X], [Y])


BAD: dict[str, tuple[Record, str]] = {
    "no answers": (
        {"prompt": "q"},
        'missing-field: no field "chosen" beside "prompt"; --prompt, --chosen and --rejected',
    ),
    "nothing": ({}, 'missing-field: no field "chosen"; --prompt, --chosen and --rejected name the fields'),
    "one answer": ({"prompt": "q", "chosen": "x"}, 'missing-field: no field "rejected" beside "prompt", "chosen"; --'),
    "no prompt to texts": (
        {"chosen": "x", "rejected": "y"},
        'missing-field: no field "prompt" beside "chosen", "rejected"',
    ),
    "no prompt to messages": ({"chosen": [X], "rejected": [Y]}, 'missing-field: no field "prompt" beside "chosen"'),
    "a prompt of null to texts": (
        {"prompt": None, "chosen": "x", "rejected": "y"},
        'missing-field: "prompt" is null beside "chosen", "rejected"; --prompt',
    ),
    "a raw row of HH-RLHF": (
        {"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")},
        'missing-field: no field "prompt": this is a raw row of HH-RLHF, run it through hh-parse instead',
    ),
    "a raw row of HH-RLHF and its prompt": (
        {"prompt": transcript("H: q", "A:"), "chosen": transcript("H: q", "A: x"), "rejected": ""},
        'wrong-type: "chosen" is a transcript of HH-RLHF; without the prompt, hh-parse reads such a row',
    ),
    "an answer of null": (
        {"prompt": "q", "chosen": "x", "rejected": None},
        'wrong-type: "rejected" is null, not a text, a message or a list of messages',
    ),
    "no message": ({"prompt": "q", "chosen": [], "rejected": [Y]}, 'wrong-type: "chosen" holds no message'),
    "another conversation": (
        {"prompt": "q", "chosen": [R, X], "rejected": [Q, Y]},
        'wrong-type: "chosen" is a conversation that does not repeat the prompt; take the prompt out (jq',
    ),
    "a prompt of another type": (
        {"prompt": 7, "chosen": "x", "rejected": "y"},
        'wrong-type: "prompt" is a whole number',
    ),
    "two system messages": (
        {"prompt": [S, Q], "chosen": [system("t"), Q, X], "rejected": "y"},
        'wrong-type: "chosen" begins with a system message of its own, another than the prompt\'s',
    ),
}


@pytest.mark.parametrize(("record", "message"), BAD.values(), ids=BAD)
def test_bad(record: Record, message: str) -> None:
    with pytest.raises(Bad) as caught:
        split_preference(record, Fields())
    assert str(caught.value).startswith(message)


NAMED: dict[str, tuple[Fields, str]] = {
    "the prompt": (Fields(prompt="question"), 'missing-field: no field "question" beside "prompt"'),
    "the system text": (Fields(system="sys"), 'missing-field: no field "sys"'),
    "a system text of another type": (Fields(system="n"), 'wrong-type: "n" is a whole number, not a string'),
}


@pytest.mark.parametrize(("fields", "message"), NAMED.values(), ids=NAMED)
def test_what_is_named_has_to_be_there(fields: Fields, message: str) -> None:
    with pytest.raises(Bad) as caught:
        split_preference({"prompt": "q", "chosen": "x", "rejected": "y", "n": 7}, fields)
    assert str(caught.value).startswith(message)
