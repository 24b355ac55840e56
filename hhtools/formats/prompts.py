"""What trainers read that let the model answer by itself (PPO, GRPO, RLOO ...): the prompt of each pair."""

from __future__ import annotations

from hhtools.formats import nemo
from hhtools.formats.carry import text_or
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm
from hhtools.pairs import FitPair
from hhtools.records import Record, Rows, Stage


def trl(pair: FitPair) -> Rows:
    """Make TRL's conversational rows; its trainers apply the model's chat template.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> trl(EXAMPLE)
    ({'prompt': [{'role': 'user', 'content': '2+2?'}]},)
    """
    return ({"prompt": pair.prompt},)


def text(pair: FitPair, template: TextForm) -> Rows:
    r"""Make TRL's text rows, up to where the answer begins.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> text(EXAMPLE, TEMPLATES["hh"])
    ({'prompt': '\n\nHuman: 2+2?\n\nAssistant:'},)
    """
    (prompt,) = template.texts(pair.prompt)
    return ({"prompt": prompt},)


def verl(pair: FitPair) -> Rows:
    """Make verl's rows for a reward model; verl reads files named ``.json`` (or ``.parquet``), and no ``.jsonl``.

    ``data_source`` is the pair's source or "", the split its own or "train", and ``index`` is 0 until the rows are
    numbered. The chosen answer stands where verl wants a reference; a reward model does not look at it.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> verl(EXAMPLE)[0]['reward_model']
    {'style': 'model', 'ground_truth': '4'}

    Raises:
        Bad: ``wrong-type`` for a source or split that is no string.
    """
    return (
        {
            "data_source": text_or(pair.record, "source", ""),
            "prompt": pair.prompt,
            "ability": "alignment",
            "reward_model": {"style": "model", "ground_truth": pair.chosen},
            "extra_info": {"split": text_or(pair.record, "split", "train"), "index": 0},
        },
    )


class Numbered:
    """A stage that numbers the rows of another from 0 on, where verl looks for the number.

    >>> stage = Numbered(lambda record: ({"extra_info": {"split": "train", "index": 0}},))
    >>> stage({}), stage({})[0]["extra_info"]
    (({'extra_info': {'split': 'train', 'index': 0}},), {'split': 'train', 'index': 1})
    """

    remembers = True

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._rows = 0

    def __call__(self, record: Record) -> Rows:
        """Give the row of this record with its number."""
        rows = self._stage(record)
        if not rows:
            return rows
        (row,) = rows
        row = {**row, "extra_info": {**row["extra_info"], "index": self._rows}}
        self._rows += 1
        return (row,)


FORMATS: dict[str, Format] = {
    "trl": Format(trl, text),
    "trl-text": Format(text=text, template="hh"),
    "nemo": Format(text=nemo.prompts, template="extra-id"),
    "verl": Format(verl),
}
