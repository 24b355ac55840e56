"""hh-to-dpo: pairs -> rows for DPO trainers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hhtools.formats import dpo
from hhtools.formats.pair_rows import form_of, pair_rows, pair_stage
from hhtools.pair_options import pair_options
from hhtools.pairs import PAIR_FIELDS
from hhtools.records import Record, Rows, Stage
from hhtools.stream.command import filter_command

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hhtools.formats.pair_rows import PairOptions
    from hhtools.pair_options import StageOptions


def to_dpo(record: Record, *, format_name: str = "trl", **options: Unpack[PairOptions]) -> Rows:
    """Turn a pair into one row with both answers, in the form of that name (one of dpo.FORMATS).

    A pair that is unfit for training (``hhtools.pairs.unfit``) is dropped. The options are those of
    ``hhtools.formats.pair_rows.PairOptions``.

    >>> pair = {"prompt": [{"role": "user", "content": "2+2?"}],
    ...         "chosen": [{"role": "assistant", "content": "4"}], "rejected": [{"role": "assistant", "content": "5"}]}
    >>> to_dpo(pair, format_name="nemo-rl-binary")
    ({'prompt': [{'role': 'user', 'content': '2+2?'}], 'chosen': '4', 'rejected': '5'},)

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    return pair_rows(record, form_of(dpo.FORMATS, format_name), **options)


@filter_command(read_fields=PAIR_FIELDS)
@pair_options(dpo.FORMATS, default="trl")
def main(**options: Unpack[StageOptions]) -> Stage:
    """Pairs in, one row with both answers for each out, in the form that a DPO trainer reads.

    Pairs that are unfit for training are dropped; --keep has the reasons. The instruction form of the
    CS336 exercise has room for one question: longer dialogues are dropped as multi-turn.

    Examples:
        zcat helpful-base.jsonl.gz | hh-parse | hh-to-dpo > train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-to-dpo --for nemo-rl -o train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-to-dpo --template chatml --system 'Be brief.' -o train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-to-dpo --for instruction > singleturn.jsonl
    """
    return pair_stage(dpo.FORMATS, **options)
