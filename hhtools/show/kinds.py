"""Any record -> what it says, for people: its turns, its sides, and its other fields.

A record is recognised by its fields, one by one; what is no dialogue of a known form is its JSON.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from hhtools.records import Record
from hhtools.show.fields import ANSWERS, PROMPTS, answered, as_indented_json, as_text, is_plain, prompt_of
from hhtools.show.turns import Turn, Turns, shared_turns, turns_of


class Side(NamedTuple):
    """One of the answers that a record has, or its only one: what it is called, and its turns."""

    name: str
    turns: Turns


class Shown(NamedTuple):
    """What a record says: its kind, its source ("" for none), its other fields, the shared turns, and the sides."""

    kind: str
    source: str
    fields: tuple[tuple[str, str], ...]
    turns: Turns
    sides: tuple[Side, ...] = ()

    def told(self, note: str) -> list[str]:
        """List what stands beside the place of the record: its source, its kind, and a note, if there is one."""
        return [part for part in (f"source: {self.source}" if self.source else "", self.kind, note) if part]


_PAIRS = (
    ("chosen", "rejected"),
    ("chosen_response", "rejected_response"),
    ("response_1", "response_2"),
    ("response1", "response2"),
)
_KTO: Mapping[str, Mapping[object, str]] = {
    "label": {True: "desirable", False: "undesirable"},
    "kto_tag": {True: "desirable", False: "undesirable"},
    "preference": {"chosen": "chosen", "rejected": "rejected"},
}


def shown_of(record: Record) -> Shown:
    """Give what a record says: a raw row of HH-RLHF, one of any stage or format of hhtools, or any other object.

    >>> shown = shown_of({"prompt": "2+2?", "completion": " 4", "label": True, "id": 7})
    >>> shown.kind, shown.fields, shown.turns[0].text, shown.sides[0].name
    ('KTO row', (('id', '7'),), '2+2?', 'desirable')
    """
    for look in (_pair, _ranked, _with_better_dialogue, _kto, _answer, _dialogue, _text):
        shown = look(record)
        if shown is not None:
            return shown
    said = {name: value for name, value in record.items() if name != "source"}
    return Shown("record", _source_of(record), (), (Turn("", as_indented_json(said)),))


def _pair(record: Record) -> Shown | None:
    for names in _PAIRS:
        first, second = (turns_of(record.get(name)) for name in names)
        if first and second:
            prompt, used = prompt_of(record)
            if not prompt:
                prompt, first, second = shared_turns(first, second)
            return _shown("pair", record, (*names, *used), prompt, zip(names, (first, second), strict=True))
    return None


def _ranked(record: Record) -> Shown | None:
    # NeMo-RL's rows: the answer of rank 0 is the better one.
    answers = record.get("completions")
    if type(answers) is not list or not all(type(answer) is dict and "completion" in answer for answer in answers):
        return None
    by_rank = {rank: turns_of(answer["completion"]) for answer in answers if is_plain(rank := answer.get("rank"))}
    chosen, rejected = by_rank.get(0), by_rank.get(1)
    if len(answers) != 2 or not chosen or not rejected:
        return None
    prompt, used = prompt_of(record)
    return _shown("pair", record, ("completions", *used), prompt, [("chosen", chosen), ("rejected", rejected)])


def _with_better_dialogue(record: Record) -> Shown | None:
    # ms-swift's rows: the chosen answer is the last message.
    dialogue, rejected = turns_of(record.get("messages")), turns_of(record.get("rejected_response"))
    if not dialogue or not rejected:
        return None
    sides = [("chosen", dialogue[-1:]), ("rejected", rejected)]
    return _shown("pair", record, ("messages", "rejected_response"), dialogue[:-1], sides)


def _kto(record: Record) -> Shown | None:
    for label, names in _KTO.items():
        value = record.get(label)
        if not is_plain(value) or value not in names:
            continue
        found = answered(record)
        if found:
            turns, answer, used = found
            return _shown("KTO row", record, (label, *used), turns, [(names[value], answer)])
    return None


def _answer(record: Record) -> Shown | None:
    for name in ANSWERS:
        prompt, used = prompt_of(record)
        answer = turns_of(record.get(name))
        if prompt and answer:
            return _shown("completion", record, (name, *used), prompt, [(name, answer)])
    return None


def _dialogue(record: Record) -> Shown | None:
    for name in ("transcript", *PROMPTS):
        turns = turns_of(record.get(name))
        if turns and name == "conversations" and "mask" in record and type(record.get("system")) is str:
            system = (Turn("system", record["system"]),) if record["system"] else ()
            return _shown("SteerLM record", record, (name, "system"), (*system, *turns))
        if turns:
            return _shown("prompt" if name == "prompt" else "conversation", record, (name,), turns)
    return None


def _text(record: Record) -> Shown | None:
    turns = turns_of(record.get("text"))
    return _shown("text", record, ("text",), turns) if turns else None


def _shown(
    kind: str, record: Record, used: Collection[str], turns: Turns, sides: Iterable[tuple[str, Turns]] = ()
) -> Shown:
    fields = [(name, as_text(value)) for name, value in record.items() if name not in used and name != "source"]
    named = tuple(Side(name.removesuffix("_response"), side) for name, side in sides)
    return Shown(kind, _source_of(record), tuple(fields), turns, named)


def _source_of(record: Record) -> str:
    return as_text(record["source"]) if "source" in record else ""
