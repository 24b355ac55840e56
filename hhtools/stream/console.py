"""Standard error, and who is watching."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress

from hhtools.stream.exits import Exit


def say(text: str) -> None:
    """Write a line for people to standard error; when that is closed, the exit code still speaks."""
    with suppress(OSError):
        os.write(2, f"{text}\n".encode(errors="backslashreplace"))


def is_terminal(fd: int) -> bool:
    """Tell whether a descriptor is open and a terminal."""
    try:
        return os.isatty(fd)
    except OSError:
        return False


def tell_bug(command: str, error: Exception) -> int:
    """Tell of an error of hhtools itself, and give the exit code for it; no traceback unless HH_DEBUG asks for one."""
    if os.environ.get("HH_DEBUG"):
        say("".join(traceback.format_exception(error)).rstrip())
    say(f"{command}: internal error, please report it with what HH_DEBUG=1 shows: {error!r}")
    return Exit.BUG
