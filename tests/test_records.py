from __future__ import annotations

import pickle
from typing import Any

import pytest

from hhtools.records import Bad, Dropped, messages_of, text_of
from tests.dialogues import assistant, system, user

NOT_MESSAGES: dict[str, tuple[Any, str]] = {
    "a string": ("Hi", '"prompt" is a string, not a list of messages'),
    "null": (None, '"prompt" is null, not a list of messages'),
    "an object": ({"role": "user"}, '"prompt" is an object, not a list of messages'),
    "a list of strings": (["Hi"], '"prompt"[0] is a string, not a message'),
    "no role": ([{"content": "Hi"}], '"prompt"[0] has no "role"'),
    "no content": ([user("Hi"), {"role": "user"}], '"prompt"[1] has no "content"'),
    "content of parts": ([{"role": "user", "content": ["Hi"]}], '"prompt"[0]: "content" is a list, not a string'),
    "a number for a role": ([{"role": 1, "content": "Hi"}], '"prompt"[0]: "role" is a whole number, not a string'),
    "a list for a role": ([{"role": [], "content": "Hi"}], '"prompt"[0]: "role" is a list, not a string'),
    "another role": (
        [{"role": "tool", "content": ""}],
        '"prompt"[0] has the role "tool", not user, assistant or system',
    ),
}


@pytest.mark.parametrize(("value", "detail"), NOT_MESSAGES.values(), ids=NOT_MESSAGES)
def test_malformed_messages_are_named(value: Any, detail: str) -> None:
    with pytest.raises(Bad) as caught:
        messages_of({"prompt": value}, "prompt")
    assert (caught.value.reason, caught.value.detail) == ("wrong-type", detail)


def test_messages_come_back_as_they_are() -> None:
    messages = [system("Be brief."), user(""), assistant("x")]
    assert messages_of({"prompt": messages}, "prompt") is messages
    assert messages_of({"prompt": []}, "prompt") == []


def test_what_a_dataset_adds_to_a_message_is_left_out() -> None:
    assert messages_of({"prompt": [{**user("Hi"), "name": "x"}]}, "prompt") == [user("Hi")]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "missing-field"),
        ({"chosen": None}, "wrong-type"),
        ({"chosen": 1.5}, "wrong-type"),
        ({"chosen": []}, "wrong-type"),
    ],
)
def test_a_field_that_is_no_text_is_bad(record: dict[str, Any], reason: str) -> None:
    with pytest.raises(Bad) as caught:
        text_of(record, "chosen")
    assert caught.value.reason == reason


def test_dropped_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(Dropped("tie")))
    assert (copy, copy.reason, type(copy)) == ((), "tie", Dropped)


def test_bad_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(Bad("bad-json", "what")))
    assert str(copy) == "bad-json: what"
