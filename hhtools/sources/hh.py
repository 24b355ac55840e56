r"""The grammar of HH-RLHF transcripts: ``\n\nHuman: ...\n\nAssistant: ...``.

Source of the format: the files of Anthropic/hh-rlhf (Bai et al., 2022, arXiv 2204.05862; red-team transcripts:
Ganguli et al., 2022, arXiv 2209.07858). A marker is two newlines, the speaker's name and a colon; one space after the
colon belongs to the marker. Everything else, "Human:" inside a line or a dangling "\n\nHuman" included, is text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from hhtools.records import Bad, Message

Whitespace = Literal["strip", "keep"]
WHITESPACE: tuple[Whitespace, ...] = get_args(Whitespace)

HUMAN = "\n\nHuman:"
ASSISTANT = "\n\nAssistant:"

Sides = tuple[list[Message], list[Message], list[Message]]


def split_transcript(text: str, whitespace: Whitespace = "strip") -> list[Message]:
    r"""Split a transcript into its messages, in order; any order of speakers is taken as it is.

    ``whitespace`` "strip" trims every content at both ends; "keep" keeps all but the marker's one space.

    >>> split_transcript("\n\nHuman: Hi\n\nAssistant: Hello! ", "keep")
    [{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Hello! '}]

    Raises:
        Bad: ``bad-transcript`` when there is no marker, or text before the first one.
    """
    trim = _TRIM[whitespace]
    start, *exchanges = text.split(HUMAN)
    before, marker, answers = start.partition(ASSISTANT)
    if before or not (marker or exchanges):
        what = (
            'it does not begin with a marker: two newlines, then "Human:" or "Assistant:"'
            if before
            else "the transcript is empty"
        )
        raise Bad("bad-transcript", what)
    return (_answers(answers, trim) if marker else []) + _messages(exchanges, trim)


def split_pair(chosen: str, rejected: str, whitespace: Whitespace = "strip") -> Sides:
    r"""Split two transcripts into the turns that both share and what remains of each side.

    The shared turns never include the last turn of a side, so prompt + chosen is the chosen dialogue and prompt +
    rejected the rejected one, and neither remainder is empty.

    >>> split_pair("\n\nHuman: 2+2?\n\nAssistant: 4", "\n\nHuman: 2+2?\n\nAssistant: 5")[0]
    [{'role': 'user', 'content': '2+2?'}]

    Raises:
        Bad: ``bad-transcript``, as split_transcript does.
    """
    # Nearly every real pair is the same text up to the last answer. Comparing that text and splitting it once takes
    # half the time of splitting both sides; `make bench` shows it. Every other pair goes the long way below.
    before, *exchanges = chosen.split(HUMAN)
    if exchanges and not before:
        exchanges[-1], marker, answer = exchanges[-1].rpartition(ASSISTANT)
        start = len(chosen) - len(answer)
        if marker and rejected.startswith(chosen[:start]):
            other = rejected[start:]
            if "\n\n" not in other or (HUMAN not in other and ASSISTANT not in other):
                trim = _TRIM[whitespace]
                return (
                    _messages(exchanges, trim),
                    [{"role": "assistant", "content": trim(answer)}],
                    [{"role": "assistant", "content": trim(other)}],
                )
    return shared_turns(split_transcript(chosen, whitespace), split_transcript(rejected, whitespace))


def shared_turns(chosen: list[Message], rejected: list[Message]) -> Sides:
    """Part two dialogues into the turns that both begin with, never the last of a side, and the two remainders.

    >>> first, last = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}
    >>> shared_turns([first, last], [first, last]) == ([first], [last], [last])
    True
    """
    shared = 0
    while shared < min(len(chosen), len(rejected)) - 1 and chosen[shared] == rejected[shared]:
        shared += 1
    return chosen[:shared], chosen[shared:], rejected[shared:]


def _messages(exchanges: list[str], trim: Callable[[str], str]) -> list[Message]:
    # An exchange is what follows a Human marker up to the next one: a question, and its answers if any.
    messages: list[Message] = []
    for exchange in exchanges:
        question, marker, answer = exchange.partition(ASSISTANT)
        messages.append({"role": "user", "content": trim(question)})
        if ASSISTANT in answer:
            messages += _answers(answer, trim)
        elif marker:
            messages.append({"role": "assistant", "content": trim(answer)})
    return messages


def _answers(text: str, trim: Callable[[str], str]) -> list[Message]:
    return [{"role": "assistant", "content": trim(answer)} for answer in text.split(ASSISTANT)]


def _without_marker_space(content: str) -> str:
    return content.removeprefix(" ")


_TRIM: dict[Whitespace, Callable[[str], str]] = {"strip": str.strip, "keep": _without_marker_space}
