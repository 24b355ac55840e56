"""hhtools from Python: records read as the commands read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from os import PathLike, fspath

from hhtools.commands.parse import RAW_FIELDS, parse_pair
from hhtools.records import Bad, Record
from hhtools.sources.hh import WHITESPACE, Whitespace
from hhtools.stream.abort import heed_abort_marker
from hhtools.stream.decode import Decoder, is_blank
from hhtools.stream.inputs import Input, check_readable


def read_pairs(
    *paths: str | PathLike[str], whitespace: Whitespace = "strip", repair_surrogates: bool = False
) -> Iterator[Record]:
    """Give the parsed pairs (and red-team conversations) of HH-RLHF files one by one, ``source`` in each.

    Paths are plain, gzip or zstd files, or URLs. Nothing is skipped: a record that cannot be used raises. With
    ``repair_surrogates``, U+FFFD is taken for each lone surrogate escape, which makes a record bad otherwise.

    >>> from importlib.resources import files
    >>> pair = next(read_pairs(files("hhtools") / "sample" / "helpful-sample.jsonl.gz"))
    >>> sorted(pair), pair["source"]
    (['chosen', 'prompt', 'rejected', 'source'], 'helpful-sample')

    Raises:
        Bad: with the file and line at which it stands, and its reason.
        hhtools.Fault: for a file that cannot be opened (at once), ends early or is corrupt.
    """
    if whitespace not in WHITESPACE:
        raise ValueError(f"no whitespace {whitespace!r}; there are {', '.join(WHITESPACE)}")
    names = [fspath(path) for path in paths]
    for name in names:
        check_readable(name)
    return (pair for name in names for pair in _pairs_of(name, whitespace, repair_surrogates))


def _pairs_of(path: str, whitespace: Whitespace, repair_surrogates: bool) -> Iterator[Record]:
    with closing(Input(path)) as given:
        decoder = Decoder(RAW_FIELDS, max_line=given.max_line, source=given.source, repair_surrogates=repair_surrogates)
        for number, line in enumerate(given.lines(), 1):
            try:
                try:
                    record = decoder.decode(line)
                except Bad as bad:
                    _, record = decoder.repair(line, bad)
                yield from parse_pair(record, whitespace=whitespace)
            except Bad as bad:
                heed_abort_marker(given.name, number, line)
                if not is_blank(line, bad):
                    bad.where = f"{given.name}:{number}: "
                    raise
