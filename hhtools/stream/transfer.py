"""The body of a URL on its way in, counted against the length that was promised."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BufferedIOBase, UnsupportedOperation

from hhtools.stream.exits import Exit, Fault, InputFault

PIECE = 1 << 15
"""How many bytes a connection that breaks off may cost of those that had come: a transport keeps a piece to itself."""


class Transfer:
    """A stream from the network that gives every byte, or says that it does not.

    ``fault_of`` turns what the transport raises into the end of a run. ``length`` is how many bytes were promised, None
    when nothing was; ``is_whole`` tells that all of them have come (or that the transport itself can tell an end from
    a cut). Too few of them are an error with the code ``too_short``.
    """

    def __init__(
        self,
        stream: BufferedIOBase,
        name: str,
        fault_of: Callable[[Exception], Fault],
        *,
        length: int | None,
        too_short: Exit,
        tells_its_end: bool = False,
    ) -> None:
        self.is_whole = False
        self._stream = stream
        self._name = name
        self._fault_of = fault_of
        self._length = length
        self._too_short = too_short
        self._tells_its_end = tells_its_end
        self._count = 0
        self._position = 0
        self._has_moved = False

    def read(self, size: int, /) -> bytes:
        """Read at most size bytes; none at the end.

        Raises:
            Fault: when the transfer breaks off, or ends before its promised length.
        """
        try:
            if self._has_moved:
                self._stream.seek(self._position)
                self._has_moved = False
            chunk = self._stream.read(min(size, PIECE))
        except UnsupportedOperation:
            raise Fault(Exit.NO_INPUT, f"{self._name}: its server gives the whole only; download it first") from None
        except Exception as error:  # every transport has exceptions of its own
            fault = self._fault_of(error)
            raise InputFault(fault.code, f"{fault.message}; {self._count} bytes had come") from error
        self._count += len(chunk)
        self._position += len(chunk)
        if not chunk:
            if self._length is not None and self._position != self._length:
                raise InputFault(
                    self._too_short, f"{self._name}: ended after {self._position} of {self._length} bytes; try again"
                )
            self.is_whole = self._length is not None or self._tells_its_end
        return chunk

    def seekable(self) -> bool:
        """Tell whether it can be read from any position: its length is known, and its server gives parts."""
        return self._length is not None and self._stream.seekable()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a position, and give it; only a read asks the server for what is there."""
        self._position = offset + (self._length or 0 if whence == os.SEEK_END else 0)
        self._has_moved = True
        return self._position

    def close(self) -> None:
        """Give the connection back."""
        self._stream.close()

    def fileno(self) -> int:
        """There is none to wait for: a read waits itself."""
        raise OSError("a transfer has no descriptor")
