"""Where a run over shards writes: places apart from each other, and from what is read."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from functools import cache

from hhtools.stream import urls
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.files import check_files
from hhtools.stream.globs import expand_files, regex_of


def place_of(path: str) -> str:
    """Say where a path or URL lies, with the host or the bucket in front: all places are below one root.

    >>> place_of("s3://bucket/hh/a.jsonl"), place_of("/data/b/../a.jsonl")
    ('s3:/bucket/hh/a.jsonl', 'data/a.jsonl')
    """
    if not urls.is_url(path):
        return os.path.abspath(path).lstrip("/")
    host = urls.redacted(path).partition("://")[2].partition("/")[0]
    return f"{urls.scheme_of(path)}:/{host}/{urls.path_of(path).lstrip('/')}"


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path or URL is a folder, or lies in it, links on the way followed.

    >>> is_below("s3://bucket/hh/a", "s3://bucket/hh"), is_below("s3://bucket/hhh", "s3://bucket/hh")
    (True, False)
    """
    outer = _followed_place_of(folder if urls.is_url(folder) else os.path.abspath(folder))
    return not outer or f"{_real_place_of(path)}/".startswith(f"{outer}/")


def check_apart(output_dir: str, bad_dir: str | None, report: str | None, inputs: Sequence[str]) -> None:
    """Make sure that nothing but outputs is written among the outputs, and no report over a file that is read.

    ``inputs`` are paths and patterns, as they were given.

    Raises:
        Fault: 2, and 73 for a report in a folder that is not there.
    """
    if bad_dir is not None and (is_below(bad_dir, output_dir) or is_below(output_dir, bad_dir)):
        raise Fault(Exit.USAGE, f"--bad-dir: {bad_dir} and -O {output_dir} are not apart; name another folder")
    for option, folder in (("-O", output_dir), ("--bad-dir", bad_dir)):
        if report is not None and folder is not None and is_below(report, folder):
            raise Fault(Exit.USAGE, f"--report: {report} lies below {option} {folder}; name another place")
    if report is None:
        return
    if any(report == url or regex_of(url).fullmatch(report) for url in inputs if urls.is_url(url)):
        raise Fault(Exit.USAGE, f"--report: {report} is an input")
    check_files(expand_files(inputs), {"--report": report})


def bad_dir_from_environment(output_dir: str) -> str | None:
    """Name the folder of bad records that HH_BAD_DIR asks for: the same one for each run into a folder of outputs."""
    folder = os.environ.get("HH_BAD_DIR", "").rstrip("/")
    return f"{folder}/hh-run.{zlib.crc32(os.fsencode(place_of(output_dir))):08x}" if folder else None


def _real_place_of(path: str) -> str:
    if urls.is_url(path):
        return place_of(path)
    # The folder of many thousands of inputs is followed once.
    folder, name = os.path.split(os.path.abspath(path))
    return place_of(os.path.realpath(path) if os.path.islink(path) else os.path.join(_followed(folder), name))


@cache
def _followed_place_of(folder: str) -> str:
    return _real_place_of(folder).rstrip("/")


_followed = cache(os.path.realpath)
