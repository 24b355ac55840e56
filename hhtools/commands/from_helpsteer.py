"""hh-from-helpsteer: rows of HelpSteer, HelpSteer2 and HelpSteer3 -> SteerLM records or preference pairs."""

from __future__ import annotations

from functools import partial
from math import isfinite

import click

from hhtools.formats.steerlm import assistant_turn, steerlm_record, user_turn
from hhtools.records import Bad, Dropped, Record, Rows, Stage, text_of
from hhtools.sources import helpsteer
from hhtools.sources.helpsteer import Split
from hhtools.sources.helpsteer_pairs import TIES, WEIGHTS, HelpSteerPairs, Ties
from hhtools.sources.hh import WHITESPACE, Whitespace
from hhtools.stream.command import filter_command
from hhtools.stream.options import refuse_without


def from_helpsteer(record: Record, *, only_helpfulness: bool = False, split: Split | None = None) -> Rows:
    """Turn a row of HelpSteer or HelpSteer2 into attribute-conditioned SFT records, as NeMo-Aligner's scripts do.

    A rated answer becomes one record. A row of HelpSteer2's preference file becomes two, both labelled with the
    strength of the preference as their quality. ``split`` drops a row of another split as ``other-split``.
    Source: preprocess_helpsteer_data.py and preprocess_helpsteer2_data.py in NVIDIA/NeMo-Aligner (af2b3bd).

    >>> row = {"prompt": "2+2?", "response": "4", "helpfulness": 3}
    >>> from_helpsteer(row, only_helpfulness=True)[0]["conversations"][1]
    {'value': '4', 'from': 'Assistant', 'label': 'helpfulness:3'}

    Raises:
        Bad: ``missing-field``, ``wrong-type`` or ``bad-label``.
    """
    kind = helpsteer.kind_of_row(record)
    if split and helpsteer.split_of(record) != split:
        return Dropped("other-split")
    attributes = ("helpfulness",) if only_helpfulness else helpsteer.ATTRIBUTES
    if kind == "rating":
        answers, ratings = ["response"], helpsteer.ratings_of(record, attributes)
    elif kind == "helpsteer2-preference" and not only_helpfulness:
        answers, ratings = ["response_1", "response_2"], {"quality": helpsteer.strength_of(record, kind)}
    else:
        raise Bad(
            "missing-field", f'no field "{attributes[0]}": a preference has no ratings; --pairs makes a pair of it'
        )
    asked = user_turn(text_of(record, "prompt"))
    return [steerlm_record([asked, assistant_turn(text_of(record, answer), ratings)]) for answer in answers]


@filter_command(read_fields=helpsteer.READ_FIELDS, adds_source=True)
@click.option("--only-helpfulness", is_flag=True, help="Leave all ratings but the helpfulness out of the labels.")
@click.option(
    "--split",
    type=click.Choice(helpsteer.SPLITS),
    help="Take the rows of this split only, from a file that holds both (HelpSteer2's preferences).",
)
@click.option("--pairs", is_flag=True, help="Make preference pairs instead.")
@click.option(
    "--weights",
    metavar="A=X,B=Y",
    help="With --pairs: what each rating counts; one that is not named counts nothing.  "
    f"[default: {', '.join(f'{name}={weight}' for name, weight in WEIGHTS.items())}]",
)
@click.option(
    "--min-margin",
    type=float,
    metavar="X",
    help="With --pairs: drop a pair whose scores differ by less (for preferences: 0 to 3).  [default: 0]",
)
@click.option(
    "--ties", type=click.Choice(TIES), help="With --pairs: what to do when neither answer is better.  [default: drop]"
)
@click.option(
    "--whitespace",
    type=click.Choice(WHITESPACE),
    help="With --pairs: trim each message at both ends, or keep it as it is.  [default: strip]",
)
@click.option("--source", metavar="NAME", help="With --pairs: name where the pairs are from, instead of their file.")
def main(
    only_helpfulness: bool,
    split: Split | None,
    pairs: bool,
    weights: str | None,
    min_margin: float | None,
    ties: Ties | None,
    whitespace: Whitespace | None,
    source: str | None,
) -> Stage:
    """Rows of HelpSteer and HelpSteer2 in, attribute-conditioned SFT records (SteerLM) or, with --pairs, pairs out.

    The records are those of NeMo-Aligner's scripts; a row of HelpSteer2's preference file gives two, labelled
    quality:STRENGTH. With --pairs, the rows of one prompt, which have to be consecutive, give one pair: the answer
    with the best weighted sum of ratings against the one with the worst; each preference (HelpSteer2, HelpSteer3)
    gives one too. Pairs carry the margin, the scores and the other fields along. Dropped are rows as other-split,
    no-other-answer, middle-answer (neither best nor worst), tie and small-margin.

    Examples:
        hh-from-helpsteer HelpSteer2/train.jsonl.gz | hh-to-regression > regression.jsonl
        hh-from-helpsteer --pairs --min-margin 0.5 HelpSteer2/train.jsonl.gz | hh-unpack-kto --for trl -o train.jsonl
        hh-from-helpsteer --pairs --weights helpfulness=1 HelpSteer2/train.jsonl.gz > pairs.jsonl
        hh-from-helpsteer --pairs --split train HelpSteer2/preference/preference.jsonl.gz > pairs.jsonl
    """
    if not pairs:
        refuse_without(
            "--pairs", weights=weights, min_margin=min_margin, ties=ties, whitespace=whitespace, source=source
        )
        return partial(from_helpsteer, only_helpfulness=only_helpfulness, split=split)
    if only_helpfulness:
        raise click.UsageError("--only-helpfulness is for labels; for pairs, give --weights helpfulness=1")
    margin = min_margin or 0.0
    if not (margin >= 0 and isfinite(margin)):
        raise click.BadParameter("the margin must be a finite number, 0 or more", param_hint="--min-margin")
    if margin and ties == "keep":
        raise click.UsageError("a tie has no margin: --min-margin does not go with --ties keep")
    try:
        return HelpSteerPairs(
            WEIGHTS if weights is None else _weights_of(weights),
            min_margin=margin,
            ties=ties or "drop",
            split=split,
            whitespace=whitespace or "strip",
            source=source,
        )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--weights") from None


def _weights_of(text: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or name in weights:
            raise ValueError(f"{part!r}: give different attributes, as in helpfulness=0.65,verbosity=-0.4")
        weights[name] = float(number)
    return weights
