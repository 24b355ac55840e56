"""Standard error, and who is watching."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress

from hhtools.stream.exits import Exit

_USUAL_WIDTH = 80

CLOSED: set[int] = set()
"""Which of the descriptors 0, 1 and 2 were closed when the command started."""


def hold_standard_descriptors() -> None:
    """Put /dev/null where 0, 1 or 2 is closed, so that no file opened later takes its place, also in a child."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            CLOSED.add(fd)
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest free number


def say(text: str) -> None:
    """Write text for people to standard error; when that is closed, the exit code still speaks."""
    with suppress(OSError):
        os.write(2, f"{text}\n".encode(errors="backslashreplace"))


def say_line(line: str) -> None:
    r"""Write one line for people to standard error, with everything escaped that a terminal would obey.

    >>> escaped("a\nb \x1b[31m é")
    'a\\nb \\x1b[31m é'
    """
    say(escaped(line))


def overwrite(line: str) -> None:
    """Write one line for people over the last line of standard error, which is a terminal."""
    with suppress(OSError):
        os.write(2, f"\r{escaped(line)}".encode(errors="backslashreplace"))


def terminal_width() -> int:
    """Give how many columns of standard error, which is a terminal, a line may have that is written over."""
    return (os.get_terminal_size(2).columns or _USUAL_WIDTH) - 1  # the last one begins a new line


def escaped(text: str) -> str:
    """Give a text with its control characters, line breaks and broken characters written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def as_text(name: str) -> str:
    """Give a name of the command line or the file system as text that is UTF-8, whatever the locale."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


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
    say_line(f"{command}: internal error, please report it with what HH_DEBUG=1 shows: {error!r}")
    return Exit.BUG
