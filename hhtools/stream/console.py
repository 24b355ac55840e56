"""Standard error, and who is watching."""

from __future__ import annotations

import os


def say(text: str) -> None:
    """Write a line for people to standard error; when that is closed, the exit code still speaks."""
    try:
        os.write(2, f"{text}\n".encode(errors="backslashreplace"))
    except OSError:
        pass


def is_terminal(fd: int) -> bool:
    """Tell whether a descriptor is open and a terminal."""
    try:
        return os.isatty(fd)
    except OSError:
        return False
