"""Where the parts of a record stand: its prompt, its only answer, and its fields as text."""

from __future__ import annotations

import json
from collections.abc import Collection

from hhtools.records import Record
from hhtools.show.turns import Turn, Turns, turns_of

ANSWERS = ("completion", "response")
DIALOGUES = ("messages", "conversations")
PROMPTS = ("prompt", "context", *DIALOGUES)


def prompt_of(record: Record) -> tuple[Turns, Collection[str]]:
    r"""Give the turns before the answers, none if there are none, and the fields that they stand in.

    A text of nobody gets the name of its field.

    >>> prompt_of({"instruction": "Add:", "input": "2+2", "chosen": "4"})
    ((Turn(speaker='user', text='Add:\n2+2', label=''),), ['instruction', 'input'])
    """
    for name in PROMPTS:
        turns = turns_of(record.get(name))
        if turns:
            return tuple(turn._replace(speaker=turn.speaker or name) for turn in turns), (name,)
        if record.get(name) == []:
            return (), (name,)
    if type(record.get("instruction")) is str:
        return _instruction(record)
    return (), ()


def _instruction(record: Record) -> tuple[Turns, Collection[str]]:
    # Alpaca's form: the turns before the question in "history", two by two.
    used = ["instruction"]
    turns = []
    if type(record.get("system")) is str:
        used.append("system")
        turns += [Turn("system", record["system"])] if record["system"] else []
    history = record.get("history")
    if type(history) is list and all(type(two) is list and [*map(type, two)] == [str, str] for two in history):
        used.append("history")
        turns += [turn for two in history for turn in (Turn("user", two[0]), Turn("assistant", two[1]))]
    question = record["instruction"]
    if type(record.get("input")) is str:
        used.append("input")
        question += f"\n{record['input']}"
    return (*turns, Turn("user", question)), used


def answered(record: Record) -> tuple[Turns, Turns, Collection[str]] | None:
    """Give a prompt and the answer to it that stands apart or ends the dialogue, and the fields that they stand in.

    >>> answered({"prompt": "2+2?", "response": "4"})[1:]
    ((Turn(speaker='', text='4', label=''),), ('response', 'prompt'))
    """
    for name in ANSWERS:
        answer = turns_of(record.get(name))
        if answer:
            prompt, used = prompt_of(record)
            return prompt, answer, (name, *used)
    for name in DIALOGUES:
        turns = turns_of(record.get(name))
        if turns:
            return turns[:-1], turns[-1:], (name,)
    return None


def is_plain(value: object) -> bool:
    """Tell whether a value is a string, a number or a boolean."""
    return isinstance(value, (str, int, float))


def as_text(value: object) -> str:
    """Give the value of a field as text: a string as it is, strings with commas between them, all else as JSON.

    >>> as_text("x"), as_text(["x", "y"]), as_text(None), as_text([1])
    ('x', 'x, y', 'null', '[1]')
    """
    if type(value) is str:
        return value
    if type(value) is list and value and all(type(item) is str for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def as_indented_json(value: object) -> str:
    """Give a value as JSON over many lines."""
    return json.dumps(value, ensure_ascii=False, indent=2)
