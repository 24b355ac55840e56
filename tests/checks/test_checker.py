from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.checks.checker import Checker
from hhtools.checks.formats import FORMATS
from hhtools.records import Record
from tests.checks import test_dpo, test_kto, test_prompts, test_reward, test_sft
from tests.checks.tables import TAKES, found
from tests.dialogues import assistant, user

GOOD: dict[str, Record] = {
    **test_kto.GOOD,
    **test_dpo.GOOD,
    **test_reward.GOOD,
    **test_sft.GOOD,
    **test_prompts.GOOD,
}


def test_every_format_has_its_row() -> None:
    assert GOOD.keys() == FORMATS.keys()


@pytest.mark.parametrize("format_name", GOOD)
def test_a_checker_changes_no_row_and_can_be_sent_to_workers(format_name: str) -> None:
    row, before = GOOD[format_name], pickle.dumps(GOOD[format_name])
    assert pickle.loads(pickle.dumps(Checker(format_name))).row(row) == []
    assert pickle.dumps(row) == before


def test_long_texts() -> None:
    """The longer answer counts, with its prompt."""
    pair = {"prompt": "1234", "chosen": "56", "rejected": "5678"}
    assert found("trl-text-dpo", pair, max_chars=8) == TAKES
    assert found("trl-text-dpo", pair, max_chars=7) == "error: long-text"
    dialogue = {"messages": [user("1234"), assistant("5678")], "label": True}
    assert found("swift-kto", dialogue, max_chars=7) == "error: long-text"


LOOKS_LIKE = {
    "trl-kto": ("trl-dpo", "trl-kto"),
    "trl-text-kto": ("trl-kto", "trl-text-kto or axolotl-kto"),
    "nemo-kto": ("trl-kto", "nemo-kto"),
    "nemo-sft": ("trl-sft", "nemo-sft"),
}


@pytest.mark.parametrize(("format_name", "asked", "told"), [(name, *told) for name, told in LOOKS_LIKE.items()])
def test_rows_for_another_trainer_are_recognised(format_name: str, asked: str, told: str) -> None:
    checker = Checker(asked)
    (hint,) = [finding.detail for finding in checker.row(GOOD[format_name]) if finding.slug == "other-format"]
    assert hint == f"the first row looks like one for {told}"
    assert "other-format" not in {finding.slug for finding in checker.row(GOOD[format_name])}


def test_strict() -> None:
    row = {**GOOD["trl-text-kto"], "label": 1}
    for strict in (False, True):
        checker = Checker("trl-text-kto", strict=strict)
        (finding,) = checker.row(row)
        assert checker.kind_of(finding.slug).is_error == strict


SCALARS = st.none() | st.booleans() | st.integers(-1, 2) | st.floats() | st.sampled_from(["", " ", "user", "q "])
VALUES = st.recursive(
    SCALARS | st.sampled_from([value for row in GOOD.values() for value in row.values()]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "from", "value", "label", "rank", "completion"]), inner)
    ),
    max_leaves=8,
)


@given(data=st.data())
def test_no_row_is_too_odd_to_be_checked(data: st.DataObject) -> None:
    format_name = data.draw(st.sampled_from(list(GOOD)))
    checker = Checker(format_name, max_chars=3)
    for _ in range(2):
        row = {key: data.draw(st.just(value) | VALUES) for key, value in GOOD[format_name].items()}
        for finding in checker.row(row):
            assert checker.kind_of(finding.slug).remedy
    for finding in checker.finish():
        assert checker.kind_of(finding.slug).remedy
