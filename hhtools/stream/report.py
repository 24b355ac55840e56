"""What became of every record: the tally, the line that sums it up, and the report as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

import hhtools
from hhtools.records import Dropped, Notes, Rows
from hhtools.stages import Settled
from hhtools.stream import urls
from hhtools.stream.console import as_text, say_line
from hhtools.stream.exits import Exit
from hhtools.stream.main import exit_code_of, keep_to_oneself
from hhtools.stream.outputs import write_file

if TYPE_CHECKING:
    from hhtools.stream.inputs import Input


@dataclass
class Tally:
    """Counts of records: read = used + dropped + bad + held, repaired or not; blank lines are no records."""

    read: int = 0
    used: int = 0
    blank: int = 0
    repaired: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)

    def settle(self, rows: Rows) -> None:
        """Count what a result says became of records: of this one, or of those that were held."""
        if isinstance(rows, Dropped):
            self.dropped[rows.reason] += 1
        elif isinstance(rows, Settled):
            self.used += rows.used
            self.dropped.update(rows.dropped)
        else:
            self.used += 1

    @property
    def held(self) -> int:
        """How many records a stage has yet to settle: none at the end, unless a signal or a bug came before it.

        >>> Tally(read=4, used=2, dropped=Counter({"tie": 1})).held
        1
        """
        return self.read - self.used - self.dropped.total() - self.bad.total()

    def counts(self) -> dict[str, Any]:
        """Give all the counts, as a report has them."""
        return {
            "read": self.read,
            "used": self.used,
            "dropped": dict(self.dropped),
            "bad": dict(self.bad),
            "held": self.held,
            "blank": self.blank,
            "repaired": self.repaired,
        }


def total_of(tallies: Sequence[Tally]) -> Tally:
    """Add up what became of records in stages in a row: read by the first, used by the last.

    >>> total_of([Tally(read=3, used=2, bad=Counter({"bad-json": 1})), Tally(read=2, used=1, dropped=Counter(["tie"]))])
    Tally(read=3, used=1, blank=0, repaired=0, dropped=Counter({'tie': 1}), bad=Counter({'bad-json': 1}))
    """
    first, last = tallies[0], tallies[-1]
    dropped, bad = (sum((getattr(each, kind) for each in tallies), Counter[str]()) for kind in ("dropped", "bad"))
    return Tally(first.read, last.used, first.blank, first.repaired, dropped, bad)


def summary(command: str, tally: Tally, written: int, notes: Notes) -> str:
    """Sum a run up in one line, which ends with what the stage has to say about its rows.

    >>> summary("hh-parse", Tally(read=3, used=2, dropped=Counter({"tie": 1})), 2, {"desirable": 2})
    'hh-parse: 3 read, 2 used, 1 dropped (tie 1), 0 bad; 2 rows written; desirable 2'
    """
    dropped, bad = with_reasons(tally.dropped, "dropped"), with_reasons(tally.bad, "bad")
    read = f"{tally.read} read ({tally.repaired} repaired)" if tally.repaired else f"{tally.read} read"
    told = f"{command}: {read}, {tally.used} used, {dropped}, {bad}; {written} rows written"
    return with_notes(told, notes)


def with_notes(told: str, notes: Notes) -> str:
    """Give a summary that ends with what there is to say about all the rows."""
    return "; ".join([told, ", ".join(f"{name} {value}" for name, value in notes.items())]) if notes else told


def report_of(
    command: str,
    argv: Sequence[str],
    inputs: Sequence[Input],
    counts: Mapping[str, Any],
    *,
    code: int,
    complete: bool,
    seconds: float,
) -> dict[str, Any]:
    """Make the report of a run around what it counted; URLs in it hold no secrets."""
    return {
        "command": command,
        "version": hhtools.__version__,
        "argv": [as_text(urls.redacted(word) if urls.is_url(word) else word) for word in argv],
        "inputs": [
            {"name": given.name, "bytes": given.bytes_read, "records": given.records, "end": given.end}
            for given in inputs
        ],
        **counts,
        "exit": code,
        "complete": complete,
        "seconds": round(seconds, 3),
    }


def write_report(command: str, path: str, report: Mapping[str, Any], code: int, timeout: int) -> int:
    """Write the report of a run that ends with a code, and give the code; that of the writing if only it failed."""
    content = orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def write() -> int:
        write_file(path, content, timeout)
        return Exit.OK

    failed = exit_code_of(f"{command}: --report", write, keep_to_oneself)
    return code or failed  # a report that fails must not hide why the run did


def say_what_may_be_cut(command: str, inputs: Sequence[Input]) -> None:
    """Tell of inputs of which nobody said where they end."""
    for line in what_may_be_cut(inputs):
        say_line(f"{command}: {line}")


def what_may_be_cut(inputs: Sequence[Input]) -> list[str]:
    """Give what is to be told of inputs of which nobody said where they end."""
    told = "its server did not say how long it is: an early end would not be seen"
    return [f"{given.name}: {told}" for given in inputs if given.may_be_cut()]


def with_reasons(counts: Counter[str], word: str) -> str:
    """Give a total and what it is made of, the most frequent first.

    >>> with_reasons(Counter({"tie": 1, "empty-answer": 4}), "dropped")
    '5 dropped (empty-answer 4, tie 1)'
    """
    reasons = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
    return f"{counts.total()} {word} ({reasons})" if counts else f"0 {word}"
