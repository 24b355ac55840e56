from __future__ import annotations

import pytest

from hhtools.formats.balance import Weights, balance_notes, recommended_weights

# (desirable rows, undesirable rows): what TRL 1.16 warned with, or nothing. The first two were seen in its own output.
TABLE: dict[tuple[int, int], Weights | None] = {
    (24, 6): Weights((0.25, 0.33), (3.01, 4.0)),
    (6, 24): Weights((4.0, 5.32), (0.19, 0.25)),
    (1, 2): Weights((2.0, 2.66), (0.38, 0.5)),
    (2, 1): Weights((0.5, 0.67), (1.5, 2.0)),
    (90, 100): Weights((1.11, 1.48), (0.68, 0.9)),
    (135, 100): Weights((0.74, 0.99), (1.02, 1.35)),
    (35, 35): None,
    (4, 3): None,
    (133, 100): None,
    (1000, 1004): None,  # 1.004 is 1.0 to two decimals
    (5, 0): None,
    (0, 5): None,
    (0, 0): None,
}


@pytest.mark.parametrize(("counts", "weights"), TABLE.items())
def test_weights_that_trl_recommends(counts: tuple[int, int], weights: Weights | None) -> None:
    assert recommended_weights(*counts) == weights


def test_notes_name_the_weights_only_where_they_are_needed() -> None:
    assert balance_notes(35, 35) == {"desirable": 35, "undesirable": 35}
    assert balance_notes(24, 6) == {
        "desirable": 24,
        "undesirable": 6,
        "weights": "desirable_weight in [0.25, 0.33] or undesirable_weight in [3.01, 4.0], not both",
    }
