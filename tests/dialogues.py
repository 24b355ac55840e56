"""Short ways to write down transcripts and pairs in tests."""

from __future__ import annotations

from hhtools.records import Message, Record

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
