"""The preference pair ``{"prompt", "chosen", "rejected"}``, and why one is unfit for training.

This is TRL's conversational preference form: three lists of messages, where prompt + chosen is the chosen dialogue and
prompt + rejected the rejected one. Any other field is carried along.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from hhtools.records import Bad, Message, Record, messages_of

Unfit = Literal["prompts-differ", "empty-answer", "role-order", "tie"]
UNFIT: tuple[Unfit, ...] = get_args(Unfit)
"""Why a pair cannot be trained on, in the order in which the reasons are looked for."""


PAIR_FIELDS = ("prompt", "chosen", "rejected")


class Pair(NamedTuple):
    """The checked messages of a pair."""

    prompt: list[Message]
    chosen: list[Message]
    rejected: list[Message]


@dataclass(slots=True)  # made and read in less time than a NamedTuple
class FitPair:
    """A prompt and two answers to it that can be trained on.

    ``other_prompt`` is the prompt of the rejected answer: the very same list, unless a pair whose prompts differ was
    kept. ``record`` is the pair as it came in, for what a format takes beyond the dialogue.
    """

    prompt: list[Message]
    chosen: str
    rejected: str
    other_prompt: list[Message]
    record: Record


def pair_record(prompt: list[Message], chosen: str, rejected: str, *, strip: bool) -> Record:
    """Make the pair record of a prompt and two answers of the assistant; ``strip`` trims every text at both ends.

    White space where prompt and answer meet breaks trainers in different ways.

    >>> pair_record([{"role": "user", "content": "2+2? "}], "4", "5", strip=True)["prompt"]
    [{'role': 'user', 'content': '2+2?'}]
    """
    if strip:
        prompt = [{"role": message["role"], "content": message["content"].strip()} for message in prompt]
        chosen, rejected = chosen.strip(), rejected.strip()
    return {
        "prompt": prompt,
        "chosen": [{"role": "assistant", "content": chosen}],
        "rejected": [{"role": "assistant", "content": rejected}],
    }


def pair_of(record: Record) -> Pair:
    """Give the checked messages of a pair record.

    Raises:
        Bad: ``missing-field`` or ``wrong-type``; a raw HH pair is told apart, with the step that it lacks.
    """
    if "prompt" not in record:
        raise _no_pair(record)
    pair = Pair(messages_of(record, "prompt"), messages_of(record, "chosen"), messages_of(record, "rejected"))
    if not pair.chosen or not pair.rejected:
        field = "rejected" if pair.chosen else "chosen"
        raise Bad("wrong-type", f'"{field}" holds no message')
    return pair


def dialogues_of(record: Record) -> list[list[Message]]:
    """Give the whole dialogues of a record: of a pair the chosen and the rejected one, of a conversation its only one.

    >>> dialogues_of({"messages": [{"role": "user", "content": "Hi"}]})
    [[{'role': 'user', 'content': 'Hi'}]]

    Raises:
        Bad: as pair_of does, or as messages_of for the ``messages`` of a conversation.
    """
    if "messages" in record and "chosen" not in record:
        return [messages_of(record, "messages")]
    prompt, chosen, rejected = pair_of(record)
    return [prompt + chosen, prompt + rejected]


def fit_pair(record: Record) -> FitPair | None:
    """Give the prompt and the two answers of a well-formed pair that is fit for training, in one look.

    None means that pair_of and unfit have to look closer. This is for speed alone, and four in five of the checks of a
    record happen here: `make bench` shows it.

    >>> question, answer = {"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}
    >>> pair = fit_pair({"prompt": [question], "chosen": [answer], "rejected": [{**answer, "content": "5"}]})
    >>> pair.prompt, pair.chosen, pair.rejected
    ([{'role': 'user', 'content': '2+2?'}], '4', '5')
    """
    try:
        prompt = record["prompt"]
        (chosen,), (rejected,) = record["chosen"], record["rejected"]
        answer, other = chosen["content"], rejected["content"]
        wanted = "user"
        for message in prompt:
            if message["role"] != wanted or type(message["content"]) is not str or len(message) > 2:
                return None
            wanted = "assistant" if wanted == "user" else "user"
        if (
            wanted == chosen["role"] == rejected["role"] == "assistant"
            and type(prompt) is list
            and answer.strip()
            and other.strip()
            and answer != other
        ):
            return FitPair(prompt, answer, other, prompt, record)
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    return None


def unfit(pair: Pair, keep: Collection[Unfit] = ()) -> Unfit | None:
    """Tell why a pair cannot be trained on: the first reason of UNFIT that holds and is not in ``keep``, or None.

    * ``prompts-differ``: more than one message remains on a side, or none is shared.
    * ``empty-answer``: the last message of a side is empty or all white space.
    * ``role-order``: a side is not strictly user, assistant, user ... assistant (after one system message, if any).
    * ``tie``: both sides are the same.

    >>> question, answer = {"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}
    >>> unfit(Pair([question], [answer], [answer]))
    'tie'
    """
    prompt, chosen, rejected = pair
    answer, other = chosen[-1]["content"], rejected[-1]["content"]
    if (len(chosen) > 1 or len(rejected) > 1 or not prompt) and "prompts-differ" not in keep:
        return "prompts-differ"
    if not (answer.strip() and other.strip()) and "empty-answer" not in keep:
        return "empty-answer"
    shared = roles_of(prompt)
    if not (in_turn(shared + roles_of(chosen)) and in_turn(shared + roles_of(rejected))) and "role-order" not in keep:
        return "role-order"
    if chosen == rejected and "tie" not in keep:
        return "tie"
    return None


def _no_pair(record: Record) -> Bad:
    if "transcript" in record or (type(record.get("chosen")) is str and type(record.get("rejected")) is str):
        return Bad("missing-field", 'no field "prompt": this is a raw row of HH-RLHF, run it through hh-parse first')
    if "messages" in record:
        return Bad("missing-field", 'no field "prompt": a conversation has no preferred answer')
    return Bad("missing-field", 'no field "prompt"')


def roles_of(messages: list[Message]) -> list[str]:
    """List who speaks, message by message."""
    return [message["role"] for message in messages]


def in_turn(roles: list[str]) -> bool:
    """Tell whether a dialogue is user, assistant, user ... assistant, after one system message at most.

    >>> in_turn(["system", "user", "assistant"]), in_turn(["user", "assistant", "assistant"]), in_turn([])
    (True, False, False)
    """
    turns = roles[1:] if roles[:1] == ["system"] else roles
    return bool(turns) and turns == ["user", "assistant"] * (len(turns) // 2)
