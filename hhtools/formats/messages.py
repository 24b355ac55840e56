"""Messages, and lists of them, in the shapes that formats share."""

from __future__ import annotations

from hhtools.records import Message


def assistant(content: str) -> Message:
    """Make an answer a message.

    >>> assistant("4")
    {'role': 'assistant', 'content': '4'}
    """
    return {"role": "assistant", "content": content}


def has_system(prompt: list[Message]) -> bool:
    """Tell whether a dialogue begins with a system message.

    >>> has_system([{"role": "user", "content": "2+2?"}])
    False
    """
    return bool(prompt) and prompt[0]["role"] == "system"


def with_system(prompt: list[Message], content: str) -> list[Message]:
    """Put a system message in front of a dialogue, unless it begins with one of its own.

    >>> with_system([{"role": "user", "content": "2+2?"}], "Count.")[0]
    {'role': 'system', 'content': 'Count.'}
    """
    return prompt if has_system(prompt) else [{"role": "system", "content": content}, *prompt]


def last_asked(prompt: list[Message]) -> list[Message]:
    """Leave only the last human message, with any system message before it and whatever follows it.

    >>> [message["content"] for message in last_asked([{"role": "user", "content": text} for text in ("1+1?", "2+2?")])]
    ['2+2?']
    """
    human_turns = [position for position, message in enumerate(prompt) if message["role"] == "user"]
    start = human_turns[-1] if human_turns else len(prompt) - 1
    return [message for message in prompt[:start] if message["role"] == "system"] + prompt[start:]
