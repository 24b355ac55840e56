"""What became of every record: the tally, the line that sums it up, and the report as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import hhtools
from hhtools.stream import remote
from hhtools.stream.console import as_text
from hhtools.stream.exits import COMPLETE

if TYPE_CHECKING:
    from hhtools.stream.inputs import Input


@dataclass
class Tally:
    """Counts of records: read = used + dropped + bad, repaired or not; blank lines are no records."""

    read: int = 0
    used: int = 0
    blank: int = 0
    repaired: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)

    def balances(self) -> bool:
        """Tell whether every record read is accounted for.

        >>> Tally(read=3, used=2, dropped=Counter({"tie": 1})).balances()
        True
        """
        return self.read == self.used + self.dropped.total() + self.bad.total()


def summary(command: str, tally: Tally, written: int) -> str:
    """Sum a run up in one line.

    >>> summary("hh-unpack-kto", Tally(read=3, used=2, dropped=Counter({"tie": 1})), 4)
    'hh-unpack-kto: 3 read, 2 used, 1 dropped (tie 1), 0 bad; 4 rows written'
    """
    dropped, bad = with_reasons(tally.dropped, "dropped"), with_reasons(tally.bad, "bad")
    read = f"{tally.read} read ({tally.repaired} repaired)" if tally.repaired else f"{tally.read} read"
    return f"{command}: {read}, {tally.used} used, {dropped}, {bad}; {written} rows written"


def report_of(
    command: str, argv: Sequence[str], inputs: Sequence[Input], tally: Tally, written: int, code: int
) -> dict[str, Any]:
    """Make the report of a run; URLs in it hold no secrets."""
    return {
        "command": command,
        "version": hhtools.__version__,
        "argv": [as_text(remote.redacted(word) if remote.is_url(word) else word) for word in argv],
        "inputs": [
            {"name": given.name, "bytes": given.bytes_read, "records": given.records, "end": given.end}
            for given in inputs
        ],
        "read": tally.read,
        "used": tally.used,
        "dropped": dict(tally.dropped),
        "bad": dict(tally.bad),
        "blank": tally.blank,
        "repaired": tally.repaired,
        "written": written,
        "exit": code,
        "complete": code in COMPLETE,
    }


def with_reasons(counts: Counter[str], word: str) -> str:
    """Give a total and what it is made of, the most frequent first.

    >>> with_reasons(Counter({"tie": 1, "empty-answer": 4}), "dropped")
    '5 dropped (empty-answer 4, tie 1)'
    """
    reasons = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
    return f"{counts.total()} {word} ({reasons})" if counts else f"0 {word}"
