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
"""How many lines standard error gets about shards; the reports have all."""


class Results:
    """The shards of a run that are made, that were made before, and that failed."""

    def __init__(self, name: str, commands: Sequence[str], quiet: bool) -> None:
        self.totals = Totals(commands)
        self.shards = 0
        self.made = 0
        self.made_before = 0
        self.failed: list[Failed] = []
        self._name = name
        self._quiet = quiet
        self._told = 0

    def take_earlier(self, made: Made) -> None:
        """Count a shard that an earlier run has made."""
        self.made_before += 1
        self.totals.add(made["stages"])

    def take(self, result: Made | Failed, progress: Progress | None) -> None:
        """Count a shard, tell what is to be told of it, and show how far the run is."""
        if isinstance(result, Failed):
            self.failed.append(result)
            self._tell([f"{result.name} failed ({result.code}): {result.message}"], progress)
        else:
            self.made += 1
            self.totals.add(result["stages"])
            if not self._quiet:
                self._tell(result["told"], progress)
        if progress:
            progress.add(0 if isinstance(result, Failed) else result["read"], len(self.failed))

    def _tell(self, lines: Sequence[str], progress: Progress | None) -> None:
        for line in lines[: _TOLD - self._told]:
            if progress:
                progress.erase()
            self._told += 1
            say_line(f"{self._name}: {line}")

    def check_failed(self) -> None:
        """Make sure that no shard failed.

        Raises:
            Fault: with the code of those that failed: 1 if one is a bug, 75 only if trying again may help all of them.
        """
        if self.failed:
            codes = [each.code for each in sorted(self.failed) if each.code != Exit.NETWORK]
            code = Exit.BUG if Exit.BUG in codes else Exit(codes[0] if codes else Exit.NETWORK)
            others = ", and the others are complete" if len(self.failed) < self.shards else ""
            told = f"{len(self.failed)} of {self.shards} shards failed; the report of the run names them{others}"
            raise Fault(code, told)

    def counts(self) -> dict[str, Any]:
        """Give all the counts, as the report of a run has them."""
        return {
            "shards": {
                "all": self.shards,
                "made": self.made,
                "made_before": self.made_before,
                "failed": [
                    {"shard": each.name, "exit": each.code, "message": each.message} for each in sorted(self.failed)
                ],
            },
            **self.totals.counts(),
        }

    def summaries(self) -> list[str]:
        """Sum the run up: the shards, all commands together and each by itself."""
        word = "shard" if self.shards == 1 else "shards"
        told = f"{self.shards} {word}, {self.made} made, {self.made_before} made before, {len(self.failed)} failed"
        return [f"{self._name}: {told}", *self.totals.summaries(self._name)]

    def judged(self, options: RunOptions, bad_dir: str | None) -> str:
        """Make sure that no more records were bad or dropped than allowed, and tell how many were bad.

        Raises:
            Fault: 3.
        """
        parts = [(command, tally) for command, tally in zip(self.totals.commands, self.totals.tallies, strict=True)]
        told = check_bad(parts, options.max_bad, f", set aside below {bad_dir}" if bad_dir else "")
        check_drops(parts, options.max_drop)
        return told and told + ("" if bad_dir else "; --bad-dir DIR keeps them")
