from __future__ import annotations

import pytest

from hhtools.formats.regression import ATTRIBUTES, SYSTEM, parse_label
from hhtools.records import Bad, BadReason

M = -100.0

# The label edge cases of NeMo-Aligner's script, and what becomes of them here.
GOOD = {
    "helpfulness:4,correctness:3": [M, M, M, M, 4.0, 3.0, M, M, M],
    "quality:4,toxicity:0,humor:1,creativity:2": [4.0, 0.0, 1.0, 2.0, M, M, M, M, M],
    "helpfulness: 4": [M, M, M, M, 4.0, M, M, M, M],
    " helpfulness:4 , verbosity : 1": [M, M, M, M, 4.0, M, M, M, 1.0],
    "helpfulness:1e1": [M, M, M, M, 10.0, M, M, M, M],
    "helpfulness:4,helpfulness:1": [M, M, M, M, 1.0, M, M, M, M],
    "quality:-3": [-3.0, M, M, M, M, M, M, M, M],
    "quality:.5,humor:2.": [0.5, M, 2.0, M, M, M, M, M, M],
    "quality:-100,humor:+1": [M, M, 1.0, M, M, M, M, M, M],
}

BAD: dict[str, tuple[BadReason, str]] = {
    "helpfulness:4:9": ("bad-label", "'4:9'"),
    "helpfulness:4,": ("bad-label", "'' is not attribute:number"),
    "helpfulness=4": ("bad-label", "'helpfulness=4' is not attribute:number"),
    "helpfulness:": ("bad-label", "the value ''"),
    "helpfulness:None": ("bad-label", "'None'"),
    "helpfulness:nan": ("bad-label", "'nan'"),
    "helpfulness:inf": ("bad-label", "'inf'"),
    "helpfulness:1e999": ("bad-label", "'1e999'"),
    "helpfulness:1_0": ("bad-label", "'1_0'"),
    "helpfulness:４": ("bad-label", "'４'"),
    ":4": ("bad-label", "':4' is not attribute:number"),
    "4;correctness": ("bad-label", "is not attribute:number"),
    " ": ("bad-label", "is not attribute:number"),
    "quality:-100": ("bad-label", "every attribute has the mask value -100"),
    "unknown:5": ("unknown-attribute", '"unknown" is none of quality, toxicity'),
    "Helpfulness:4": ("unknown-attribute", 'did you mean "helpfulness"?'),
    "helpfullness:4": ("unknown-attribute", 'did you mean "helpfulness"?'),
}


@pytest.mark.parametrize(("label", "numbers"), GOOD.items())
def test_labels(label: str, numbers: list[float]) -> None:
    assert parse_label(label) == numbers
    assert all(type(number) is float for number in parse_label(label))


@pytest.mark.parametrize(("label", "reason", "detail"), [(label, *why) for label, why in BAD.items()])
def test_bad_labels(label: str, reason: BadReason, detail: str) -> None:
    with pytest.raises(Bad) as caught:
        parse_label(label)
    assert caught.value.reason == reason
    assert detail in caught.value.detail


def test_other_attributes_and_mask_values() -> None:
    assert parse_label("b:2", ["a", "b", "c"], -1.0) == [-1.0, 2.0, -1.0]


def test_the_order_is_that_of_nemo_aligners_models() -> None:
    assert ATTRIBUTES[:4] == ("quality", "toxicity", "humor", "creativity")
    assert ATTRIBUTES[4:] == ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
    assert SYSTEM.startswith(
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives"
    )
