"""Exit codes, and the one exception that carries them to the end of a command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Why a command ended; sysexits where they fit, so that cron and make can tell what helps."""

    OK = 0
    BUG = 1
    USAGE = 2
    TOO_MANY = 3
    BAD_RECORD = 65
    NO_INPUT = 66
    NO_OUTPUT = 73
    IO = 74
    NETWORK = 75
    PERMISSION = 77
    MISSING_EXTRA = 78


MEANINGS = {
    Exit.BUG: "a bug of hhtools; HH_DEBUG=1 shows it",
    Exit.USAGE: "wrong option or argument, or no input but a terminal",
    Exit.NO_INPUT: "an input cannot be opened",
    Exit.NO_OUTPUT: "an output cannot be created",
    Exit.IO: "an input ended early or is corrupt, a write failed, or memory ran out",
    Exit.NETWORK: "network trouble: try again",
    Exit.PERMISSION: "permission or credentials are missing",
    Exit.MISSING_EXTRA: "an optional package is missing",
}
"""What exit codes mean in every command."""

FILTER_MEANINGS = {
    Exit.OK: "every record was used, dropped on purpose, or set aside as asked",
    Exit.TOO_MANY: "read to the end, but more records were bad or dropped than allowed; -o FILE is not written",
    Exit.BAD_RECORD: "stopped at a bad record",
}
"""What the others mean in a filter."""

SPLIT_MEANINGS = {
    Exit.OK: "every record is in one of the files, or set aside as asked",
    Exit.TOO_MANY: "read to the end, but more records were bad than allowed; no file is written",
    Exit.BAD_RECORD: "stopped at a bad record; no file is written",
}
"""What they mean in a command that parts records among files."""

SIGNALLED = 128
"""Codes above this mean death by a signal, as a shell shows them: 130 by SIGINT, 141 by SIGPIPE."""

COMPLETE = {Exit.OK, Exit.TOO_MANY}
"""The codes after which standard output holds all there was to write."""


class Fault(Exception):
    """The end of a run: its exit code, and one line that says where, what, and the way out."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class InputFault(Fault):
    """An input that ended early or is corrupt; what was read before it is good and has been passed on."""


def out_of_memory(name: str, records: int) -> Fault:
    """Make the error for an input whose next record is too much for the memory."""
    where = f"{name}: out of memory behind record {records}"
    return Fault(Exit.IO, f"{where}; --max-line BYTES makes longer lines bad records")


class FileExists(Fault):
    """An output that is there already, and must stay."""


class SameFile(Fault):
    """Standard output is an input: not even an abort marker may be written there."""


class BrokenOutput(Exception):
    """The reader of standard output has gone away."""


class Bug(Exception):
    """An error of hhtools itself, with the record at which it showed."""
