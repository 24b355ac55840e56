"""hhtools: streaming Unix filters for human-preference data, and the same functions as a library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hhtools.commands.filter_length import filter_length
    from hhtools.commands.filter_singleturn import filter_singleturn
    from hhtools.commands.from_helpsteer import from_helpsteer
    from hhtools.commands.from_oasst import from_oasst
    from hhtools.commands.from_pairs import from_pairs
    from hhtools.commands.parse import parse_pair, parse_transcript
    from hhtools.commands.sample import Reservoir, sample_by_hash
    from hhtools.commands.split import part_of
    from hhtools.commands.to_dpo import to_dpo
    from hhtools.commands.to_prompts import to_prompts
    from hhtools.commands.to_regression import to_regression
    from hhtools.commands.to_reward import to_reward
    from hhtools.commands.to_sft import to_sft
    from hhtools.commands.unpack_kto import unpack_kto
    from hhtools.reading import read_pairs
    from hhtools.records import Bad, Dropped
    from hhtools.scale.public import batched, pipeline
    from hhtools.sources.helpsteer_pairs import HelpSteerPairs
    from hhtools.sources.oasst_pairs import oasst_pairs
    from hhtools.stages import Settled, chain
    from hhtools.stream.exits import Fault

__all__ = [
    "Bad",
    "Dropped",
    "Fault",
    "HelpSteerPairs",
    "Reservoir",
    "Settled",
    "batched",
    "chain",
    "filter_length",
    "filter_singleturn",
    "from_helpsteer",
    "from_oasst",
    "from_pairs",
    "oasst_pairs",
    "parse_pair",
    "parse_transcript",
    "part_of",
    "pipeline",
    "read_pairs",
    "sample_by_hash",
    "to_dpo",
    "to_prompts",
    "to_regression",
    "to_reward",
    "to_sft",
    "unpack_kto",
]

_HOMES = {
    "Bad": "hhtools.records",
    "Dropped": "hhtools.records",
    "Fault": "hhtools.stream.exits",
    "HelpSteerPairs": "hhtools.sources.helpsteer_pairs",
    "Reservoir": "hhtools.commands.sample",
    "Settled": "hhtools.stages",
    "batched": "hhtools.scale.public",
    "chain": "hhtools.stages",
    "filter_length": "hhtools.commands.filter_length",
    "filter_singleturn": "hhtools.commands.filter_singleturn",
    "from_helpsteer": "hhtools.commands.from_helpsteer",
    "from_oasst": "hhtools.commands.from_oasst",
    "from_pairs": "hhtools.commands.from_pairs",
    "oasst_pairs": "hhtools.sources.oasst_pairs",
    "parse_pair": "hhtools.commands.parse",
    "parse_transcript": "hhtools.commands.parse",
    "part_of": "hhtools.commands.split",
    "pipeline": "hhtools.scale.public",
    "read_pairs": "hhtools.reading",
    "sample_by_hash": "hhtools.commands.sample",
    "to_dpo": "hhtools.commands.to_dpo",
    "to_prompts": "hhtools.commands.to_prompts",
    "to_regression": "hhtools.commands.to_regression",
    "to_reward": "hhtools.commands.to_reward",
    "to_sft": "hhtools.commands.to_sft",
    "unpack_kto": "hhtools.commands.unpack_kto",
}


def __getattr__(name: str) -> Any:
    # A console script imports this package first, and `--help` must not pay for what it does not use.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
