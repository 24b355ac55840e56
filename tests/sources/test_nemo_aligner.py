from __future__ import annotations

import pytest

from hhtools.records import Message
from hhtools.sources.nemo_aligner import split_pair
from tests.dialogues import assistant, transcript, user

SPLIT = {
    "white space is kept": ("\n\nHuman: q \n\nAssistant:  x", [user("q "), assistant(" x")]),
    "a marker needs its space": ("\n\nHuman: q\n\nHuman:r\n\nAssistant: x", [user("q\n\nHuman:r"), assistant("x")]),
    "an empty exchange is passed over": ("\n\nHuman: \n\nHuman: q\n\nAssistant: x", [user("q"), assistant("x")]),
    "a leading answer gets an empty question": ("\n\nAssistant: x", [user(""), assistant("x")]),
}

SKIPPED = {
    "two answers": transcript("H: q", "A: x", "A: y"),
    "no answer": transcript("H: q", "A: x", "H: r"),
    "text before": "Hi" + transcript("H: q", "A: x"),
    "nothing": "",
}


@pytest.mark.parametrize(("text", "messages"), SPLIT.values(), ids=SPLIT)
def test_split_as_the_script_does(text: str, messages: list[Message]) -> None:
    assert split_pair(text, text) == (messages[:-1], messages[-1:], messages[-1:])


@pytest.mark.parametrize("text", SKIPPED.values(), ids=SKIPPED)
def test_skipped_as_the_script_does(text: str) -> None:
    good = transcript("H: q", "A: x")
    assert split_pair(text, good) is None
    assert split_pair(good, text) is None
