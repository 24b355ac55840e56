"""The shards of a run: what is read, in which version, and what the output of each is called."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hhtools.scale.places import is_below, place_of
from hhtools.stream import remote, urls
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.globs import expand_files, expand_objects, fixed_start, is_pattern
from hhtools.stream.inputs import check_readable
from hhtools.stream.names import name_of, stem_of

OWN_FOLDER = "_hh"
"""The folder beside the outputs in which a run keeps its plan and its reports."""

SUCCESS = "_SUCCESS"
"""The empty file that says that all outputs beside it are complete."""


class Shard(NamedTuple):
    """One input, which becomes one output.

    ``version`` changes whenever the bytes at ``path`` do; it is None where nobody can tell. ``name`` is the output's,
    relative to the folder of all outputs.
    """

    path: str
    version: str | None
    name: str


def find_shards(paths: Sequence[str], taken: Sequence[str], compress: str | None, timeout: int) -> list[Shard]:
    """Find the shards that paths and patterns stand for, in the order of their output names.

    An output is named as its input, below the folder that all paths share; of a pattern, that is the folder in front of
    what stands for something else. ``taken`` are the folders that are written to: no input may lie there.

    Raises:
        Fault: 2 for two inputs whose outputs would have one name, and for names and places that an output cannot have;
            66 and the like when an input is not there.
    """
    suffix = suffix_for(compress)
    root = os.path.commonpath([_folder_of(path) for path in paths])
    shards: dict[str, Shard] = {}
    for path, version in _inputs(paths, timeout):
        folder, file = os.path.split(os.path.relpath("/" + place_of(path), root))
        name = os.path.join(folder, stem_of(file) + suffix)
        _check_place(path, name, taken)
        if name in shards:
            twice = f"{name_of(shards[name].path)} and {name_of(path)} would both become {name}"
            raise Fault(Exit.USAGE, f"{twice}; rename one of them, or give them an -O of their own")
        shards[name] = Shard(path, version, name)
    return [shards[name] for name in sorted(shards, key=os.fsencode)]


def suffix_for(compress: str | None) -> str:
    """Give what the names of all outputs end with."""
    return f".jsonl.{compress}" if compress else ".jsonl"


def version_of(path: str, timeout: int) -> str | None:
    """Give what changes whenever the bytes of an input do: of a file, its size and the time of its last change.

    Raises:
        Fault: 2 for what is no file that can be read again; 66 and the like when it is not there.
    """
    if urls.is_url(path):
        return remote.version_of(path, timeout)
    check_readable(path)
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise Fault(Exit.USAGE, f"{name_of(path)}: is no file that can be read again, and so no shard")
    return f"{status.st_size} {status.st_mtime_ns}"


def _inputs(paths: Sequence[str], timeout: int) -> Iterator[tuple[str, str | None]]:
    for path in paths:
        if urls.is_url(path) and is_pattern(path) and urls.scheme_of(path) in urls.LISTED:
            yield from _objects(path, timeout)
        else:
            for found in expand_objects(expand_files([path]), lambda pattern: [pattern]):
                located = found if urls.is_url(found) else os.path.abspath(found)
                yield located, version_of(located, timeout)


def _objects(pattern: str, timeout: int) -> Iterator[tuple[str, str | None]]:
    versions = remote.versions_like(pattern, timeout)
    return ((url, versions[url]) for url in expand_objects([pattern], lambda _pattern: list(versions)))


def _folder_of(path: str) -> str:
    literal = not is_pattern(path) or os.path.lexists(path)
    return "/" + os.path.dirname(place_of(path if literal else f"{fixed_start(path)}x"))


def _check_place(path: str, name: str, taken: Sequence[str]) -> None:
    if not urls.stays_inside(name) or name.split("/")[0] in (OWN_FOLDER, SUCCESS):
        raise Fault(Exit.USAGE, f"{name_of(path)}: no output can have this name, {name!r}")
    for folder in taken:
        if is_below(path, folder):
            raise Fault(Exit.USAGE, f"{name_of(path)}: lies below {folder}, which is written to; name another folder")
