from __future__ import annotations

from typing import Any

import pytest

from hhtools.records import Record
from hhtools.show.kinds import Shown, shown_of
from tests.conftest import RED_TEAM_ROWS, STEERLM_ROWS
from tests.dialogues import assistant, pair, preferred, rated, system, transcript, user
from tests.golden import CASES, METHODS

Q, A4, A5 = user("2+2?"), assistant("4"), assistant("5")


def told(shown: Shown) -> dict[str, Any]:
    """Write down what is shown in the shortest form, without what is empty."""
    said = {
        "kind": shown.kind,
        "source": shown.source,
        "fields": dict(shown.fields),
        "turns": [": ".join(filter(None, turn)) for turn in shown.turns],
        **{side.name: [": ".join(filter(None, turn)) for turn in side.turns] for side in shown.sides},
    }
    return {name: value for name, value in said.items() if value}


PAIR = {"kind": "pair", "turns": ["user: 2+2?"], "chosen": ["assistant: 4"], "rejected": ["assistant: 5"]}
TEXTS = {"kind": "pair", "turns": ["prompt: 2+2?"], "chosen": ["4"], "rejected": ["5"]}

RECORDS: dict[str, tuple[Record, dict[str, Any]]] = {
    "a raw pair": (
        {"chosen": transcript("H: 2+2?", "A: 4"), "rejected": transcript("H: 2+2?", "A: 5"), "source": "sums"},
        {**PAIR, "source": "sums"},
    ),
    "a raw pair that differs early": (
        {"chosen": transcript("H: 2+2?", "A: 4"), "rejected": transcript("H: 3+2?", "A: 5")},
        {"kind": "pair", "chosen": ["user: 2+2?", "assistant: 4"], "rejected": ["user: 3+2?", "assistant: 5"]},
    ),
    "a raw pair without markers": (
        {"chosen": "4", "rejected": "5"},
        {"kind": "pair", "chosen": ["4"], "rejected": ["5"]},
    ),
    "a pair": ({**pair(), "margin": 5.4}, {**PAIR, "fields": {"margin": "5.4"}}),
    "a pair without a shared prompt": (
        {"prompt": [], "chosen": [Q, A4], "rejected": [user("3+2?"), A5]},
        {"kind": "pair", "chosen": ["user: 2+2?", "assistant: 4"], "rejected": ["user: 3+2?", "assistant: 5"]},
    ),
    "two whole dialogues": ({"chosen": [Q, A4], "rejected": [Q, A5]}, PAIR),
    "answers as texts": ({"prompt": "2+2?", "chosen": "4", "rejected": "5"}, TEXTS),
    "an empty answer": ({"prompt": "2+2?", "chosen": "4", "rejected": ""}, {**TEXTS, "rejected": [""]}),
    "Alpaca's form": (
        {
            "instruction": "Add:",
            "input": "2+2",
            "chosen": "4",
            "rejected": "5",
            "history": [["Hi", "Hello"]],
            "system": "Be kind.",
        },
        {**TEXTS, "turns": ["system: Be kind.", "user: Hi", "assistant: Hello", "user: Add:\n2+2"]},
    ),
    "two rated answers": (
        preferred(-2),
        {
            "kind": "pair",
            "fields": {"split": "train", "preference_strength": "-2"},
            "turns": ["prompt: 2+2?"],
            "response_1": ["4"],
            "response_2": ["5"],
        },
    ),
    "a rated answer": (
        rated("4", "43210"),
        {
            "kind": "completion",
            "fields": {"helpfulness": "4", "correctness": "3", "coherence": "2", "complexity": "1", "verbosity": "0"},
            "turns": ["prompt: 2+2?"],
            "response": ["4"],
        },
    ),
    "a raw red-team row": (
        {**RED_TEAM_ROWS[0], "tags": ["violence", "theft"]},
        {
            "kind": "conversation",
            "fields": {"rating": "1.0", "tags": "violence, theft", "task_description": "Say hi"},
            "turns": ["user: Hi", "assistant: Hello"],
        },
    ),
    "a conversation": (
        {"messages": [Q, A4], "rating": 4.0, "tags": None},
        {"kind": "conversation", "fields": {"rating": "4.0", "tags": "null"}, "turns": ["user: 2+2?", "assistant: 4"]},
    ),
    "a SteerLM record": (
        {**STEERLM_ROWS[0], "system": "Be kind."},
        {
            "kind": "SteerLM record",
            "fields": {"mask": "User", "type": "VALUE_TO_TEXT"},
            "turns": ["system: Be kind.", "User: 2+2?", "Assistant: 4: helpfulness:4,correctness:4"],
        },
    ),
    "a desirable row": (
        {"prompt": "2+2?", "completion": " 4", "label": True},
        {"kind": "KTO row", "turns": ["prompt: 2+2?"], "desirable": [" 4"]},
    ),
    "an undesirable row of messages": (
        {"messages": [Q, A5], "label": False},
        {"kind": "KTO row", "turns": ["user: 2+2?"], "undesirable": ["assistant: 5"]},
    ),
    "an undesirable row of turns": (
        {"conversations": [{"from": "human", "value": "2+2?"}, {"from": "gpt", "value": "5"}], "kto_tag": False},
        {"kind": "KTO row", "turns": ["human: 2+2?"], "undesirable": ["gpt: 5"]},
    ),
    "NeMo's undesirable row": (
        {"prompt": "Human:\n2+2?\nAssistant:\n", "response": "5", "preference": "rejected"},
        {"kind": "KTO row", "turns": ["prompt: Human:\n2+2?\nAssistant:\n"], "rejected": ["5"]},
    ),
    "a prompt in the form of HH-RLHF": (
        {"prompt": "\n\nHuman: 2+2?\n\nAssistant:"},
        {"kind": "prompt", "turns": ["user: 2+2?"]},
    ),
    "a rated text": (
        {"text": "2+2? 4", "label": [4, -100]},
        {"kind": "text", "fields": {"label": "[4, -100]"}, "turns": ["2+2? 4"]},
    ),
    "a source that is no text": ({**pair(), "source": 7}, {**PAIR, "source": "7"}),
    "system messages": (
        pair(system("Be kind."), Q),
        {**PAIR, "turns": ["system: Be kind.", "user: 2+2?"]},
    ),
    "any other object": (
        {"b": 1, "a": {"é": [True, None]}, "source": "x"},
        {
            "kind": "record",
            "source": "x",
            "turns": ['{\n  "b": 1,\n  "a": {\n    "é": [\n      true,\n      null\n    ]\n  }\n}'],
        },
    ),
    "nothing": ({}, {"kind": "record", "turns": ["{}"]}),
    "answers that are none": (
        {"chosen": 4, "rejected": None},
        {"kind": "record", "turns": ['{\n  "chosen": 4,\n  "rejected": null\n}']},
    ),
    "messages that are none": (
        {"messages": [{"role": "user"}]},
        {"kind": "record", "turns": ['{\n  "messages": [\n    {\n      "role": "user"\n    }\n  ]\n}']},
    ),
    "a label that is a list": (
        {"prompt": "2+2?", "completion": "4", "label": [1]},
        {"kind": "completion", "fields": {"label": "[1]"}, "turns": ["prompt: 2+2?"], "completion": ["4"]},
    ),
    "one ranked answer": (
        {"context": [Q], "completions": [{"rank": 0, "completion": [A4]}]},
        {
            "kind": "conversation",
            "fields": {"completions": '[{"rank": 0, "completion": [{"role": "assistant", "content": "4"}]}]'},
            "turns": ["user: 2+2?"],
        },
    ),
}


@pytest.mark.parametrize(("record", "expected"), RECORDS.values(), ids=RECORDS)
def test_a_record_is_recognised_by_its_fields(record: Record, expected: dict[str, Any]) -> None:
    assert told(shown_of(record)) == expected


KINDS = {
    "hh-to-dpo": {"pair"},
    "hh-to-prompts": {"prompt", "text"},
    "hh-to-reward": {"pair", "text"},
    "hh-to-sft": {"conversation", "SteerLM record", "completion", "text"},
    "hh-unpack-kto": {"KTO row"},
}


@pytest.mark.parametrize(("command", "format_name"), CASES)
def test_the_rows_of_every_format_are_recognised(command: str, format_name: str) -> None:
    for row in METHODS[command].rows[format_name]:
        shown = shown_of(row)
        assert shown.kind in KINDS[command]
        said = " ".join(turn.text for turns in (shown.turns, *(side.turns for side in shown.sides)) for turn in turns)
        assert "Q1" in said
        if shown.kind == "pair":
            assert ["good" in side.turns[-1].text for side in shown.sides] == [True, False]
