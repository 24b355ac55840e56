"""The abort marker: how a command tells the next one in a pipe that its rows are not all there are.

To a shell, a program that failed looks like one that had no more to say. So a command that ends early writes one last
line, which is no JSON: the next hhtools command ends with 74 and hands it on, and every reader of JSON refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

from hhtools.stream.console import is_terminal
from hhtools.stream.exits import BrokenOutput, Exit, Fault, InputFault
from hhtools.stream.outputs import Output

_START = b"\x18hh-abort "
_LONGEST = 500  # characters of a message: a pipe that can be written has room for a whole marker


def abort_marker(command: str, code: int, message: str) -> bytes:
    r"""Make the last line of a command that ended early.

    >>> abort_marker("hh-parse", 65, "x:1: bad-json: ...")
    b'\x18hh-abort {"command": "hh-parse", "exit": 65, "message": "x:1: bad-json: ..."}\n'
    """
    return _START + json.dumps({"command": command, "exit": int(code), "message": message}).encode() + b"\n"


def mark_output(open_output: Callable[[], Output], command: str, code: int, message: str) -> None:
    """End standard output with an abort marker, unless people read it or nobody does."""
    if not is_terminal(1):
        with suppress(OSError, Fault, BrokenOutput):
            open_output().last_words(abort_marker(command, code, message[:_LONGEST]))


def heed_abort_marker(name: str, number: int, line: bytes) -> None:
    """Look at a line that is no JSON: it may be an abort marker, or half a row with one behind it.

    Raises:
        InputFault: when it is one, with what it says.
    """
    if _START in line:
        message = f"{name}:{number}: the program before this one stopped: {_told_by(line)}"
        raise InputFault(Exit.IO, message)


def _told_by(marker: bytes) -> str:
    try:
        told = json.loads(marker.partition(_START)[2])
        return f"{told['command']} ended with exit code {told['exit']}: {told['message']}"
    except (ValueError, KeyError, TypeError):
        return "it left no reason"
