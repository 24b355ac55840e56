"""The files that a run names beside its inputs, looked at before anything is read or opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from hhtools.stream.descriptors import STDOUT, is_open_descriptor
from hhtools.stream.exits import Exit, Fault, SameFile
from hhtools.stream.inputs import STDIN
from hhtools.stream.options import RunOptions

_Identity = tuple[int, int]
_READ: dict[str, str | int] = {STDIN: 0}


class SideFiles(NamedTuple):
    """Where bad records and the report go; ``bad_wanted`` when a file was asked for, bad records or not."""

    bad: str | None
    bad_wanted: bool
    report: str | None


def side_files(name: str, options: RunOptions) -> SideFiles:
    """Name the side files of a run, from its options or from HH_BAD_DIR and HH_REPORT_DIR.

    Raises:
        Fault: 73 when the folder cannot be made.
    """
    return SideFiles(
        options.bad if options.bad is not None else _in_folder("HH_BAD_DIR", name, "jsonl"),
        options.bad is not None,
        options.report if options.report is not None else _in_folder("HH_REPORT_DIR", name, "json"),
    )


def check_files(options: RunOptions, side: SideFiles) -> None:
    """Make sure that no output of a run is an input, or another output.

    ``-o FILE`` may name an input: it is replaced only when all of it was read.

    Raises:
        Fault: 2 for two uses of one file, 73 for a folder that is not there; SameFile when standard output is an input.
    """
    inputs = {identity: path for path in options.paths or (STDIN,) if (identity := _identity(_READ.get(path, path)))}
    if options.output in (None, STDOUT) and (standard_output := _identity(1)) in inputs:
        emptied = "" if os.fstat(1).st_size else " (the shell has already emptied it)"
        path = inputs[standard_output]
        raise SameFile(Exit.NO_OUTPUT, f"{path}: input file is output file{emptied}; use -o FILE to replace it")
    taken: dict[str, str] = {}
    for option, path in _named(options, side):
        if path == STDOUT and option != "-o":
            raise Fault(Exit.USAGE, f"{option} -: rows go to standard output; name a file, such as /dev/stderr")
        if not path:
            raise Fault(Exit.USAGE, f"{option}: a file name is needed, and this one is empty")
        if is_open_descriptor(path):
            continue
        target = os.path.realpath(path)
        if os.path.isdir(target):
            raise Fault(Exit.NO_OUTPUT, f"{option}: {path}: is a folder")
        if not os.path.isdir(os.path.dirname(target)):
            raise Fault(Exit.NO_OUTPUT, f"{option}: {path}: there is no folder {os.path.dirname(target)}")
        if option != "-o" and _identity(path) in inputs:
            raise Fault(Exit.USAGE, f"{option}: {path} is an input")
        if target in taken and (not os.path.exists(target) or os.path.isfile(target)):
            raise Fault(Exit.USAGE, f"{option} and {taken[target]} name the same file: {path}")
        taken[target] = option


def _named(options: RunOptions, side: SideFiles) -> Iterator[tuple[str, str]]:
    for option, path in (("-o", options.output), ("--bad", side.bad), ("--report", side.report)):
        if path is not None and not (option == "-o" and path == STDOUT):
            yield option, path


def _identity(file: str | int) -> _Identity | None:
    # Of a regular file; terminals, pipes and devices may well be read and written.
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _in_folder(variable: str, name: str, suffix: str) -> str | None:
    folder = os.environ.get(variable)
    if not folder:
        return None
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise Fault(Exit.NO_OUTPUT, f"{variable}: {folder}: cannot be made: {error.strerror}") from None
    return os.path.join(folder, f"{name}.{os.getpid()}.{suffix}")
