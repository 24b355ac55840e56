"""What inputs are called: in messages and reports, and in the records that come from them."""

from __future__ import annotations

import os

from hhtools.stream import urls
from hhtools.stream.console import CLOSED, as_text

STDIN = "-"

_PACKING = {".gz", ".zst", ".jsonl", ".ndjson", ".json", ".parquet", ".arrow", ".feather"}
_SPLITS = {"train", "test", "validation"}
_NAMELESS = ("/dev/", "/proc/")  # a pipe of the shell, <(...), has a number that changes from run to run


def name_of(path: str) -> str:
    r"""Give the name by which messages and reports call an input; it is always text, and holds no secrets.

    >>> name_of("-"), name_of("https://me:secret@host/a.jsonl?X-Amz-Signature=abc"), name_of("caf\udce9.jsonl")
    ('stdin', 'https://host/a.jsonl', 'caf\\xe9.jsonl')
    """
    if path == STDIN:
        return "standard input" if 0 in CLOSED else "stdin"
    return as_text(urls.redacted(path) if urls.is_url(path) else path)


def source_of(path: str) -> str | None:
    """Name where the records of a path are from: its stem, or its folder when the stem is a split; none for stdin.

    >>> source_of("helpful-base.jsonl.gz"), source_of("s3://bucket/hh/helpful-base/train.jsonl.gz"), source_of("-")
    ('helpful-base', 'helpful-base', None)
    """
    if path == STDIN or path.startswith(_NAMELESS):
        return None
    place = urls.path_of(path) if urls.is_url(path) else os.path.abspath(path)
    folder, name = os.path.split(place)
    stem = stem_of(name)
    return as_text(os.path.basename(folder) or stem if stem in _SPLITS else stem)


def stem_of(name: str) -> str:
    """Give the name of a file without the suffixes that say how it is packed.

    >>> stem_of("helpful-base.v1.jsonl.gz")
    'helpful-base.v1'
    """
    stem, suffix = os.path.splitext(name)
    while suffix in _PACKING:
        stem, suffix = os.path.splitext(stem)
    return stem + suffix
