"""The loaders of trainers: what files they can read.

Sources, each read in the loader's code at a commit of 2025 or 2026: ``datasets`` 5.2.0 was also run on files with each
of these faults.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from hhtools.checks.kinds import Finding

_PACKED = (".gz", ".zst")


class Loader(NamedTuple):
    """What files a loader reads.

    A name has to end with one of ``endings``, unless there are none, and must hold none of ``avoids``. ``unpacks`` are
    the endings of compressed files that it can read. With ``line_by_line`` it takes each line for a row, blank ones and
    the first, byte order mark and all, included. ``strict`` are kinds of findings that are errors to it.
    """

    endings: Collection[str] = ()
    avoids: Collection[str] = ()
    unpacks: Collection[str] = ()
    line_by_line: bool = False
    least_rows: int = 1
    strict: Collection[str] = ()


# Columns come from the first 10 MB: a key that appears later is an error, and so is another type, or it is made text.
_COLUMNS = ("keys-differ", "types-differ")

HUGGING_FACE = Loader(unpacks=(".gz",), strict=_COLUMNS)
"""load_dataset("json", data_files=...): TRL, torchtune."""

AXOLOTL = HUGGING_FACE._replace(avoids=(".parquet", ".arrow", ".csv", ".txt"))
"""It takes the kind of a file from anywhere in its path."""

BY_ENDING = Loader(endings=(".jsonl", ".json"), strict=_COLUMNS)
"""NeMo-RL, LLaMA-Factory, ms-swift and OpenRLHF, which hand ``datasets`` the end of the name; .gz is none they know."""

OPEN_INSTRUCT = Loader(endings=(".jsonl",), strict=_COLUMNS)
"""It takes any other name for one on the hub."""

VERL = Loader(endings=(".json",), strict=_COLUMNS)
"""It knows .parquet and .json, whose content may well be lines."""

NEMO_ALIGNER = Loader(line_by_line=True, least_rows=64)
"""``[json.loads(line.strip()) for line in file]``; its configurations ask for a global batch of 64."""

ANY = Loader(unpacks=_PACKED)
"""A program of one's own."""


def name_findings(loader: Loader, name: str) -> Iterator[Finding]:
    """Tell what a loader has against the name of a file.

    >>> next(name_findings(VERL, "train.jsonl")).detail
    'the name does not end with .json'
    """
    ending = next((ending for ending in _PACKED if name.endswith(ending)), "")
    if ending and ending not in loader.unpacks:
        yield Finding("compressed", f"the name ends with {ending}")
    elif loader.endings and not name.endswith(tuple(loader.endings)):
        yield Finding("file-name", f"the name does not end with {' or '.join(loader.endings)}")
    for part in loader.avoids:
        if part in name:
            yield Finding("file-name", f"the loader takes the file for another format, because of {part} in its name")


def file_findings(
    loader: Loader, name: str, *, packed: bool, byte_order_mark: bool, array: bool, final_newline: bool
) -> Iterator[Finding]:
    """Tell what a loader has against a file as a whole."""
    if packed and not loader.unpacks and not name.endswith(_PACKED):
        yield Finding("compressed", "its bytes are compressed, whatever its name says")
    if loader.line_by_line and byte_order_mark:
        yield Finding("byte-order-mark", "the file begins with a byte order mark (EF BB BF)")
    if loader.line_by_line and array:
        yield Finding("json-array", "the rows are the elements of one JSON array")
    if not final_newline:
        yield Finding("no-final-newline", "the last line does not end with a line break")


def row_count_findings(rows: int, least: int) -> Iterator[Finding]:
    """Tell whether there are too few rows to train on."""
    if not rows:
        yield Finding("no-rows", "there is not one row")
    elif rows < least:
        yield Finding("few-rows", f"{rows} of the {least} rows that a batch takes, unless configured otherwise")
