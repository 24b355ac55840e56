"""The files that a run names beside its inputs, looked at before anything is read or opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from hhtools.stream.descriptors import STDOUT, is_open_descriptor
from hhtools.stream.exits import Exit, Fault, SameFile
from hhtools.stream.globs import expand
from hhtools.stream.inputs import STDIN
from hhtools.stream.options import RunOptions
from hhtools.stream.remote import urls_like
from hhtools.stream.urls import WRITABLE, check_url, is_url, without_file_scheme

_Identity = tuple[int, int]
_READ: dict[str, str | int] = {STDIN: 0}


class SideFiles(NamedTuple):
    """Where bad records and the report go; ``bad_wanted`` when a file was asked for, bad records or not."""

    bad: str | None
    bad_wanted: bool
    report: str | None


def located(options: RunOptions) -> RunOptions:
    """Give the options with what they name located: no URL that may not be opened, no pattern, no ``file://``.

    Raises:
        Fault: 2 for a URL that may not be opened, 66 for a pattern that nothing matches, 75 and 77 when S3 cannot list.
    """
    written = (options.output, options.bad, options.report)
    for path in filter(is_url, options.paths):
        check_url(path)
    for target in written:
        if target is not None and is_url(target):
            check_url(target, WRITABLE)
    output, bad, report = (None if target is None else without_file_scheme(target) for target in written)
    paths = expand([without_file_scheme(path) for path in options.paths], partial(urls_like, timeout=options.timeout))
    return options._replace(paths=tuple(paths), output=output, bad=bad, report=report)


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
        target = path if is_url(path) else _checked_target(option, path)
        if option != "-o" and (_identity(path) in inputs or (is_url(path) and path in options.paths)):
            raise Fault(Exit.USAGE, f"{option}: {path} is an input")
        if target in taken and (not os.path.exists(target) or os.path.isfile(target)):
            raise Fault(Exit.USAGE, f"{option} and {taken[target]} name the same file: {path}")
        taken[target] = option


def _checked_target(option: str, path: str) -> str:
    target = os.path.realpath(path)
    if os.path.isdir(target):
        raise Fault(Exit.NO_OUTPUT, f"{option}: {path}: is a folder")
    if not os.path.isdir(os.path.dirname(target)):
        raise Fault(Exit.NO_OUTPUT, f"{option}: {path}: there is no folder {os.path.dirname(target)}")
    return target


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
    if is_url(folder):
        check_url(f"{folder}/x", WRITABLE)
        return f"{folder.rstrip('/')}/{name}.{os.getpid()}.{suffix}"
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise Fault(Exit.NO_OUTPUT, f"{variable}: {folder}: cannot be made: {error.strerror}") from None
    return os.path.join(folder, f"{name}.{os.getpid()}.{suffix}")
