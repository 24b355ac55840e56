"""The files that a run names beside its inputs, looked at before anything is read or opened."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from hhtools.stream.descriptors import STDOUT, is_open_descriptor
from hhtools.stream.exits import Exit, Fault, SameFile
from hhtools.stream.globs import expand_files
from hhtools.stream.names import STDIN
from hhtools.stream.options import ReadOptions, WriteOptions
from hhtools.stream.remote import silence_transports
from hhtools.stream.urls import WRITABLE, check_url, is_url, without_file_scheme

_Options = TypeVar("_Options", bound=ReadOptions)
_Identity = tuple[int, int]
_READ: dict[str, str | int] = {STDIN: 0}


class SideFiles(NamedTuple):
    """Where bad records and the report go; ``bad_wanted`` when a file was asked for, bad records or not."""

    bad: str | None
    bad_wanted: bool
    report: str | None


def located(options: _Options, expands: bool = True) -> _Options:
    """Give the options with what they name located: no URL that may not be opened, no ``file://``, no local pattern.

    Without ``expands``, patterns stay.

    Raises:
        Fault: 2 for a URL that may not be opened.
    """
    written = {field: target for field, target in options.written().items() if target is not None}
    if any(map(is_url, (*options.paths, *written.values()))):
        silence_transports()
    for path in filter(is_url, options.paths):
        check_url(path)
    for target in filter(is_url, written.values()):
        check_url(target, WRITABLE)
    paths = [without_file_scheme(path) for path in options.paths]
    paths = expand_files(paths) if expands else paths
    located_fields: dict[str, Any] = {field: without_file_scheme(target) for field, target in written.items()}
    return replace(options, paths=tuple(paths), **located_fields)


def side_files(name: str, options: WriteOptions) -> SideFiles:
    """Name the side files of a run, from its options or from HH_BAD_DIR and HH_REPORT_DIR.

    Raises:
        Fault: 73 when the folder cannot be made.
    """
    return SideFiles(
        options.bad if options.bad is not None else _in_folder("HH_BAD_DIR", name, "jsonl"),
        options.bad is not None,
        report_file(name, options),
    )


def report_file(name: str, options: ReadOptions) -> str | None:
    """Name the file of a run's report, from its options or from HH_REPORT_DIR.

    Raises:
        Fault: 73 when the folder cannot be made.
    """
    return options.report if options.report is not None else _in_folder("HH_REPORT_DIR", name, "json")


def file_in(folder: str, name: str, asked_by: str) -> str:
    """Name a file to be written in a folder, which is made if need be, or an object below a URL of S3.

    Raises:
        Fault: 2 for a URL that may not be written, 73 when the folder cannot be made.
    """
    folder = without_file_scheme(folder)
    if is_url(folder):
        url = f"{folder.rstrip('/')}/{name}"
        check_url(url, WRITABLE)
        silence_transports()
        return url
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise Fault(Exit.NO_OUTPUT, f"{asked_by}: {folder}: cannot be made: {error.strerror}") from None
    return os.path.join(folder, name)


def check_files(paths: Sequence[str], outputs: Mapping[str, str | None]) -> None:
    """Make sure that no output of a run is an input, or another output; ``outputs`` has the file of each option.

    ``-o FILE`` may name an input: it is replaced only when all of it was read.

    Raises:
        Fault: 2 for two uses of one file, 73 for a folder that is not there; SameFile when standard output is an input.
    """
    inputs = {identity: path for path in paths or (STDIN,) if (identity := _identity(_READ.get(path, path)))}
    if outputs.get("-o") in (None, STDOUT) and (standard_output := _identity(1)) in inputs:
        emptied = "" if os.fstat(1).st_size else " (the shell has already emptied it)"
        way_out = "; use -o FILE to replace it" if "-o" in outputs else ""
        told = f"{inputs[standard_output]}: input file is output file{emptied}{way_out}"
        raise SameFile(Exit.NO_OUTPUT, told)
    taken: dict[str, str] = {}
    for option, path in outputs.items():
        if path is not None and not (option == "-o" and path == STDOUT) and not is_open_descriptor(path):
            target = path if is_url(path) else _checked_target(option, path)
            if option != "-o" and (_identity(path) in inputs or (is_url(path) and path in paths)):
                raise Fault(Exit.USAGE, f"{option}: {path} is an input")
            if target in taken and (not os.path.exists(target) or os.path.isfile(target)):
                raise Fault(Exit.USAGE, f"{option} and {taken[target]} name the same file: {path}")
            taken[target] = option


def _checked_target(option: str, path: str) -> str:
    if path == STDOUT:
        raise Fault(Exit.USAGE, f"{option} -: standard output is taken; name a file, such as /dev/stderr")
    if not path:
        raise Fault(Exit.USAGE, f"{option}: a file name is needed, and this one is empty")
    target = os.path.realpath(path)
    if os.path.isdir(target):
        raise Fault(Exit.NO_OUTPUT, f"{option}: {path}: is a folder")
    if not os.path.isdir(os.path.dirname(target)):
        raise Fault(Exit.NO_OUTPUT, f"{option}: {path}: there is no folder {os.path.dirname(target)}")
    return target


def _identity(file: str | int) -> _Identity | None:
    # Of a regular file; terminals, pipes and devices may well be read and written.
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _in_folder(variable: str, name: str, suffix: str) -> str | None:
    folder = os.environ.get(variable, "").rstrip("/")
    if not folder:
        return None
    if is_url(folder):
        check_url(f"{folder}/x", WRITABLE)
        silence_transports()
    folder = without_file_scheme(folder)
    if is_url(folder):  # processes on several machines may well have the same number
        return f"{folder}/{name}.{socket.gethostname()}.{os.getpid()}.{suffix}"
    return file_in(folder, f"{name}.{os.getpid()}.{suffix}", variable)
