"""The vocabulary of hhtools: records, the stages that turn one into others, and checked access to fields.

A *stage* is a function ``record -> records``. It returns a tuple or a list of none, one or many records, all of
them, or raises before the first; it neither prints nor exits, and never changes the record it was given.

* ``Dropped(reason)`` is an empty tuple that says why a record was left out on purpose.
* ``Bad(reason, detail)`` is raised for a record that could not be used.
* The very record that came in, returned as it is, means "unchanged": its JSON bytes are written again.

A stage that has to remember is an object with ``__call__(record)`` and ``finish()``, which gives the rows still held.
If what becomes of a record shows only later, its results are ``hhtools.stages.Settled``. If it gives back records that
it was given earlier, it says ``keeps_records = True``: then these are "unchanged", too. It may also have ``notes()``:
what it has to say about all of its rows, for the summary and the report of a run; ``read_fields``: the fields that it
reads, where its options name them and its command cannot know; ``remembers``, if that is not the same as having
``finish()``; and ``needs_all = True``, if it says something about all records together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict, get_args

Record = dict[str, Any]
Rows = Sequence[Record]
Stage = Callable[[Record], Rows]
Notes = dict[str, int | str]

Role = Literal["user", "assistant", "system"]
ROLES: frozenset[str] = frozenset(get_args(Role))


class Message(TypedDict):
    """One turn of a dialogue, in the form that chat templates and conversational trainers read."""

    role: Role
    content: str


BadReason = Literal[
    "bad-json",
    "bad-utf8",
    "bad-surrogate",
    "nul-line",
    "line-too-long",
    "too-deep",
    "duplicate-key",
    "not-object",
    "missing-field",
    "wrong-type",
    "bad-transcript",
    "bad-label",
    "unknown-attribute",
    "template-error",
    "too-many-values",
]


class Bad(ValueError):
    """A record that could not be used, with a fixed reason and a sentence on what was found.

    >>> raise Bad("missing-field", 'no field "chosen"')
    Traceback (most recent call last):
    hhtools.records.Bad: missing-field: no field "chosen"
    """

    def __init__(self, reason: BadReason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason: BadReason = reason
        self.detail = detail
        self.where = ""
        self.command = ""  # of several in one run, the one behind the first that could not use it

    def __str__(self) -> str:
        return f"{self.where}{self.reason}: {self.detail}"


class Dropped(tuple[Record, ...]):
    """No rows, on purpose: an empty result that carries its reason.

    >>> Dropped("tie"), len(Dropped("tie"))
    (Dropped('tie'), 0)
    """

    reason: str

    def __new__(cls, reason: str) -> Dropped:
        """Make the result for a record dropped for this reason."""
        dropped = super().__new__(cls)
        dropped.reason = reason
        return dropped

    def __getnewargs__(self) -> tuple[str]:
        return (self.reason,)

    def __repr__(self) -> str:
        return f"Dropped({self.reason!r})"


def text_of(record: Mapping[str, Any], field: str) -> str:
    """Give the string in a field.

    >>> text_of({"chosen": 7}, "chosen")
    Traceback (most recent call last):
    hhtools.records.Bad: wrong-type: "chosen" is a whole number, not a string

    Raises:
        Bad: ``missing-field``, or ``wrong-type`` when it holds anything but a string.
    """
    value = record.get(field)
    if type(value) is str:
        return value
    raise wrong_field(record, field, "a string")


def messages_of(record: Mapping[str, Any], field: str) -> list[Message]:
    """Give the messages in a field, each checked to be ``{"role": user|assistant|system, "content": str}``.

    >>> messages_of({"prompt": [{"role": "human", "content": "Hi"}]}, "prompt")
    Traceback (most recent call last):
    hhtools.records.Bad: wrong-type: "prompt"[0] has the role "human", not user, assistant or system

    Raises:
        Bad: ``missing-field``, or ``wrong-type`` when it is not a list or a message in it is malformed.
    """
    messages = record.get(field)
    try:
        if type(messages) is list:
            for message in messages:
                if message["role"] not in ROLES or type(message["content"]) is not str or len(message) > 2:
                    break
            else:
                return messages
    except (KeyError, TypeError):
        pass
    return _checked_messages(record, field)


def message_of(where: str, message: object) -> Message:
    """Give a value as a message, without what a data set adds to its messages, such as a name.

    Raises:
        Bad: ``wrong-type``, with where it stands, when it is not ``{"role": user|assistant|system, "content": str}``.
    """
    if type(message) is not dict:
        raise Bad("wrong-type", f"{where} is {kind_of(message)}, not a message")
    for key in ("role", "content"):
        if key not in message:
            raise Bad("wrong-type", f'{where} has no "{key}"')
        if type(message[key]) is not str:
            raise Bad("wrong-type", f'{where}: "{key}" is {kind_of(message[key])}, not a string')
    if message["role"] not in ROLES:
        raise Bad("wrong-type", f'{where} has the role "{message["role"][:40]}", not user, assistant or system')
    return {"role": message["role"], "content": message["content"]}


def wrong_field(record: Mapping[str, Any], field: str, wanted: str) -> Bad:
    """Make the error for a field that is missing or holds another type than the one wanted."""
    if field not in record:
        return Bad("missing-field", f'no field "{field}"')
    return Bad("wrong-type", f'"{field}" is {kind_of(record[field])}, not {wanted}')


def kind_of(value: object) -> str:
    """Name the JSON type of a value, as errors name it.

    >>> kind_of([]), kind_of(None), kind_of(True)
    ('a list', 'null', 'a boolean')
    """
    return _KINDS.get(type(value), f"a {type(value).__name__}")


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    dict: "an object",
    float: "a decimal number",
    int: "a whole number",
    list: "a list",
    str: "a string",
}


def _checked_messages(record: Mapping[str, Any], field: str) -> list[Message]:
    if type(record.get(field)) is not list:
        raise wrong_field(record, field, "a list of messages")
    return [message_of(f'"{field}"[{position}]', value) for position, value in enumerate(record[field])]
