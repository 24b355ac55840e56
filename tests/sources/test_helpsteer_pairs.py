from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.records import Bad, Dropped, Record
from hhtools.sources.helpsteer import ATTRIBUTES
from hhtools.sources.helpsteer_pairs import WEIGHTS, HelpSteerPairs
from hhtools.stages import Settled
from tests.dialogues import assistant, preferred, preferred3, rated, user


def outcome(stage: HelpSteerPairs, *records: Record) -> tuple[list[Record], int, list[str]]:
    """Run a stage over records, and give its rows, how many records it used, and its reasons for dropping others."""
    rows: list[Record] = []
    used = 0
    dropped: list[str] = []
    for result in (*(stage(record) for record in records), stage.finish()):
        rows += result
        if isinstance(result, Settled):
            used, dropped = used + result.used, dropped + list(result.dropped)
        elif isinstance(result, Dropped):
            dropped.append(result.reason)
        else:
            used += 1
    assert used + len(dropped) == len(records)
    return rows, used, dropped


# Weighted by helpfulness alone: (answers and their helpfulness, "chosen > rejected" of each pair, reasons for dropping)
COMPARED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "the first is better": (["q a 4", "q b 1"], ["a > b"], []),
    "the second is better": (["q a 1", "q b 4"], ["b > a"], []),
    "two prompts": (["q a 1", "q b 4", "r c 3", "r d 2"], ["b > a", "c > d"], []),
    "one answer": (["q a 1", "r b 4", "r c 3"], ["b > c"], ["no-other-answer"]),
    "one answer at the end": (["q a 1", "q b 4", "r c 3"], ["b > a"], ["no-other-answer"]),
    "prompts that are not consecutive": (["q a 1", "r b 4", "q c 3"], [], ["no-other-answer"] * 3),
    "three answers, best against worst": (["q a 2", "q b 4", "q c 1"], ["b > c"], ["middle-answer"]),
    "four answers in order": (["q a 1", "q b 2", "q c 3", "q d 4"], ["d > a"], ["middle-answer"] * 2),
    "the first of the best, the last of the worst": (
        ["q a 1", "q b 4", "q c 4", "q d 1"],
        ["b > d"],
        ["middle-answer"] * 2,
    ),
    "a tie": (["q a 2", "q b 2", "r c 3", "r d 2"], ["c > d"], ["tie", "tie"]),
    "a tie of three": (["q a 2", "q b 2", "q c 2"], [], ["middle-answer", "tie", "tie"]),
}


@pytest.mark.parametrize(("answers", "pairs", "reasons"), COMPARED.values(), ids=COMPARED)
def test_the_answers_to_one_prompt_are_compared(answers: list[str], pairs: list[str], reasons: list[str]) -> None:
    records = [
        {"prompt": prompt, "response": response, "helpfulness": int(helpfulness)}
        for prompt, response, helpfulness in map(str.split, answers)
    ]
    rows, used, dropped = outcome(HelpSteerPairs({"helpfulness": 1}), *records)
    assert [f"{row['chosen'][0]['content']} > {row['rejected'][0]['content']}" for row in rows] == pairs
    assert (used, dropped) == (2 * len(pairs), reasons)


def test_a_pair_has_the_scores_and_the_fields_of_both_sides() -> None:
    first = rated("5", "00400", source="helpsteer2", id=7)
    second = rated("4 ", "44401", source="helpsteer2", id=8)
    rows, _, _ = outcome(HelpSteerPairs(), first, second)
    assert rows == [
        {
            "prompt": [user("2+2?")],
            "chosen": [assistant("4")],
            "rejected": [assistant("5")],
            "chosen_score": 7.2,  # 0.65 * 4 + 0.8 * 4 + 0.45 * 4 - 0.4 * 1
            "rejected_score": 1.8,  # 0.45 * 4
            "margin": 5.4,
            "chosen_helpfulness": 4,
            "chosen_correctness": 4,
            "chosen_coherence": 4,
            "chosen_complexity": 0,
            "chosen_verbosity": 1,
            "chosen_id": 8,
            "rejected_helpfulness": 0,
            "rejected_correctness": 0,
            "rejected_coherence": 4,
            "rejected_complexity": 0,
            "rejected_verbosity": 0,
            "rejected_id": 7,
            "source": "helpsteer2",
        }
    ]


def test_embedded_turns_become_messages() -> None:
    prompt = "Hi\n<extra_id_1>Assistant\nYes?\n<extra_id_1>User\n2+2?"
    expected = [user("Hi"), assistant("Yes?"), user("2+2?")]
    rows, _, _ = outcome(HelpSteerPairs(), rated("4", "44400", prompt), rated("5", "00000", prompt))
    rows += outcome(HelpSteerPairs(), preferred(1, prompt=prompt))[0]
    assert [row["prompt"] for row in rows] == [expected, expected]


# (rows, options, "chosen > rejected" or reasons, margin)
PREFERRED: dict[str, tuple[list[Record], dict[str, Any], str, float | None]] = {
    "the first, HelpSteer2": ([preferred(-3)], {}, "4 > 5", 3.0),
    "the second, HelpSteer2": ([preferred(1)], {}, "5 > 4", 1.0),
    "the first, HelpSteer3": ([preferred3(-1)], {}, "4 > 5", 1.0),
    "the second, HelpSteer3": ([preferred3(2.0)], {}, "5 > 4", 2.0),
    "a tie": ([preferred3(0)], {}, "tie", None),
    "a tie, kept": ([preferred(0)], {"ties": "keep"}, "4 > 5", 0.0),
    "too weak": ([preferred(-1)], {"min_margin": 2}, "small-margin", None),
    "just strong enough": ([preferred(-2)], {"min_margin": 2}, "4 > 5", 2.0),
    "another split": ([preferred(1, split="val")], {"split": "train"}, "other-split", None),
    "the split": ([preferred(1, split="val")], {"split": "validation"}, "5 > 4", 1.0),
    "white space": ([preferred(-1, " 4 ", "\n5")], {}, "4 > 5", 1.0),
    "white space, kept": ([preferred(-1, " 4 ", "\n5")], {"whitespace": "keep"}, " 4  > \n5", 1.0),
    "ratings kept as a tie": ([rated("a", "44444"), rated("b", "44444")], {"ties": "keep"}, "a > b", 0.0),
    "ratings too close": ([rated("a", "44444"), rated("b", "34444")], {"min_margin": 0.66}, "small-margin", None),
    "ratings just far enough": ([rated("a", "44444"), rated("b", "34444")], {"min_margin": 0.65}, "a > b", 0.65),
}


@pytest.mark.parametrize(("records", "options", "told", "margin"), PREFERRED.values(), ids=PREFERRED)
def test_direction_margin_and_ties(
    records: list[Record], options: dict[str, Any], told: str, margin: float | None
) -> None:
    rows, _, dropped = outcome(HelpSteerPairs(**options), *records)
    if margin is None:
        assert (rows, set(dropped)) == ([], {told})
    else:
        (row,) = rows
        assert f"{row['chosen'][0]['content']} > {row['rejected'][0]['content']}" == told
        assert row["margin"] == margin
        assert type(row["margin"]) is float


def test_a_preference_carries_its_other_fields_along() -> None:
    (row,), _, _ = outcome(
        HelpSteerPairs(source="hs3"), preferred3(-2, margin="x", chosen="y", individual_preference=[])
    )
    assert row == {
        "prompt": [user("2+2?")],
        "chosen": [assistant("4")],
        "rejected": [assistant("5")],
        "margin": 2.0,
        "domain": "stem",
        "overall_preference": -2,
        "individual_preference": [],
        "source": "hs3",
    }


def test_sums_are_exact() -> None:
    """In doubles 0.1 * 3 is more than 0.3, and a tie would have a best answer."""
    stage = HelpSteerPairs({"helpfulness": 0.1, "correctness": 0.3})
    assert outcome(stage, rated("a", "30000"), rated("b", "01000"))[2] == ["tie", "tie"]


def test_kinds_may_be_mixed() -> None:
    records = [rated("a", "44444"), preferred(1), rated("b", "04444"), preferred3(0)]
    rows, used, dropped = outcome(HelpSteerPairs(), *records)
    assert [row["margin"] for row in rows] == [1.0, 2.6]
    assert (used, dropped) == (3, ["tie"])


def test_a_bad_row_leaves_the_others_alone() -> None:
    stage = HelpSteerPairs()
    assert repr(stage(rated("a", "44444"))) == "Settled((), 0, ())"
    with pytest.raises(Bad, match='wrong-type: "verbosity" is null'):
        stage({**rated("b", "04444"), "verbosity": None})
    assert repr(stage(rated("c", "24444"))) == "Settled((), 0, ())"
    assert stage.finish()[0]["margin"] == 1.3


def test_only_what_counts_is_asked_for() -> None:
    stage = HelpSteerPairs({"helpfulness": 1, "verbosity": 0})
    assert stage({"prompt": "q", "response": "a", "helpfulness": 1}) == ()


BAD_WEIGHTS: dict[str, tuple[dict[str, float], str]] = {
    "an unknown attribute": ({"quality": 1}, 'no attribute "quality"; there are helpfulness, correctness'),
    "no number": ({"helpfulness": float("nan")}, "from -1000 to 1000"),
    "too large": ({"helpfulness": 1e300}, "from -1000 to 1000"),
    "nothing counts": ({"helpfulness": 0.0}, "not 0"),
    "nothing at all": ({}, "not 0"),
}


@pytest.mark.parametrize(("weights", "message"), BAD_WEIGHTS.values(), ids=BAD_WEIGHTS)
def test_weights_are_checked_at_once(weights: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HelpSteerPairs(weights)


def test_the_default_weights_are_those_of_the_paper() -> None:
    assert [WEIGHTS[name] for name in ATTRIBUTES] == [0.65, 0.8, 0.45, 0.55, -0.4]


RATED = st.builds(
    rated, st.sampled_from("ab"), st.text("01234", min_size=5, max_size=5), st.sampled_from("qr"), source=st.just("s")
)
PREFERENCES = st.builds(preferred, st.integers(-3, 3)) | st.builds(preferred3, st.integers(-3, 3))


@given(st.lists(RATED | PREFERENCES, max_size=8))
def test_every_record_is_settled_and_pairs_of_a_kind_have_the_same_keys_and_types(records: list[Record]) -> None:
    rows, used, _ = outcome(HelpSteerPairs(), *records)
    forms = {tuple((key, type(value)) for key, value in row.items()) for row in rows}
    kinds = {("chosen_score" in row, "domain" in row) for row in rows}
    assert len(forms) == len(kinds)
    assert used == sum(2 if "chosen_score" in row else 1 for row in rows)
    assert all(row["margin"] > 0 for row in rows)


def test_a_stage_in_the_midst_of_a_prompt_can_be_sent_to_a_worker() -> None:
    stage = HelpSteerPairs()
    stage(rated("a", "44444"))
    copy = pickle.loads(pickle.dumps(stage))
    for half in (stage, copy):
        assert half(rated("b", "04444")) == ()
        assert half.finish()[0]["margin"] == 2.6


def test_memory_does_not_grow_with_the_answers_to_one_prompt() -> None:
    stage = HelpSteerPairs()
    sizes = []
    for number in range(1000):
        stage(rated("a", "44444", number=10**9 + number))
        sizes.append(len(pickle.dumps(stage)))
    assert sizes[1] == sizes[-1]
