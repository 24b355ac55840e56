"""What published data sets put where messages belong: a text, one message, or a list of messages.

A message is ``{"role", "content"}``, or ``{"from", "value"}`` as in ShareGPT's files, where human and gpt speak.
"""

from __future__ import annotations

from typing import Any

from hhtools.records import Bad, Message, Record, Role, kind_of, message_of, wrong_field

SPEAKERS: dict[str, Role] = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "system": "system",
}
"""The role of each speaker that a ``from`` may name."""


def turns_of(record: Record, field: str, speaker: Role) -> list[Message]:
    """Give the messages in a field; a text is one message of the speaker.

    >>> turns_of({"prompt": "2+2?"}, "prompt", "user")
    [{'role': 'user', 'content': '2+2?'}]
    >>> turns_of({"chosen": [{"from": "gpt", "value": "4"}]}, "chosen", "assistant")
    [{'role': 'assistant', 'content': '4'}]

    Raises:
        Bad: ``missing-field``, or ``wrong-type`` when it holds something else or another role.
    """
    value = record.get(field)
    if type(value) is str:
        return [{"role": speaker, "content": value}]
    if type(value) is dict:
        return [_message(f'"{field}"', value)]
    if type(value) is list:
        return [_message(f'"{field}"[{position}]', message) for position, message in enumerate(value)]
    raise wrong_field(record, field, "a text, a message or a list of messages")


def _message(where: str, value: Any) -> Message:
    if type(value) is not dict or "from" not in value or "role" in value:
        return message_of(where, value)
    speaker, text = value["from"], value.get("value")
    if type(text) is not str:
        raise Bad("wrong-type", f'{where}: "value" is {kind_of(text)}, not a string')
    if type(speaker) is not str or speaker not in SPEAKERS:
        name = f'"{speaker[:40]}"' if type(speaker) is str else kind_of(speaker)
        raise Bad("wrong-type", f"{where} is from {name}, not {', '.join(SPEAKERS)}")
    return {"role": SPEAKERS[speaker], "content": text}
