"""Patterns of names, for shells that are not there to expand them: what servers have, and what cron quotes."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Sequence

from hhtools.stream import urls
from hhtools.stream.exits import Exit, Fault

_PIECE = re.compile(
    r"(?P<folders>\*\*/)|(?P<any>\*+)|(?P<one>\?)|\[(?P<not>!?)(?P<set>][^]]*|[^]]+)]|(?P<plain>.)", re.DOTALL
)


def expand_files(paths: Sequence[str]) -> list[str]:
    """Put the local names that each pattern matches in its place, sorted by their bytes; all else stays as it is.

    A file whose name has the characters of a pattern is that file.
    """
    return [name for path in paths for name in _files_like(path) or [path]]


def expand_objects(paths: Sequence[str], objects_like: Callable[[str], list[str]]) -> list[str]:
    """Put the files of a server (S3, the Hub) that each pattern matches in its place, as ``objects_like`` lists them.

    Raises:
        Fault: 66 for a pattern that nothing matches, local ones included; and what ``objects_like`` raises.
    """
    return [name for path in paths for name in _existing(path, objects_like)]


def is_pattern(name: str) -> bool:
    """Tell whether a name has characters that stand for others.

    >>> is_pattern("*/train.jsonl.gz"), is_pattern("helpful-base/train.jsonl.gz")
    (True, False)
    """
    return fixed_start(name) != name


def fixed_start(pattern: str) -> str:
    """Give what every name begins with that a pattern matches.

    >>> fixed_start("hh/helpful-*/train.jsonl.gz")
    'hh/helpful-'
    """
    return re.split(r"[*?[]", pattern, maxsplit=1)[0]


def regex_of(pattern: str) -> re.Pattern[str]:
    """Translate a pattern as a shell reads it: ``*`` and ``?`` match all but a slash, ``**/`` any folders.

    >>> bool(regex_of("hh/*/train-[0-9]?.jsonl").fullmatch("hh/helpful-base/train-07.jsonl"))
    True

    Raises:
        Fault: 2 for what is no pattern, such as ``[z-a]``.
    """
    regex = "".join(map(_regex_of_piece, _PIECE.finditer(pattern)))
    try:
        return re.compile(regex, re.DOTALL)
    except re.error:
        raise Fault(Exit.USAGE, f"{pattern}: is no pattern") from None


def _regex_of_piece(piece: re.Match[str]) -> str:
    if piece["folders"]:
        return "(?:.*/)?"
    if piece["any"]:
        return "[^/]*"
    if piece["one"]:
        return "[^/]"
    if piece["set"]:
        escaped = re.sub(r"[][&~|^\\]", r"\\\g<0>", piece["set"])
        return f"[^/{escaped}]" if piece["not"] else f"[{escaped}]"
    return re.escape(piece["plain"])


def _files_like(path: str) -> list[str]:
    if not is_pattern(path) or urls.is_url(path) or os.path.lexists(path):
        return []
    # What is no file, or may not be read, is told when it is opened; only folders are passed over, as globs do.
    return sorted((name for name in glob.iglob(path, recursive=True) if not os.path.isdir(name)), key=os.fsencode)


def _existing(path: str, objects_like: Callable[[str], list[str]]) -> list[str]:
    if not is_pattern(path) or os.path.lexists(path):
        return [path]
    if not urls.is_url(path):
        raise Fault(Exit.NO_INPUT, f"{path}: matches no file")
    if urls.scheme_of(path) not in urls.LISTED:
        return [path]
    found = objects_like(path)
    if not found:
        raise Fault(Exit.NO_INPUT, f"{path}: matches no {'object' if path.startswith('s3:') else 'file'}")
    return found
