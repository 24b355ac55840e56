"""hh-to-sft: pairs -> rows for supervised trainers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hhtools.formats import sft
from hhtools.formats.pair_rows import form_of, pair_rows, pair_stage
from hhtools.pair_options import pair_options
from hhtools.pairs import PAIR_FIELDS
from hhtools.records import Record, Rows, Stage
from hhtools.stream.command import filter_command

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hhtools.formats.pair_rows import PairOptions
    from hhtools.pair_options import StageOptions


def to_sft(record: Record, *, format_name: str = "trl", **options: Unpack[PairOptions]) -> Rows:
    """Turn a pair into one row of its chosen dialogue, in the form of that name (one of sft.FORMATS).

    A pair that is unfit for training (``hhtools.pairs.unfit``) is dropped. The options are those of
    ``hhtools.formats.pair_rows.PairOptions``.

    >>> pair = {"prompt": [{"role": "user", "content": "2+2?"}],
    ...         "chosen": [{"role": "assistant", "content": "4"}], "rejected": [{"role": "assistant", "content": "5"}]}
    >>> to_sft(pair)[0]["messages"][-1]
    {'role': 'assistant', 'content': '4'}

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    return pair_rows(record, form_of(sft.FORMATS, format_name), **options)


@filter_command(read_fields=PAIR_FIELDS)
@pair_options(sft.FORMATS, default="trl")
def main(**options: Unpack[StageOptions]) -> Stage:
    """Pairs in, the chosen dialogue of each out, in the form that a supervised trainer reads.

    Not for HH-RLHF: its card says that the data are not meant for supervised training of dialogue
    agents, which is likely to lead to harmful models. A chosen answer there is the better one of
    two, and often a bad one. Use this for preference sets whose chosen answers are good ones.

    Pairs that are unfit for training are dropped; --keep has the reasons.

    Examples:
        hh-to-sft scored-pairs.jsonl > train.jsonl
        hh-to-sft --for prompt-completion --template chatml scored-pairs.jsonl -o train.jsonl
        hh-to-sft --for nemo --system 'Be brief.' scored-pairs.jsonl -o train.jsonl
    """
    return pair_stage(sft.FORMATS, **options)
