from __future__ import annotations

from typing import Any

import pytest

from hhtools.formats import regression
from hhtools.records import Bad, Message, Record
from hhtools.sources.helpsteer import (
    ATTRIBUTES,
    Preference,
    dialogue,
    kind_of_row,
    preference_of,
    ratings_of,
    split_of,
)
from tests.dialogues import assistant, preferred, preferred3, rated, system, user


def reason_of(caught: pytest.ExceptionInfo[Bad]) -> tuple[str, str]:
    return caught.value.reason, caught.value.detail


def test_every_kind_is_known_by_its_answer() -> None:
    rows = [rated("4", "44421"), preferred(1), preferred3(1)]
    assert [kind_of_row(row) for row in rows] == ["rating", "helpsteer2-preference", "helpsteer3-preference"]
    with pytest.raises(Bad) as caught:
        kind_of_row({"prompt": "2+2?", "chosen": []})
    fields = '"response" (rating), "response_1" (helpsteer2-preference), "response1" (helpsteer3-preference)'
    assert reason_of(caught) == ("missing-field", f"this is no row of HelpSteer: it has none of {fields}")


def test_the_attributes_are_the_last_five_of_the_regression_model() -> None:
    assert regression.ATTRIBUTES[4:] == ATTRIBUTES


NUMBERS: dict[str, tuple[Any, int]] = {
    "the least": (0, 0),
    "the most": (4, 4),
    "whole as a decimal": (3.0, 3),
}

NO_NUMBERS: dict[str, tuple[Any, str, str]] = {
    "null": (None, "wrong-type", '"helpfulness" is null, not a whole number from 0 to 4'),
    "a boolean": (True, "wrong-type", '"helpfulness" is a boolean, not a whole number from 0 to 4'),
    "text": ("3", "wrong-type", '"helpfulness" is a string, not a whole number from 0 to 4'),
    "a list": ([3], "wrong-type", '"helpfulness" is a list, not a whole number from 0 to 4'),
    "not whole": (2.5, "bad-label", '"helpfulness" is 2.5, not a whole number from 0 to 4'),
    "too little": (-1, "bad-label", '"helpfulness" is -1, not a whole number from 0 to 4'),
    "too much": (5, "bad-label", '"helpfulness" is 5, not a whole number from 0 to 4'),
    "very much": (10**400, "bad-label", f'"helpfulness" is 1{"0" * 39}, not a whole number from 0 to 4'),
    "infinite": (float("inf"), "bad-label", '"helpfulness" is inf, not a whole number from 0 to 4'),
    "not a number": (float("nan"), "bad-label", '"helpfulness" is nan, not a whole number from 0 to 4'),
}


@pytest.mark.parametrize(("value", "rating"), NUMBERS.values(), ids=NUMBERS)
def test_a_rating_is_a_whole_number(value: Any, rating: int) -> None:
    found = ratings_of({"helpfulness": value}, ["helpfulness"])
    assert found == {"helpfulness": rating}
    assert type(found["helpfulness"]) is int


@pytest.mark.parametrize(("value", "reason", "detail"), NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_rating_is_bad(value: Any, reason: str, detail: str) -> None:
    with pytest.raises(Bad) as caught:
        ratings_of({"helpfulness": value}, ["helpfulness"])
    assert reason_of(caught) == (reason, detail)


def test_a_rating_that_is_missing_is_bad() -> None:
    with pytest.raises(Bad, match='missing-field: no field "verbosity"'):
        ratings_of({"helpfulness": 4}, ["helpfulness", "verbosity"])


EARLIER: list[Message] = [system("Be brief."), user("Hi"), assistant("Yes?"), user("2+2?")]

PREFERENCES: dict[str, tuple[Record, Preference]] = {
    "HelpSteer2": (preferred(-3), Preference([user("2+2?")], "4", "5", -3)),
    "HelpSteer3": (preferred3(2, *EARLIER), Preference(EARLIER, "4", "5", 2)),
}

NO_PREFERENCES: dict[str, tuple[Record, str]] = {
    "too strong": (preferred(4), 'bad-label: "preference_strength" is 4, not a whole number from -3 to 3'),
    "too weak": (preferred3(-4), 'bad-label: "overall_preference" is -4, not a whole number from -3 to 3'),
    "null": (preferred(None), 'wrong-type: "preference_strength" is null'),
    "no strength": ({"response1": "x"}, 'missing-field: no field "overall_preference"'),
    "no second answer": ({**preferred(1), "response_2": None}, 'wrong-type: "response_2" is null'),
    "no context": ({**preferred3(1), "context": []}, 'wrong-type: "context" holds no message'),
    "a text for a context": ({**preferred3(1), "context": "q"}, 'wrong-type: "context" is a string'),
    "another role": ({**preferred3(1), "context": [{"role": "tool", "content": ""}]}, 'wrong-type: .*role "tool"'),
}


@pytest.mark.parametrize(("record", "preference"), PREFERENCES.values(), ids=PREFERENCES)
def test_preferences(record: Record, preference: Preference) -> None:
    assert preference_of(record, kind_of_row(record)) == preference


@pytest.mark.parametrize(("record", "message"), NO_PREFERENCES.values(), ids=NO_PREFERENCES)
def test_what_is_no_preference_is_bad(record: Record, message: str) -> None:
    with pytest.raises(Bad, match=message):
        preference_of(record, kind_of_row(record))


@pytest.mark.parametrize(("name", "split"), [("train", "train"), ("val", "validation"), ("validation", "validation")])
def test_splits(name: str, split: str) -> None:
    assert split_of({"split": name}) == split


def test_another_split_is_bad() -> None:
    with pytest.raises(Bad, match='wrong-type: "split" is "test", not train, val or validation'):
        split_of({"split": "test"})
    with pytest.raises(Bad, match='missing-field: no field "split"'):
        split_of({})


DIALOGUES = {
    "one turn": ("2+2?", [user("2+2?")]),
    "nothing": ("", [user("")]),
    "three turns": (
        "Hi\n<extra_id_1>Assistant\nYes?\n<extra_id_1>User\n2+2?",
        [user("Hi"), assistant("Yes?"), user("2+2?")],
    ),
    "paragraphs and spaces stay": (
        "a\n\nb \n\n<extra_id_1>Assistant\n c\n\n<extra_id_1>User\nd\n",
        [user("a\n\nb \n"), assistant(" c\n"), user("d\n")],
    ),
    "an empty turn": ("Hi\n<extra_id_1>Assistant\n\n<extra_id_1>User\nHm?", [user("Hi"), assistant(""), user("Hm?")]),
    "a marker at the start": ("<extra_id_1>User\nHi", [user("Hi")]),
    "the assistant begins": ("<extra_id_1>Assistant\nYes?\n<extra_id_1>User\nHi", [assistant("Yes?"), user("Hi")]),
    "another marker is text": ("Hi\n<extra_id_1>System\nNo", [user("Hi\n<extra_id_1>System\nNo")]),
    "a marker needs its line break": ("what is <extra_id_1>User?", [user("what is <extra_id_1>User?")]),
}


@pytest.mark.parametrize(("prompt", "messages"), DIALOGUES.values(), ids=DIALOGUES)
def test_embedded_turns_become_messages(prompt: str, messages: list[Message]) -> None:
    assert dialogue(prompt) == messages
