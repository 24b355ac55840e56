"""What became of the records of many shards, added up command by command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hhtools.records import Notes
from hhtools.stream.fused import Part, counts_of_parts, summaries_of_parts
from hhtools.stream.report import Tally


class Totals:
    """The counts of shards, for each command of their pipeline.

    >>> totals = Totals(["hh-parse"])
    >>> for _ in range(2):
    ...     totals.add([{"read": 3, "used": 2, "dropped": {"tie": 1}, "bad": {}, "blank": 0, "repaired": 0,
    ...                  "written": 2, "notes": {}}])
    >>> totals.summaries("hh-run")[1]
    'hh-run: hh-parse: 6 read, 4 used, 2 dropped (tie 2), 0 bad; 4 rows written'
    """

    def __init__(self, commands: Sequence[str]) -> None:
        self.commands = commands
        self.tallies = [Tally() for _ in commands]
        self.written = [0] * len(commands)
        self.notes: list[Notes] = [{} for _ in commands]

    def add(self, stages: Sequence[dict[str, Any]]) -> None:
        """Add the counts of one shard, those that its report has for each command."""
        for number, (counts, tally) in enumerate(zip(stages, self.tallies, strict=True)):
            tally.read += counts["read"]
            tally.used += counts["used"]
            tally.blank += counts["blank"]
            tally.repaired += counts["repaired"]
            tally.dropped += Counter(counts["dropped"])
            tally.bad += Counter(counts["bad"])
            self.written[number] += counts["written"]
            for name, value in counts["notes"].items():
                if isinstance(value, int):  # what is said in words about one shard does not add up
                    self.notes[number][name] = int(self.notes[number].get(name, 0)) + value

    def counts(self) -> dict[str, Any]:
        """Give all the counts, as the report of a run has them."""
        return counts_of_parts(self._parts())

    def summaries(self, name: str) -> list[str]:
        """Sum the shards up, all commands together and each by itself."""
        return summaries_of_parts(name, self._parts())

    def _parts(self) -> list[Part]:
        parts = zip(self.commands, self.tallies, self.written, self.notes, strict=True)
        return [Part(*part) for part in parts]
