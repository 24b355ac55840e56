"""The bytes of one input as the kernel or the network hands them over, counted, with room to look ahead."""

from __future__ import annotations

import select
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from hhtools.stream.exits import Exit, InputFault
from hhtools.stream.signals import raise_if_asked

CHUNK = 1 << 17


class Raw(Protocol):
    """What a feed reads from: an unbuffered file, or the stream of a URL."""

    def read(self, size: int, /) -> bytes | None:
        """Read at most size bytes; none at the end."""

    def close(self) -> None:
        """Give the descriptor or the connection back."""

    def fileno(self) -> int:
        """Give the descriptor."""


class Feed:
    """A raw input with look-ahead, which tells before it may have to wait for more.

    ``before_wait`` is called each time the feed goes back to the kernel: that is when output must not be held back.
    """

    def __init__(self, name: str, raw: Raw, before_wait: Callable[[], None] = lambda: None) -> None:
        self.name = name
        self.bytes_read = 0
        self._raw = raw
        self._before_wait = before_wait
        self._ahead = b""
        self._ended = False

    def chunk(self) -> bytes:
        """Give the next bytes, however many there are at once; none at the end."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        if self._ended:  # a terminal would ask for a second ^D
            return b""
        self._before_wait()
        raise_if_asked()
        try:
            while (chunk := self._raw.read(CHUNK)) is None:  # a descriptor that somebody made non-blocking
                select.select([self._raw], [], [])
        except OSError as error:
            raise self.fault(f"read error: {error.strerror or error}") from error
        self.bytes_read += len(chunk)
        self._ended = not chunk
        return chunk

    def peek(self, size: int) -> bytes:
        """Give the next bytes without taking them: size of them at least, unless the end comes first."""
        parts = [self._ahead] if self._ahead else []
        self._ahead = b""
        while sum(map(len, parts)) < size and (part := self.chunk()):
            parts.append(part)
        self._ahead = b"".join(parts)
        return self._ahead

    def take(self, size: int) -> bytes:
        """Give and take exactly size bytes, or all that are left."""
        ahead = self.peek(size)
        self._ahead = ahead[size:]
        return ahead[:size]

    def give_back(self, unused: bytes) -> None:
        """Put back bytes that were taken too early."""
        self._ahead = unused + self._ahead

    def fault(self, what: str) -> InputFault:
        """Make the error for an input that is cut short or corrupt."""
        return InputFault(Exit.IO, f"{self.name}: {what}")

    def close(self) -> None:
        """Close the input; nothing that goes wrong here undoes what was read."""
        with suppress(OSError):
            self._raw.close()
