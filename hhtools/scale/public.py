"""Pipelines and stages for other people's engines: Ray Data, Spark, Hugging Face datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import hhtools
from hhtools.records import Stage
from hhtools.scale.pipeline import Pipeline
from hhtools.stages import remembers

Columns = dict[str, list[Any]]


def pipeline(text: str) -> Pipeline:
    """Make stages of a pipeline as it is typed in the shell: the same commands, the same options, the same rows.

    A pipeline in which no stage remembers other records is a stage itself, for ``flat_map`` and the like; any can be
    run over records in their order.

    >>> pairs = [{"prompt": [{"role": "user", "content": "2+2?"}],
    ...           "chosen": [{"role": "assistant", "content": answer}],
    ...           "rejected": [{"role": "assistant", "content": "5"}]} for answer in ("4", "four")]
    >>> [row["response"] for row in pipeline("hh-filter-singleturn | hh-unpack-kto")(pairs[0])]
    ['4', '5']
    >>> [row["label"] for row in pipeline("hh-unpack-kto --for trl --stagger 1").over(pairs)]
    [True, True, False, False]

    Raises:
        Fault: for what is no pipeline of hhtools' filters, and for wrong options.
    """
    return Pipeline(text)


def batched(stage: Stage) -> _Batched:
    """Make a stage work on columns: a batch of records in, a batch of rows out, as ``datasets.Dataset.map`` wants them.

    Use it with ``batched=True`` and ``remove_columns`` of all columns, as a record may give any number of rows. A field
    that only some rows of a batch have is None in the others; a batch without any rows has the columns that it came
    with, all empty.

    >>> batched(lambda record: [{"id": record["id"]}] * 2)({"id": [1, 2], "text": ["a", "b"]})
    {'id': [1, 1, 2, 2]}

    Raises:
        TypeError: for a stage that remembers other records, which batches would not give it in order.
    """
    if isinstance(stage, Pipeline):
        stage.check_pure()
    elif remembers(stage):
        raise TypeError("a stage that remembers records cannot work on batches, which come in any order")
    return _Batched(stage)


class _Batched:
    # A class and not a closure, so that it can be pickled and sent to workers.
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        # datasets keeps what a map has made and finds it again by what the function pickles to.
        self._version = hhtools.__version__

    def __call__(self, columns: Mapping[str, Sequence[Any]]) -> Columns:
        records = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
        rows = [row for record in records for row in self._stage(record)]
        # Without rows their fields are not known; datasets stumbles over no columns at all, and passes over empty ones.
        fields = dict.fromkeys(field for row in rows for field in row) if rows else columns
        return {field: [row.get(field) for row in rows] for field in fields}
