"""How far a run over shards has come, in one line on a terminal."""

from __future__ import annotations

import time

from hhtools.stream.console import overwrite, terminal_width

_EVERY = 0.2  # seconds


class Progress:
    """A line on standard error, which is a terminal, about shards and records."""

    def __init__(self, shards: int) -> None:
        self._shards = shards
        self._done = self._records = 0
        self._began = time.monotonic()
        self._shown = 0.0
        self._show(f"0 of {shards:,} shards")

    def add(self, records: int, failed: int) -> None:
        """Count one more shard, and show the line if it is time to; ``failed`` is how many have failed by now."""
        self._done += 1
        self._records += records
        now = time.monotonic()
        if now - self._shown >= _EVERY:
            self._show(line_of(self._done, self._shards, failed, self._records, now - self._began))

    def _show(self, told: str) -> None:
        self._shown = time.monotonic()
        width = terminal_width()
        overwrite(told[:width].ljust(width))

    def erase(self) -> None:
        """Leave the terminal as if nothing had been shown."""
        if self._shown:
            overwrite(" " * terminal_width())
            overwrite("")
            self._shown = 0.0


def line_of(done: int, shards: int, failed: int, records: int, seconds: float) -> str:
    """Tell how many shards are done, how fast records are read, and how long the rest takes at this pace.

    >>> line_of(25, 100, 0, 500_000, 10.0)
    '25 of 100 shards, 50,000 records/s, 0:00:30 left'
    >>> line_of(25, 100, 2, 500_000, 10.0)
    '25 of 100 shards (2 failed), 50,000 records/s, 0:00:30 left'
    """
    rate = records / seconds if seconds else 0.0
    minutes, left = divmod(round(seconds / done * (shards - done)), 60)
    hours, minutes = divmod(minutes, 60)
    of_them = f" ({failed} failed)" if failed else ""
    return f"{done:,} of {shards:,} shards{of_them}, {rate:,.0f} records/s, {hours}:{minutes:02}:{left:02} left"
