"""hhtools: streaming Unix filters for human-preference data, and the same functions as a library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hhtools.commands.filter_singleturn import filter_singleturn
    from hhtools.commands.from_pairs import from_pairs
    from hhtools.commands.parse import parse_pair, parse_transcript
    from hhtools.commands.to_regression import to_regression
    from hhtools.commands.unpack_kto import unpack_kto
    from hhtools.reading import read_pairs
    from hhtools.records import Bad, Dropped
    from hhtools.stages import chain
    from hhtools.stream.exits import Fault

__all__ = [
    "Bad",
    "Dropped",
    "Fault",
    "chain",
    "filter_singleturn",
    "from_pairs",
    "parse_pair",
    "parse_transcript",
    "read_pairs",
    "to_regression",
    "unpack_kto",
]

_HOMES = {
    "Bad": "hhtools.records",
    "Dropped": "hhtools.records",
    "Fault": "hhtools.stream.exits",
    "chain": "hhtools.stages",
    "filter_singleturn": "hhtools.commands.filter_singleturn",
    "from_pairs": "hhtools.commands.from_pairs",
    "parse_pair": "hhtools.commands.parse",
    "parse_transcript": "hhtools.commands.parse",
    "read_pairs": "hhtools.reading",
    "to_regression": "hhtools.commands.to_regression",
    "unpack_kto": "hhtools.commands.unpack_kto",
}


def __getattr__(name: str) -> Any:
    # A console script imports this package first, and `--help` must not pay for what it does not use.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
