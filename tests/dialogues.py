"""Short ways to write down transcripts and pairs in tests."""

from __future__ import annotations

from typing import Any

from hhtools.records import Message, Record
from hhtools.sources import helpsteer

SPEAKERS = {"H": "Human", "A": "Assistant"}


def user(content: str) -> Message:
    return {"role": "user", "content": content}


def assistant(content: str) -> Message:
    return {"role": "assistant", "content": content}


def system(content: str) -> Message:
    return {"role": "system", "content": content}


def transcript(*turns: str) -> str:
    r"""Write turns such as "H: Hi" as HH-RLHF does.

    >>> transcript("H: Hi", "A: Hello")
    '\n\nHuman: Hi\n\nAssistant: Hello'
    """
    return "".join(f"\n\n{SPEAKERS[turn[0]]}{turn[1:]}" for turn in turns)


def pair(*prompt: Message, chosen: str = "4", rejected: str = "5") -> Record:
    """Make a pair with one answer on each side, to "2+2?" unless told otherwise."""
    return {
        "prompt": list(prompt) or [user("2+2?")],
        "chosen": [assistant(chosen)],
        "rejected": [assistant(rejected)],
    }


def rated(response: str, ratings: str, prompt: str = "2+2?", **other: Any) -> Record:
    """Make a rated answer of HelpSteer, the ratings in the order of its files.

    >>> rated("4", "43210")["verbosity"]
    0
    """
    numbers = dict(zip(helpsteer.ATTRIBUTES, map(int, ratings), strict=True))
    return {"prompt": prompt, "response": response, **numbers, **other}


def preferred(strength: Any, first: str = "4", second: str = "5", **other: Any) -> Record:
    """Make a row of HelpSteer2's preference file."""
    answers = {"response_1": first, "response_2": second, "preference_strength": strength}
    return {"split": "train", "prompt": "2+2?", **answers, **other}


def preferred3(strength: Any, *context: Message, first: str = "4", second: str = "5", **other: Any) -> Record:
    """Make a row of HelpSteer3's preference files."""
    answers = {"response1": first, "response2": second, "overall_preference": strength}
    return {"domain": "stem", "context": list(context) or [user("2+2?")], **answers, **other}


def asked(text: str, *replies: Record, **fields: Any) -> Record:
    """Make a message of OASST's prompter with the replies to it."""
    return {"message_id": f"<{text}>", "text": text, "role": "prompter", "replies": list(replies), **fields}


def answered(text: str, *replies: Record, **fields: Any) -> Record:
    """Make a message of OASST's assistant with the replies to it."""
    return {**asked(text, *replies, **fields), "role": "assistant"}


def tree(first: Any, **fields: Any) -> Record:
    """Make a finished tree of OASST."""
    return {"message_tree_id": "t", "tree_state": "ready_for_export", "prompt": first, **fields}
