"""hh-to-regression: attribute-conditioned SFT records -> rows for a regression reward model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isfinite

import click

from hhtools.formats import regression
from hhtools.records import Dropped, Record, Rows, Stage
from hhtools.stream.command import filter_command


def to_regression(
    record: Record,
    *,
    system: str | None = None,
    attributes: Sequence[str] = regression.ATTRIBUTES,
    mask_value: float = regression.MASK_VALUE,
) -> Rows:
    r"""Turn an attribute-conditioned SFT record into ``{"text", "label"}`` for each of its labelled turns.

    ``system`` replaces the record's own text, which is used when there is one, else NeMo-Aligner's sentence. A record
    without any label is dropped as ``no-label``.

    >>> turn = {"from": "Assistant", "value": "4", "label": "quality:3"}
    >>> to_regression({"conversations": [turn], "mask": "User"}, system="Count.", attributes=["quality"])
    [{'text': '<extra_id_0>System\nCount.\n<extra_id_1>Assistant\n4\n<extra_id_2>', 'label': [3.0]}]

    Raises:
        Bad: ``missing-field``, ``wrong-type``, ``bad-label`` or ``unknown-attribute``.
    """
    return list(regression.regression_rows(record, system, attributes, mask_value)) or Dropped("no-label")


@filter_command(read_fields=("conversations", "mask", "system"))
@click.option("--system", metavar="TEXT", help="Begin every text with this system text, whatever the record's own is.")
@click.option(
    "--attributes",
    metavar="A,B,C",
    default=",".join(regression.ATTRIBUTES),
    help="The attributes and their order.  [default: NeMo-Aligner's nine]",
)
@click.option(
    "--mask-value",
    type=float,
    metavar="X",
    default=regression.MASK_VALUE,
    show_default=True,
    help="What stands for an attribute without a rating.",
)
@click.option(
    "--compat", type=click.Choice(["nemo-aligner"]), help="Ignore the record's own system text, as NeMo-Aligner does."
)
def main(system: str | None, attributes: str, mask_value: float, compat: str | None) -> Stage:
    """Attribute-conditioned SFT records (SteerLM) in, {"text", "label"} rows for a regression reward model out.

    Each labelled turn gives a row: the dialogue up to it in NeMo's <extra_id_*> template, and one number for each
    attribute. Records without any label are counted as dropped: no-label.

    Examples:
        hh-to-regression steerlm.jsonl > regression.jsonl
        hh-to-regression --attributes helpfulness,correctness --mask-value=-1 --bad bad.jsonl steerlm.jsonl -o reg.jsonl
    """
    names = tuple(name.strip() for name in attributes.split(","))
    if not all(names) or len(set(names)) < len(names) or ":" in attributes:
        raise click.BadParameter("give different names, with commas between them", param_hint="--attributes")
    if not isfinite(mask_value):
        raise click.BadParameter("the value must be a finite number", param_hint="--mask-value")
    if compat and system is not None:
        raise click.UsageError("--compat nemo-aligner has its own system text: --system does not go with it")
    return partial(
        to_regression,
        system=regression.SYSTEM if compat else system,
        attributes=names,
        mask_value=mask_value,
    )
