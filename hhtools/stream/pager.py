"""What a terminal is to people who read there: its width, its colours, and a pager in front of it."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hhtools.stream.console import is_terminal
from hhtools.stream.exits import BrokenOutput, Exit, Fault
from hhtools.stream.signals import raise_if_asked, sharing_terminal

_NOT_RUN = {126, 127}  # a shell's codes for a program that cannot be run, or is not there


def terminal_width() -> int:
    """Give the columns of the terminal on standard output: as COLUMNS says, or the terminal; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def wants_color() -> bool:
    """Tell whether standard output gets colour.

    In order: NO_COLOR (no-color.org) forbids it, FORCE_COLOR asks for it, and a terminal gets it unless it is dumb.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_terminal(1) and os.environ.get("TERM", "") not in ("", "dumb")


@contextmanager
def paged() -> Iterator[None]:
    """Put a pager between standard output and its terminal while the block runs, as git does; elsewhere do nothing.

    It is $PAGER, or less, which ends by itself when all fits on one screen. One that is left early is no error: then
    the rest of the block is not done.

    Raises:
        Fault: 73 when the pager cannot be run.
    """
    pager = os.environ.get("PAGER", "less" if shutil.which("less") else "")
    if not is_terminal(1) or pager in ("", "cat"):
        yield
        return
    running = _Pager(pager)
    with sharing_terminal():
        try:
            with suppress(BrokenOutput):
                yield
            raise_if_asked()
        finally:
            code = running.wait()
    if code in _NOT_RUN:
        raise Fault(Exit.NO_OUTPUT, f"the pager cannot be run: {pager}; set PAGER to another, or to cat")


class _Pager:
    # Takes the place of the terminal on standard output, until it is waited for.
    def __init__(self, command: str) -> None:
        self._terminal = os.dup(1)
        reader, writer = os.pipe()
        self._pid = os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", command],
            {"LESS": "FRX", "LV": "-c", **os.environ},
            file_actions=[(os.POSIX_SPAWN_DUP2, reader, 0)],
            setsigdef=[signal.SIGPIPE],
        )
        os.close(reader)
        os.dup2(writer, 1, inheritable=False)
        os.close(writer)

    def wait(self) -> int:
        # ^C is the pager's as long as it shows something: it goes to all programs of the terminal.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.dup2(self._terminal, 1)  # the end of what the pager reads
        os.close(self._terminal)
        _, status = os.waitpid(self._pid, 0)
        signal.signal(signal.SIGINT, before)
        return os.waitstatus_to_exitcode(status)
