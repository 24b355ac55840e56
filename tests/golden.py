"""Golden rows: what every format of every command makes of one pair, small enough to be checked by eye.

A new format is one function, one line in a dict and one entry in a table of tests/formats; everything here and in
tests/test_trainer_rows.py picks it up by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from hhtools import to_dpo, to_prompts, to_reward, to_sft, unpack_kto
from hhtools.formats import dpo, kto, prompts, reward, sft
from hhtools.formats.pair_rows import Format
from hhtools.records import Record, Rows
from tests.formats import test_dpo, test_kto, test_prompts, test_reward, test_sft
from tests.formats.pairs import MULTI_TURN, SINGLE_TURN


class Method(NamedTuple):
    """A command from pairs to rows: its function, its formats, and the golden rows of each."""

    function: Callable[..., Rows]
    formats: Mapping[str, Format]
    rows: Mapping[str, list[Record]]


METHODS = {
    "hh-to-dpo": Method(to_dpo, dpo.FORMATS, test_dpo.ROWS),
    "hh-to-prompts": Method(to_prompts, prompts.FORMATS, test_prompts.ROWS),
    "hh-to-reward": Method(to_reward, reward.FORMATS, test_reward.ROWS),
    "hh-to-sft": Method(to_sft, sft.FORMATS, test_sft.ROWS),
    "hh-unpack-kto": Method(unpack_kto, kto.FORMATS, test_kto.ROWS),
}

CASES = [(command, format_name) for command, method in METHODS.items() for format_name in method.formats]


def given_pair(format_name: str) -> Record:
    """Give the pair of which a format's golden rows are made."""
    return SINGLE_TURN if format_name == "instruction" else MULTI_TURN
