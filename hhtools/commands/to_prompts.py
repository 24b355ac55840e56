"""hh-to-prompts: pairs -> prompts for trainers that let the model answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hhtools.formats import prompts
from hhtools.formats.pair_rows import form_of, pair_rows, pair_stage
from hhtools.pair_options import pair_options
from hhtools.pairs import PAIR_FIELDS
from hhtools.records import Record, Rows, Stage
from hhtools.stream.command import filter_command

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hhtools.formats.pair_rows import PairOptions
    from hhtools.pair_options import StageOptions


def to_prompts(record: Record, *, format_name: str = "trl", **options: Unpack[PairOptions]) -> Rows:
    """Turn a pair into one row of its prompt, in the form of that name (one of prompts.FORMATS).

    A pair that is unfit for training (``hhtools.pairs.unfit``) is dropped; of one whose prompts differ, if kept, the
    chosen side's is taken. The options are those of ``hhtools.formats.pair_rows.PairOptions``.

    >>> pair = {"prompt": [{"role": "user", "content": "2+2?"}],
    ...         "chosen": [{"role": "assistant", "content": "4"}], "rejected": [{"role": "assistant", "content": "5"}]}
    >>> to_prompts(pair)
    ({'prompt': [{'role': 'user', 'content': '2+2?'}]},)

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    return pair_rows(record, form_of(prompts.FORMATS, format_name), **options)


@filter_command(read_fields=PAIR_FIELDS)
@pair_options(prompts.FORMATS, default="trl")
def main(**options: Unpack[StageOptions]) -> Stage:
    """Pairs in, the prompt of each out, for trainers that let the model answer (PPO, GRPO, RLOO).

    verl reads files that are named .json and hold lines, as in the last example.

    Pairs that are unfit for training are dropped; --keep has the reasons.

    Examples:
        zcat helpful-base.jsonl.gz | hh-parse | hh-to-prompts > prompts.jsonl
        hh-parse helpful-base.jsonl.gz | hh-to-prompts --for trl-text --template llama3 -o prompts.jsonl
        hh-parse helpful-base.jsonl.gz | hh-to-prompts --for verl -o prompts.json
    """
    stage = pair_stage(prompts.FORMATS, **options)
    return prompts.Numbered(stage) if options["format_name"] == "verl" else stage
