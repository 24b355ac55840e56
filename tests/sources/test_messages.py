from __future__ import annotations

from typing import Any

import pytest

from hhtools.records import Bad, Message
from hhtools.sources.messages import SPEAKERS, turns_of
from tests.dialogues import assistant, system, user

TURNS: dict[str, tuple[Any, list[Message]]] = {
    "a text": ("Hi ", [assistant("Hi ")]),
    "an empty text": ("", [assistant("")]),
    "a message": (user("Hi"), [user("Hi")]),
    "messages": ([system("s"), user("Hi")], [system("s"), user("Hi")]),
    "no messages": ([], []),
    "what else a message has is left out": ([{**user("Hi"), "name": "Ann", "weight": 1}], [user("Hi")]),
    "ShareGPT": (
        [{"from": "system", "value": "s"}, {"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes?", "id": 7}],
        [system("s"), user("Hi"), assistant("Yes?")],
    ),
    "ShareGPT, one message": ({"from": "gpt", "value": "Yes?"}, [assistant("Yes?")]),
    "a role wins over a speaker": ({**user("Hi"), "from": "gpt"}, [user("Hi")]),
}


@pytest.mark.parametrize(("value", "turns"), TURNS.values(), ids=TURNS)
def test_turns(value: Any, turns: list[Message]) -> None:
    assert turns_of({"x": value}, "x", "assistant") == turns


@pytest.mark.parametrize(("speaker", "role"), SPEAKERS.items())
def test_speakers(speaker: str, role: str) -> None:
    assert turns_of({"x": [{"from": speaker, "value": "Hi"}]}, "x", "user") == [{"role": role, "content": "Hi"}]


BAD: dict[str, tuple[Any, str]] = {
    "null": (None, 'wrong-type: "x" is null, not a text, a message or a list of messages'),
    "a number": (7, 'wrong-type: "x" is a whole number, not a text'),
    "a list of texts": (["Hi"], 'wrong-type: "x"[0] is a string, not a message'),
    "an object": ({"text": "Hi"}, 'wrong-type: "x" has no "role"'),
    "another role": ([user("Hi"), {"role": "human", "content": "Hi"}], 'wrong-type: "x"[1] has the role "human"'),
    "parts": (
        [{"role": "user", "content": [{"type": "text"}]}],
        'wrong-type: "x"[0]: "content" is a list, not a string',
    ),
    "another speaker": (
        [{"from": "bing", "value": ""}],
        'wrong-type: "x"[0] is from "bing", not human, user, gpt, assi',
    ),
    "a speaker of another case": ([{"from": "User", "value": ""}], 'wrong-type: "x"[0] is from "User", not human'),
    "a speaker that is no text": ([{"from": 1, "value": ""}], 'wrong-type: "x"[0] is from a whole number, not human'),
    "no value": ([{"from": "gpt"}], 'wrong-type: "x"[0]: "value" is null, not a string'),
}


@pytest.mark.parametrize(("value", "message"), BAD.values(), ids=BAD)
def test_bad(value: Any, message: str) -> None:
    with pytest.raises(Bad) as caught:
        turns_of({"x": value}, "x", "user")
    assert str(caught.value).startswith(message)


def test_a_missing_field() -> None:
    with pytest.raises(Bad, match='missing-field: no field "x"'):
        turns_of({}, "x", "user")
