"""The vocabulary of hhtools: records, the stages that turn one into others, and checked access to fields.

A *stage* is a function ``record -> records``. It returns a tuple or a list of none, one or many records, all of
them, or raises before the first; it neither prints nor exits, and never changes the record it was given.

* ``Dropped(reason)`` is an empty tuple that says why a record was left out on purpose.
* ``Bad(reason, detail)`` is raised for a record that could not be used.
* The very record that came in, returned as it is, means "unchanged": its JSON bytes are written again.

A stage that has to remember is an object with ``__call__(record)`` and ``finish()``, which gives the rows still held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, Literal, TypedDict, get_args

Record = dict[str, Any]
Rows = Sequence[Record]
Stage = Callable[[Record], Rows]

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
    "not-object",
    "missing-field",
    "wrong-type",
    "bad-transcript",
    "bad-label",
    "unknown-attribute",
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

    def __str__(self) -> str:
        return f"{self.where}{self.reason}: {self.detail}"


class Dropped(tuple[Record, ...]):
    """No rows, on purpose: an empty result that carries its reason.

    >>> Dropped("tie"), len(Dropped("tie"))
    (Dropped('tie'), 0)
    """

    reason: str

    def __new__(cls, reason: str) -> Dropped:
        dropped = super().__new__(cls)
        dropped.reason = reason
        return dropped

    def __getnewargs__(self) -> tuple[str]:
        return (self.reason,)

    def __repr__(self) -> str:
        return f"Dropped({self.reason!r})"


class _Chain:
    # A class and not a closure, so that a chain can be pickled and sent to workers.
    def __init__(self, first: Stage, second: Stage) -> None:
        self._first = first
        self._second = second

    def __call__(self, record: Record) -> Rows:
        rows = self._first(record)
        if len(rows) == 1:
            return self._second(rows[0])
        return rows if isinstance(rows, Dropped) else self._through(rows)

    def finish(self) -> list[Record]:
        return [*self._through(held_rows(self._first)), *held_rows(self._second)]

    def _through(self, records: Sequence[Record]) -> list[Record]:
        return [row for record in records for row in self._second(record)]


def chain(*stages: Stage) -> Stage:
    """Fuse stages into one, as a shell pipe does, without encoding anything between them.

    A record that a later stage drops keeps its reason, as long as each stage before gave one row for it.

    >>> fused = chain(lambda record: [record, record], lambda record: [{"id": record["id"] * 2}])
    >>> fused({"id": 1})
    [{'id': 2}, {'id': 2}]
    """
    return reduce(_Chain, stages)


def held_rows(stage: Stage) -> Sequence[Record]:
    """Give the rows that a stage with a memory still holds, and let it forget them; a pure stage holds none."""
    finish = getattr(stage, "finish", None)
    return finish() if finish else ()


def text_of(record: Mapping[str, Any], field: str) -> str:
    """Give the string in a field.

    >>> text_of({"chosen": 7}, "chosen")
    Traceback (most recent call last):
    hhtools.records.Bad: wrong-type: "chosen" is a whole number, not a string

    Raises:
        Bad: ``missing-field``, or ``wrong-type`` when it holds anything but a string.
    """
    value = _value(record, field)
    if type(value) is not str:
        raise wrong_type(field, value, "a string")
    return value


def messages_of(record: Mapping[str, Any], field: str) -> list[Message]:
    """Give the messages in a field, each checked to be ``{"role": user|assistant|system, "content": str}``.

    >>> messages_of({"prompt": [{"role": "human", "content": "Hi"}]}, "prompt")
    Traceback (most recent call last):
    hhtools.records.Bad: wrong-type: "prompt"[0] has the role "human", not user, assistant or system

    Raises:
        Bad: ``missing-field``, or ``wrong-type`` when it is not a list or a message in it is malformed.
    """
    value = _value(record, field)
    if type(value) is not list:
        raise wrong_type(field, value, "a list of messages")
    for position, message in enumerate(value):
        try:
            if message["role"] in ROLES and type(message["content"]) is str:
                continue
        except (KeyError, TypeError):
            pass
        raise _bad_message(f'"{field}"[{position}]', message)
    return value


def wrong_type(field: str, value: object, wanted: str) -> Bad:
    """Make the error for a field that holds another type than the one wanted."""
    return Bad("wrong-type", f'"{field}" is {kind_of(value)}, not {wanted}')


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


def _value(record: Mapping[str, Any], field: str) -> Any:
    try:
        return record[field]
    except KeyError:
        raise Bad("missing-field", f'no field "{field}"') from None


def _bad_message(where: str, message: object) -> Bad:
    if not isinstance(message, dict):
        return Bad("wrong-type", f"{where} is {kind_of(message)}, not a message")
    for key in ("role", "content"):
        if key not in message:
            return Bad("wrong-type", f'{where} has no "{key}"')
        if type(message[key]) is not str:
            return Bad("wrong-type", f'{where}: "{key}" is {kind_of(message[key])}, not a string')
    return Bad("wrong-type", f'{where} has the role "{message["role"][:40]}", not user, assistant or system')
