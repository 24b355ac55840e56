"""The dialogues that a row holds: one for each answer, in whatever keys a format keeps their turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hhtools.records import Record


class Turn(NamedTuple):
    """What a speaker says: user, assistant, system, or "" where the text is not in turns."""

    speaker: str
    text: str


class Dialogue(NamedTuple):
    """A prompt and an answer to it."""

    prompt: list[Turn]
    answer: list[Turn]


View = Callable[[Record], list[Dialogue]]

_SPEAKERS = {
    "human": "user",
    "observation": "user",
    "User": "user",
    "gpt": "assistant",
    "function_call": "assistant",
    "Assistant": "assistant",
}


def turns_of(value: Any, speaker: str = "") -> list[Turn]:
    """Give the turns in a message, in a list of messages, or in a text, which is by ``speaker``.

    >>> turns_of([{"from": "human", "value": "Hi"}])
    [Turn(speaker='user', text='Hi')]
    """
    if type(value) is str:
        return [Turn(speaker, value)]
    if type(value) is dict:
        name: str = value["role"] if "role" in value else value["from"]
        return [Turn(_SPEAKERS.get(name, name), value["content"] if "content" in value else value["value"])]
    return [turn for message in value for turn in turns_of(message)]


def apart(prompt: str, answers: Sequence[str], row: Record) -> list[Dialogue]:
    """Read a prompt and its answers under keys of their own."""
    shared = turns_of(row[prompt])
    return [Dialogue(shared, turns_of(row[answer])) for answer in answers]


def apart_in_chat(prompt: str, answers: Sequence[str], row: Record) -> list[Dialogue]:
    """Read a prompt and its answers under keys of their own; texts are one message each."""
    shared = turns_of(row[prompt], "user")
    return [Dialogue(shared, turns_of(row[answer], "assistant")) for answer in answers]


def together(dialogues: Sequence[str], row: Record) -> list[Dialogue]:
    """Read whole dialogues, each under its own key: what is last is the answer."""
    whole = [turns_of(row[dialogue]) for dialogue in dialogues]
    return [Dialogue(turns[:-1], turns[-1:]) for turns in whole]


def preferences(row: Record) -> list[Dialogue]:
    """Read "chosen" and "rejected", which are whole dialogues if there is no "prompt"."""
    sides = ("chosen", "rejected")
    return apart("prompt", sides, row) if "prompt" in row else together(sides, row)


def prompt_only(prompt: str, row: Record) -> list[Dialogue]:
    """Read a prompt that nobody has answered."""
    return [Dialogue(turns_of(row[prompt]), [])]


def swift_preference(row: Record) -> list[Dialogue]:
    """Read ms-swift's chosen dialogue, and the rejected answer or dialogue."""
    (chosen,) = together(["messages"], row)
    if "rejected_response" not in row:
        return [chosen, *together(["rejected_messages"], row)]
    return [chosen, Dialogue(chosen.prompt, turns_of(row["rejected_response"], "assistant"))]


def alpaca_preference(row: Record) -> list[Dialogue]:
    """Read LLaMA-Factory's history, instruction and input, and the two answers."""
    shared = [Turn(who, said) for turn in row["history"] for who, said in zip(("user", "assistant"), turn, strict=True)]
    shared.append(Turn("user", "\n".join(filter(None, [row["instruction"], row["input"]]))))
    return [Dialogue(shared, turns_of(row[side], "assistant")) for side in ("chosen", "rejected")]


def ranked_preference(row: Record) -> list[Dialogue]:
    """Read NeMo-RL's context and its ranked completions."""
    shared = turns_of(row["context"])
    return [Dialogue(shared, turns_of(answer["completion"])) for answer in row["completions"]]
