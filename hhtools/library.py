"""hhtools from Python: records read as the commands read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from os import PathLike, fspath

from hhtools.commands.parse import parse_pair
from hhtools.records import Bad, Record
from hhtools.sources.hh import Whitespace
from hhtools.stream.decode import check_length, decode
from hhtools.stream.inputs import Input


def read_pairs(*paths: str | PathLike[str], whitespace: Whitespace = "strip") -> Iterator[Record]:
    """Give the parsed pairs (and red-team conversations) of HH-RLHF files one by one, ``source`` in each.

    Paths are plain, gzip or zstd files, or URLs. Nothing is skipped: a record that cannot be used raises.

    >>> from importlib.resources import files
    >>> pair = next(read_pairs(files("hhtools") / "sample" / "helpful-sample.jsonl.gz"))
    >>> sorted(pair), pair["source"]
    (['chosen', 'prompt', 'rejected', 'source'], 'helpful-sample')

    Raises:
        Bad: with the file and line at which it stands, and its reason.
        hhtools.stream.exits.Fault: for a file that cannot be opened, ends early or is corrupt.
    """
    for path in [fspath(path) for path in paths]:
        with closing(Input(path)) as given:
            for number, line in enumerate(given.lines(), 1):
                if line.strip():
                    yield _parsed(line, given, number, whitespace)


def _parsed(line: bytes, given: Input, number: int, whitespace: Whitespace) -> Record:
    try:
        check_length(line, given.max_line)
        record = decode(line)
        record.setdefault("source", given.source)
        (parsed,) = parse_pair(record, whitespace=whitespace)
    except Bad as bad:
        bad.where = f"{given.name}:{number}: "
        raise
    return parsed
