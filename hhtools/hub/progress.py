"""How far a file has come, in one line on a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from hhtools.hub.catalogue import RemoteFile
from hhtools.hub.download import Told
from hhtools.stream.console import overwrite, terminal_width

_EVERY = 0.1  # seconds


@contextmanager
def progress(file: RemoteFile) -> Iterator[Told]:
    """Show on standard error, which is a terminal, how far a file has come, until the block is left."""
    line = _Line(file.place.path, file.size)
    try:
        yield line.show
    finally:
        line.erase()


class _Line:
    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._first = size + 1
        self._began = self._shown = 0.0

    def show(self, count: int) -> None:
        now = time.monotonic()
        if count < self._first:  # it begins, or begins again
            self._first, self._began = count, now
        if now - self._shown >= _EVERY:
            self._shown = now
            told = line_of(self._name, count, self._size, count - self._first, now - self._began, terminal_width())
            overwrite(told.ljust(terminal_width()))

    def erase(self) -> None:
        if self._shown:
            overwrite(" " * terminal_width())
            overwrite("")


def line_of(name: str, count: int, size: int, came: int, seconds: float, width: int) -> str:
    """Tell in a line of at most so many columns how much is there of what, how fast it comes, and how long it takes.

    >>> line_of("helpful-base/train.jsonl.gz", 8_100_000, 16_200_131, 5_000_000, 2.0, 79)
    'helpful-base/train.jsonl.gz: 8.1 of 16.2 MB, 49%, 2.5 MB/s, 0:03 left'
    >>> line_of("helpful-base/train.jsonl.gz", 8_100_000, 16_200_131, 0, 0.0, 39)
    'ase/train.jsonl.gz: 8.1 of 16.2 MB, 49%'
    """
    told = f": {count / 1e6:.1f} of {size / 1e6:.1f} MB, {100 * count // max(size, 1)}%"
    if came and seconds > _EVERY:
        rate = came / seconds
        minutes, left = divmod(round((size - count) / rate), 60)
        told += f", {rate / 1e6:.1f} MB/s, {minutes}:{left:02} left"
    return (name + told)[-width:]
