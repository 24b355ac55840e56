"""What came out of the shards of a run, one after the other, and what it means for the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hhtools.scale.progress import Progress
from hhtools.scale.totals import Totals
from hhtools.scale.work import Failed, Made
from hhtools.stream.bad_records import check_bad
from hhtools.stream.console import say_line
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.filter import check_drops
from hhtools.stream.options import RunOptions

_TOLD = 20
"""How many failed shards are named on standard error; the report names all."""


class Results:
    """The shards of a run that are made, that were made before, and that failed."""

    def __init__(self, name: str, commands: Sequence[str]) -> None:
        self.totals = Totals(commands)
        self.shards = 0
        self.made = 0
        self.made_before = 0
        self.failed: list[Failed] = []
        self._name = name

    def take_earlier(self, made: Made) -> None:
        """Count a shard that an earlier run has made."""
        self.made_before += 1
        self.totals.add(made["stages"])

    def take(self, result: Made | Failed, progress: Progress | None) -> None:
        """Count a shard, tell of one that failed, and show how far the run is."""
        failed = isinstance(result, Failed)
        if isinstance(result, Failed):
            self.failed.append(result)
            if progress:
                progress.erase()
            if len(self.failed) <= _TOLD:
                say_line(f"{self._name}: {result.name} failed ({result.code}): {result.message}")
        else:
            self.made += 1
            self.totals.add(result["stages"])
        if progress:
            progress.add(0 if isinstance(result, Failed) else result["read"], failed)

    def check_failed(self) -> None:
        """Make sure that no shard failed.

        Raises:
            Fault: with the code of those that failed, 75 only if trying again may help all of them.
        """
        if self.failed:
            codes = [each.code for each in sorted(self.failed) if each.code != Exit.NETWORK]
            more = f" ({_TOLD} are named above, all of them in the report)" if len(self.failed) > _TOLD else ""
            told = f"{len(self.failed)} of {self.shards} shards failed{more}; a next run makes those alone"
            raise Fault(Exit(codes[0] if codes else Exit.NETWORK), told)

    def counts(self) -> dict[str, Any]:
        """Give all the counts, as the report of a run has them."""
        return {
            "shards": {
                "all": self.shards,
                "made": self.made,
                "made_before": self.made_before,
                "failed": [{"shard": each.name, "exit": each.code, "message": each.message} for each in self.failed],
            },
            **self.totals.counts(),
        }

    def summaries(self) -> list[str]:
        """Sum the run up: the shards, all commands together and each by itself."""
        told = f"{self.shards} shards, {self.made} made, {self.made_before} made before, {len(self.failed)} failed"
        return [f"{self._name}: {told}", *self.totals.summaries(self._name)]


def check_totals(totals: Totals, options: RunOptions, bad_dir: str | None) -> str:
    """Make sure that no more records were bad or dropped in all shards than allowed, and tell how many were bad.

    Raises:
        Fault: 3.
    """
    told = check_bad(totals.tallies, options.max_bad, f", set aside below {bad_dir}" if bad_dir else "")
    check_drops(totals.tallies, options.max_drop)
    return told and told + ("" if bad_dir else "; --bad-dir DIR keeps them")
