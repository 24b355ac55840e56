"""Preference pairs from HelpSteer's rows: the answers to one prompt compared by their ratings, or by a preference."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Literal, NamedTuple, get_args

from hhtools.pairs import pair_record
from hhtools.records import Dropped, Record, Rows, text_of
from hhtools.sources import helpsteer
from hhtools.sources.helpsteer import Kind, Split
from hhtools.sources.hh import Whitespace
from hhtools.stages import Settled

Ties = Literal["drop", "keep"]
TIES: tuple[Ties, ...] = get_args(Ties)

WEIGHTS = {"helpfulness": 0.65, "correctness": 0.8, "coherence": 0.45, "complexity": 0.55, "verbosity": -0.4}
"""What each rating counts: the weights of Llama3-70B-SteerLM-RM (Wang et al., 2024, arXiv 2406.08673)."""

MAX_WEIGHT = 1000
"""How far from 0 a weight may be: far enough, and no score leaves the range of a double."""


class HelpSteerPairs:
    """A stage that makes preference pairs of HelpSteer's rows of every kind, told apart row by row.

    *Rated answers*: the rows of one prompt, which have to be consecutive, give one pair, of the answer with the highest
    weighted sum of ratings and the one with the lowest; of equal ones, the first read is best and the last is worst.
    The pair has ``chosen_score``, ``rejected_score`` and their difference ``margin``, and each other field of the two
    rows under the name of its side: ``chosen_helpfulness``, ``rejected_helpfulness``. Rows in between are dropped as
    ``middle-answer``, a row alone as ``no-other-answer``.

    *Preferences*: each row gives one pair. ``margin`` is the strength of the preference without its sign, 0 to 3, and
    every other field is carried along.

    A difference of 0 is a ``tie``, dropped unless ``ties`` is "keep": then the first answer is the chosen one. One of
    less than ``min_margin`` is a ``small-margin``. Sums are exact in decimals, so 0.4 + 0.4 and 0.8 are a tie.
    ``whitespace`` "strip" trims every message; ``source`` replaces the rows' own.

    >>> stage = HelpSteerPairs({"helpfulness": 1})
    >>> stage({"prompt": "2+2?", "response": "5", "helpfulness": 0})
    Settled((), 0, ())
    >>> stage({"prompt": "2+2?", "response": "4", "helpfulness": 4})
    Settled((), 0, ())
    >>> pairs = stage.finish()
    >>> pairs.used, pairs[0]["chosen"], pairs[0]["margin"]
    (2, [{'role': 'assistant', 'content': '4'}], 4.0)

    Raises:
        ValueError: for weights of unknown attributes, beyond MAX_WEIGHT, or that are all 0.
        Bad: for a row, when called: ``missing-field``, ``wrong-type`` or ``bad-label``.
    """

    def __init__(
        self,
        weights: Mapping[str, float] = WEIGHTS,
        *,
        min_margin: float = 0.0,
        ties: Ties = "drop",
        split: Split | None = None,
        whitespace: Whitespace = "strip",
        source: str | None = None,
    ) -> None:
        self._weights = _exact(weights)
        self._min_margin = Decimal(str(min_margin))
        self._keeps_ties = ties == "keep"
        self._split = split
        self._strip = whitespace == "strip"
        self._source = source
        self._held: list[_Rated] = []

    def __call__(self, record: Record) -> Rows:
        """Give the pair of a preference, or that of the prompt before when this row rates an answer to another one."""
        kind = helpsteer.kind_of_row(record)
        if self._split and helpsteer.split_of(record) != self._split:
            return Dropped("other-split")
        if self._source is not None:
            record = {**record, "source": self._source}
        if kind != "rating":
            return self._preferred(record, kind)
        answer = self._rated(record)
        if self._held and self._held[0].prompt == answer.prompt:
            best, *middle, worst = sorted([*self._held, answer], key=attrgetter("score"), reverse=True)
            self._held = [best, worst]
            return Settled(dropped=["middle-answer"] * len(middle))
        settled = self.finish()
        self._held.append(answer)
        return settled

    def finish(self) -> Settled:
        """Give the pair of the last prompt."""
        held, self._held = self._held, []
        if len(held) < 2:
            return Settled(dropped=["no-other-answer"] * len(held))
        best, worst = held
        margin = best.score - worst.score
        reason = self._reason_against(margin)
        if reason:
            return Settled(dropped=[reason] * 2)
        pair = pair_record(helpsteer.dialogue(best.prompt), best.response, worst.response, strip=self._strip)
        pair |= {"chosen_score": float(best.score), "rejected_score": float(worst.score), "margin": float(margin)}
        source = {"source": best.record["source"]} if "source" in best.record else {}
        return Settled([_carry(pair, _on_side("chosen", best) | _on_side("rejected", worst) | source)], used=2)

    def _rated(self, record: Record) -> _Rated:
        prompt, response = text_of(record, "prompt"), text_of(record, "response")
        ratings = helpsteer.ratings_of(record, self._weights)
        score = sum((weight * ratings[name] for name, weight in self._weights.items()), Decimal())
        return _Rated(prompt, response, score, record)

    def _preferred(self, record: Record, kind: Kind) -> Rows:
        prompt, first, second, strength = helpsteer.preference_of(record, kind)
        reason = self._reason_against(Decimal(abs(strength)))
        if reason:
            return Dropped(reason)
        chosen, rejected = (second, first) if strength > 0 else (first, second)
        pair = pair_record(prompt, chosen, rejected, strip=self._strip) | {"margin": float(abs(strength))}
        return (_carry(pair, _other_fields(record, kind)),)

    def _reason_against(self, margin: Decimal) -> str | None:
        if margin == 0:
            return None if self._keeps_ties else "tie"
        return "small-margin" if margin < self._min_margin else None


class _Rated(NamedTuple):
    prompt: str
    response: str
    score: Decimal
    record: Record


def _exact(weights: Mapping[str, float]) -> dict[str, Decimal]:
    for name, weight in weights.items():
        if name not in helpsteer.ATTRIBUTES:
            raise ValueError(f'no attribute "{name}"; there are {", ".join(helpsteer.ATTRIBUTES)}')
        if not abs(weight) <= MAX_WEIGHT:
            raise ValueError(f"{name}={weight}: a weight is a number from -{MAX_WEIGHT} to {MAX_WEIGHT}")
    if not any(weights.values()):
        raise ValueError("give at least one attribute a weight that is not 0")
    return {name: Decimal(str(weight)) for name, weight in weights.items() if weight}


def _other_fields(record: Record, kind: Kind) -> Record:
    return {name: value for name, value in record.items() if name not in helpsteer.DIALOGUE_FIELDS[kind]}


def _on_side(side: str, answer: _Rated) -> Record:
    fields = _other_fields(answer.record, "rating")
    return {f"{side}_{name}": value for name, value in fields.items() if name != "source"}


def _carry(pair: Record, fields: Record) -> Record:
    return {**pair, **fields, **pair}  # what is known of the pair comes first, and wins
