"""Patterns of names, for shells that are not there to expand them: what servers have, and what cron quotes."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator, Sequence

from hhtools.stream import urls
from hhtools.stream.exits import Exit, Fault

_PIECE = re.compile(
    r"(?P<folders>\*\*/)|(?P<any>\*+)|(?P<one>\?)|\[(?P<not>!?)(?P<set>][^]]*|[^]]+)]|(?P<plain>.)", re.DOTALL
)


def expand(paths: Sequence[str], urls_like: Callable[[str], list[str]]) -> list[str]:
    """Put the names that each pattern matches in its place, sorted by their bytes; other paths stay as they are.

    A file whose name has the characters of a pattern is that file. ``urls_like`` lists what a server has.

    Raises:
        Fault: 66 for a pattern that nothing matches.
    """
    return [name for path in paths for name in _expanded(path, urls_like)]


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


def _expanded(path: str, urls_like: Callable[[str], list[str]]) -> Iterator[str]:
    if not is_pattern(path) or (urls.is_url(path) and urls.scheme_of(path) not in urls.LISTED):
        yield path
        return
    if urls.is_url(path):
        found = urls_like(path)
    elif os.path.lexists(path):
        found = [path]
    else:
        found = sorted((name for name in glob.iglob(path, recursive=True) if os.path.isfile(name)), key=os.fsencode)
    if not found:
        raise Fault(Exit.NO_INPUT, f"{path}: matches no {'object' if path.startswith('s3:') else 'file'}")
    yield from found
