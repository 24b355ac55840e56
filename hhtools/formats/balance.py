"""The balance of KTO data: how many desirable and undesirable rows there are, and the weights that make up for it.

Source: Eq. 8 of KTO (Ethayarajh et al., 2024, arXiv 2402.01306), which asks for desirable_weight * desirable rows and
undesirable_weight * undesirable rows in a ratio of 1:1 to 4:3, and the figures that TRL's kto_trainer.py warns with.
"""

from __future__ import annotations

from typing import NamedTuple

from hhtools.records import Notes

_MOST = 1.33  # 4:3, as TRL has it


class Weights(NamedTuple):
    """Two ranges, lowest and highest weight: one of the two weights belongs into its range, the other stays 1."""

    desirable: tuple[float, float]
    undesirable: tuple[float, float]


def recommended_weights(desirable: int, undesirable: int) -> Weights | None:
    """Give the ranges that TRL recommends for ``desirable_weight`` or else ``undesirable_weight``, to two decimals.

    None when both weights can stay 1, which is so from 1:1 to 4:3, and when one kind is missing: no weight mends that.

    >>> recommended_weights(24, 6)
    Weights(desirable=(0.25, 0.33), undesirable=(3.01, 4.0))
    >>> recommended_weights(400, 300) is None
    True
    """
    if not desirable or not undesirable:
        return None
    even_desirable, even_undesirable = undesirable / desirable, desirable / undesirable
    weights = Weights(
        desirable=(round(even_desirable, 2), round(even_desirable * _MOST, 2)),
        undesirable=(round(even_undesirable / _MOST, 2), round(even_undesirable, 2)),
    )
    return None if any(low <= 1 <= high for low, high in weights) else weights


def balance_notes(desirable: int, undesirable: int) -> Notes:
    """Say what there is of each kind and, where it is out of balance, what to set in the trainer.

    >>> balance_notes(35, 35)
    {'desirable': 35, 'undesirable': 35}
    >>> balance_notes(6, 24)["weights"]
    'desirable_weight in [4.0, 5.32] or undesirable_weight in [0.19, 0.25], not both'
    """
    notes: Notes = {"desirable": desirable, "undesirable": undesirable}
    weights = recommended_weights(desirable, undesirable)
    if weights:
        (low, high), (other_low, other_high) = weights
        notes["weights"] = (
            f"desirable_weight in [{low}, {high}] or undesirable_weight in [{other_low}, {other_high}], not both"
        )
    return notes
