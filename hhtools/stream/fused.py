"""Stages of several commands in one run: what a shell pipe of them does, with nothing encoded in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hhtools.records import Bad, Dropped, Notes, Record, Rows, Stage
from hhtools.stages import Settled, held_rows, keeps_records, notes_of
from hhtools.stream.report import Tally, summary, total_of

TakeBad = Callable[[Bad, Record], None]


class Step(NamedTuple):
    """One command of a pipeline: its name and its stage."""

    command: str
    stage: Stage


class Fused:
    """A stage that passes records through the stages of several commands, each with a tally of its own.

    What it gives and raises says what became of a record in the first of them, whose tally is that of the run. A later
    one that cannot use what it is given tells ``take_bad``, and the others go on, as in a pipe with ``--bad``; when
    that raises, ``first`` is what the first one had given.

    >>> double = Step("hh-double", lambda record: (record, record))
    >>> fused = Fused([double, double])
    >>> len(fused({"id": 1})), fused.later[0].tally.read
    (4, 2)
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.commands = [step.command for step in steps]
        self.stages = [step.stage for step in steps]
        self.later = [_Later(*step) for step in steps[1:]]
        self.keeps_records = any(map(keeps_records, self.stages))
        self.first: Rows = ()
        self._first = self.stages[0]

    def __call__(self, record: Record) -> Rows:
        """Pass a record through all stages.

        Raises:
            Bad: when the first stage cannot use it, or a later one if nobody has said what to do then.
        """
        rows = self._first(record)
        try:
            if len(rows) == 1:
                made: Rows = rows
                for later in self.later:
                    made = later.take(made[0]) if len(made) == 1 else later.take_all(made)
            elif isinstance(rows, Dropped):
                return rows
            else:
                made = self._through(rows, 0)
        except Exception:
            self.first = rows
            raise
        return Settled(made, rows.used, rows.dropped) if isinstance(rows, Settled) else made

    def finish(self) -> Rows:
        """Give the rows still held, those of the first stage passed through the others, and so on."""
        held = held_rows(self._first)
        rows = list(self._through(held, 0))
        for number, later in enumerate(self.later, 1):
            rows += self._through(later.finish(), number)
        return Settled(rows, held.used, held.dropped) if isinstance(held, Settled) else rows

    def tell_bad(self, take_bad: TakeBad) -> None:
        """Have a function called with what a later stage cannot use, instead of raising it."""
        for later in self.later:
            later.take_bad = take_bad

    def _through(self, rows: Rows, number: int) -> Rows:
        for later in self.later[number:]:
            rows = later.take_all(rows)
        return rows


class _Later:
    """A stage behind another one, and what became of what it was given."""

    def __init__(self, command: str, stage: Stage) -> None:
        self.tally = Tally()
        self.take_bad: TakeBad = _raise
        self._command = command
        self._stage = stage

    def take(self, record: Record) -> Rows:
        tally = self.tally
        tally.read += 1
        try:
            rows = self._stage(record)
        except Bad as bad:
            tally.bad[bad.reason] += 1
            bad.command = self._command
            self.take_bad(bad, record)
            return ()
        if isinstance(rows, (Settled, Dropped)):
            tally.settle(rows)
            return tuple(rows)
        tally.used += 1
        return rows

    def take_all(self, records: Rows) -> Rows:
        return [row for record in records for row in self.take(record)]

    def finish(self) -> Rows:
        held = held_rows(self._stage)
        if isinstance(held, Settled):
            self.tally.settle(held)
        return held


class Part(NamedTuple):
    """What became of the records that one command of several was given, and what it has to say about its rows."""

    command: str
    tally: Tally
    written: int
    notes: Notes


def counts_of(stage: Stage, tallies: Sequence[Tally], written: int) -> dict[str, Any]:
    """Give all the counts of a run, as a report has them, with those of each command where several are fused."""
    if isinstance(stage, Fused):
        return counts_of_parts(_parts(stage, tallies, written))
    return {**tallies[0].counts(), "written": written, "notes": notes_of(stage)}


def counts_of_parts(parts: Sequence[Part]) -> dict[str, Any]:
    """Give the counts of several commands, and of all together where they add up: see summaries_of_parts."""
    total = total_of([part.tally for part in parts])
    counts = total.counts() if _adds_up(parts) else {"read": total.read, "blank": total.blank}
    return {
        **counts,
        "written": parts[-1].written,
        "notes": _all_notes(parts),
        "stages": [
            {"command": part.command, **part.tally.counts(), "written": part.written, "notes": part.notes}
            for part in parts
        ],
    }


def summaries(name: str, stage: Stage, tallies: Sequence[Tally], written: int) -> list[str]:
    """Sum a run up in one line, and in one more for each command where several are fused."""
    if isinstance(stage, Fused):
        return summaries_of_parts(name, _parts(stage, tallies, written))
    return [summary(name, tallies[0], written, notes_of(stage))]


def summaries_of_parts(name: str, parts: Sequence[Part]) -> list[str]:
    """Sum several commands up: each by itself, and all together if each makes one record of one for the next.

    Only then are those that the first reads those that the last uses, and those that were dropped or bad on the way.
    """
    lines = [f"{name}: {summary(part.command, part.tally, part.written, part.notes)}" for part in parts]
    if not _adds_up(parts):
        return lines
    total = total_of([part.tally for part in parts])
    return [summary(name, total, parts[-1].written, _all_notes(parts)), *lines]


def named_tallies(stage: Stage, tallies: Sequence[Tally]) -> list[tuple[str, Tally]]:
    """Give each tally with the name of its command, where several are fused, and with "" where it is the only one."""
    commands = stage.commands if isinstance(stage, Fused) else [""]
    return list(zip(commands, tallies, strict=True))


def _adds_up(parts: Sequence[Part]) -> bool:
    return all(part.written == part.tally.used for part in parts[:-1])


def _all_notes(parts: Sequence[Part]) -> Notes:
    return {name: value for part in parts for name, value in part.notes.items()}


def _parts(fused: Fused, tallies: Sequence[Tally], written: int) -> list[Part]:
    made = [*(tally.read for tally in tallies[1:]), written]
    notes = map(notes_of, fused.stages)
    return [Part(*part) for part in zip(fused.commands, tallies, made, notes, strict=True)]


def _raise(bad: Bad, _record: Record) -> None:
    raise bad
