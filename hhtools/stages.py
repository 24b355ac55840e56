"""Stages put together: what a shell pipe does with commands, done with functions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from hhtools.records import Dropped, Notes, Record, Rows, Stage


def chain(*stages: Stage) -> Stage:
    """Fuse stages into one that does what a shell pipe of their commands does, with nothing encoded in between.

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


def notes_of(stage: Stage) -> Notes:
    """Give what a stage has to say about all of its rows, such as how many there are of a kind; most say nothing."""
    notes = getattr(stage, "notes", None)
    return notes() if notes else {}


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

    def notes(self) -> Notes:
        return notes_of(self._first) | notes_of(self._second)

    def _through(self, records: Sequence[Record]) -> list[Record]:
        return [row for record in records for row in self._second(record)]
