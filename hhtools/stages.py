"""Stages that remember, and stages put together: what a shell pipe does with commands, done with functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from hhtools.records import Dropped, Notes, Record, Rows, Stage


class Settled(tuple[Record, ...]):
    """Rows of a stage that decides on records later than it reads them, and what became of which records.

    ``used`` counts the records that went into rows, and ``dropped`` has the reason for each one that was left out: this
    record, earlier ones, or none. ``Settled()`` holds the record and decides nothing yet. Any other result settles the
    record itself, as ever; after ``finish()``, which may return this too, every record has to be settled exactly once.

    >>> Settled([{"id": 1}], used=2), Settled(dropped=["tie", "tie"])
    (Settled(({'id': 1},), 2, ()), Settled((), 0, ('tie', 'tie')))
    """

    used: int
    dropped: tuple[str, ...]

    def __new__(cls, rows: Iterable[Record] = (), used: int = 0, dropped: Iterable[str] = ()) -> Settled:
        """Make the result for rows that this many records went into, and for those dropped for these reasons."""
        settled = super().__new__(cls, rows)
        settled.used = used
        settled.dropped = tuple(dropped)
        return settled

    def __getnewargs__(self) -> tuple[tuple[Record, ...], int, tuple[str, ...]]:
        return tuple(self), self.used, self.dropped

    def __repr__(self) -> str:
        return f"Settled{self.__getnewargs__()!r}"


def chain(*stages: Stage) -> Stage:
    """Fuse stages into one that does what a shell pipe of their commands does, with nothing encoded in between.

    A record that a later stage drops keeps its reason, as long as each stage before gave one row for it. A record that
    the first stage holds is settled when that stage says so; one that a later stage holds counts as used.

    >>> fused = chain(lambda record: [record, record], lambda record: [{"id": record["id"] * 2}])
    >>> fused({"id": 1})
    [{'id': 2}, {'id': 2}]
    """
    return reduce(_Chain, stages)


def held_rows(stage: Stage) -> Rows:
    """Give the rows that a stage with a memory still holds, and let it forget them; a pure stage holds none."""
    finish = getattr(stage, "finish", None)
    return finish() if finish else ()


def notes_of(stage: Stage) -> Notes:
    """Give what a stage has to say about all of its rows, such as how many there are of a kind; most say nothing."""
    notes = getattr(stage, "notes", None)
    return notes() if notes else {}


def fields_read(stage: Stage) -> Sequence[str]:
    """Give the fields that a stage says it reads, beside those that its command always reads."""
    named: Sequence[str] = getattr(stage, "read_fields", ())
    return named


class ReadingFields:
    """A stage that does what another does, and says which fields that reads.

    >>> fields_read(ReadingFields(lambda record: [record["question"]], ["question"]))
    ['question']
    """

    def __init__(self, stage: Stage, read_fields: Sequence[str]) -> None:
        self.read_fields = read_fields
        self._stage = stage

    def __call__(self, record: Record) -> Rows:
        """Do what the other stage does."""
        return self._stage(record)


def remembers(stage: Stage) -> bool:
    """Tell whether what a stage gives for a record depends on the records before it."""
    remembering: bool = getattr(stage, "remembers", hasattr(stage, "finish"))
    return remembering


def needs_all(stage: Stage) -> bool:
    """Tell whether a stage says something about all records together that parts of them would not add up to."""
    needing: bool = getattr(stage, "needs_all", False)
    return needing


def keeps_records(stage: Stage) -> bool:
    """Tell whether a stage gives back records that it was given earlier."""
    return getattr(stage, "keeps_records", False)


class _Chain:
    # A class and not a closure, so that a chain can be pickled and sent to workers.
    def __init__(self, first: Stage, second: Stage) -> None:
        self._first = first
        self._second = second

    @property
    def keeps_records(self) -> bool:
        return keeps_records(self._first) or keeps_records(self._second)

    def __call__(self, record: Record) -> Rows:
        rows = self._first(record)
        if isinstance(rows, Settled):
            return Settled(self._through(rows), rows.used, rows.dropped)
        if len(rows) == 1:
            made = self._second(rows[0])
            return list(made) if isinstance(made, Settled) else made
        return rows if isinstance(rows, Dropped) else self._through(rows)

    def finish(self) -> Rows:
        held = held_rows(self._first)
        rows = [*self._through(held), *held_rows(self._second)]
        return Settled(rows, held.used, held.dropped) if isinstance(held, Settled) else rows

    def notes(self) -> Notes:
        return notes_of(self._first) | notes_of(self._second)

    def _through(self, records: Sequence[Record]) -> list[Record]:
        return [row for record in records for row in self._second(record)]
