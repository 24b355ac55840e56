"""SteerLM: the attribute-conditioned SFT record ``{"conversations", "system", "mask", "type"}``.

Source of the form: the preprocess scripts in examples/nlp/data/steerlm of NVIDIA/NeMo-Aligner (af2b3bd); SteerLM: Dong
et al., 2023, arXiv 2310.05344. ``formats.regression`` turns such a record into rows for a reward model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hhtools.formats.regression import SYSTEM
from hhtools.records import Record

Turn = dict[str, str | None]


def user_turn(value: str) -> Turn:
    """Make a turn of the user; nobody rates it.

    >>> user_turn("2+2?")
    {'value': '2+2?', 'from': 'User', 'label': None}
    """
    return {"value": value, "from": "User", "label": None}


def assistant_turn(value: str, ratings: Mapping[str, int] | None) -> Turn:
    """Make a turn of the assistant with its ratings as a label; None leaves the label out.

    >>> assistant_turn("4", {"quality": 3, "humor": 0})
    {'value': '4', 'from': 'Assistant', 'label': 'quality:3,humor:0'}
    """
    turn: Turn = {"value": value, "from": "Assistant"}
    if ratings is not None:
        turn["label"] = ",".join(f"{name}:{rating}" for name, rating in ratings.items())
    return turn


def steerlm_record(turns: Sequence[Turn]) -> Record:
    """Make a record of turns, with the system text, mask and type of NeMo-Aligner's scripts.

    >>> record = steerlm_record([user_turn("2+2?")])
    >>> record["mask"], record["type"], len(record["conversations"])
    ('User', 'VALUE_TO_TEXT', 1)
    """
    return {"conversations": list(turns), "system": SYSTEM, "mask": "User", "type": "VALUE_TO_TEXT"}
