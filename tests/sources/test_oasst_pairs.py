from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.records import Bad, Dropped, Record
from hhtools.sources.oasst_pairs import COMPARE, Compare, oasst_pairs
from tests.dialogues import answered, asked, assistant, tree, user


def ranked(*ranks: int | None) -> Record:
    """Make a tree with one answer for each rank, called a, b, c ..."""
    return tree(asked("q", *(answered(chr(97 + number), rank=rank) for number, rank in enumerate(ranks))))


# (ranks of the answers a, b, c ...; "chosen > rejected" for best-worst, adjacent, all)
COMPARED: dict[str, tuple[list[int | None], str, str, str]] = {
    "two": ([0, 1], "a>b", "a>b", "a>b"),
    "two, the worse first": ([1, 0], "b>a", "b>a", "b>a"),
    "three": ([2, 0, 1], "b>a", "b>c c>a", "b>c b>a c>a"),
    "four": ([0, 1, 2, 3], "a>d", "a>b b>c c>d", "a>b a>c a>d b>c b>d c>d"),
    "one without a rank": ([1, None, 0], "c>a", "c>a", "c>a"),
    "one of the same rank": ([0, 1, 1], "a>c", "a>b", "a>b a>c"),
    "a gap": ([7, 3], "b>a", "b>a", "b>a"),
    "all of the same rank": ([1, 1, 1], "", "", ""),
    "one answer": ([0], "", "", ""),
    "no ranks": ([None, None], "", "", ""),
    "no answers": ([], "", "", ""),
}


@pytest.mark.parametrize(("ranks", "best_worst", "adjacent", "everyone"), COMPARED.values(), ids=COMPARED)
def test_who_meets_whom(ranks: list[int | None], best_worst: str, adjacent: str, everyone: str) -> None:
    expected: dict[Compare, str] = {"best-worst": best_worst, "adjacent": adjacent, "all": everyone}
    assert tuple(expected) == COMPARE
    for compare, couples in expected.items():
        result = oasst_pairs(ranked(*ranks), compare=compare)
        assert (
            " ".join(f"{pair['chosen'][0]['content']}>{pair['rejected'][0]['content']}" for pair in result) == couples
        )
        assert isinstance(result, Dropped) == (not couples)


def test_a_tree_without_a_pair_has_a_reason() -> None:
    assert repr(oasst_pairs(ranked(0))) == "Dropped('no-ranked-answers')"
    assert repr(oasst_pairs(ranked(0, 1), langs=["en"])) == "Dropped('other-language')"


DEEP = tree(
    asked(
        " q ",
        answered("a\n", asked("r", answered("c", rank=1), answered("d", rank=0)), rank=1),
        answered("b", asked("s", answered("e"), rank=0), asked("t", answered("f"), rank=1), rank=0),
    ),
    origin="web",
    source="oasst1",
    prompt_id=7,
)


def test_a_pair_has_all_that_was_said_before_and_the_fields_of_its_tree() -> None:
    first, second = oasst_pairs(DEEP)
    assert first == {
        "prompt": [user("q")],
        "chosen": [assistant("b")],
        "rejected": [assistant("a")],
        "chosen_rank": 0,
        "rejected_rank": 1,
        "chosen_message_id": "<b>",
        "rejected_message_id": "<a\n>",
        "message_tree_id": "t",
        "tree_state": "ready_for_export",
        "origin": "web",
        "source": "oasst1",
        "prompt_id": 7,
    }
    # The prompter's messages have ranks too: two questions after one answer are no preference between answers.
    assert (second["prompt"], second["chosen"]) == ([user("q"), assistant("a"), user("r")], [assistant("d")])


def test_white_space_is_kept_and_a_source_given_on_request() -> None:
    first, second = oasst_pairs(DEEP, whitespace="keep", source="mine")
    assert (first["prompt"], first["rejected"], first["source"]) == ([user(" q ")], [assistant("a\n")], "mine")
    assert second["prompt"] == [user(" q "), assistant("a\n"), user("r")]


def test_what_is_left_out_meets_nobody() -> None:
    record = tree(asked("q", answered("a", rank=0, deleted=True), answered("b", rank=1), answered("c", rank=2)))
    (pair,) = oasst_pairs(record, without=["deleted"])
    assert (pair["chosen"], pair["rejected"]) == ([assistant("b")], [assistant("c")])


def test_a_first_message_without_its_tree_is_not_carried_along() -> None:
    (pair,) = oasst_pairs({**asked("q", answered("a", rank=0), answered("b", rank=1)), "lang": "en"})
    assert pair["prompt"] == [user("q")]
    assert set(pair) - {"prompt", "chosen", "rejected"} == {
        *("chosen_rank", "rejected_rank", "chosen_message_id", "rejected_message_id"),
        *("message_id", "lang"),
    }


def test_a_prompter_may_not_answer() -> None:
    record = tree(asked("q", asked("a", rank=0), answered("b", rank=1), answered("c", rank=2)))
    assert [pair["chosen"] for pair in oasst_pairs(record, compare="all")] == [[assistant("b")]]


def test_a_bad_message_makes_the_tree_bad() -> None:
    with pytest.raises(Bad, match='wrong-type: message <b>: "rank" is a decimal number, not a whole number'):
        oasst_pairs(tree(asked("q", answered("a", rank=0), answered("b", rank=0.5))))
    with pytest.raises(Bad, match='wrong-type: message <b>: "text" is null'):
        oasst_pairs(tree(asked("q", answered("a", rank=0), {**answered("b", rank=1), "text": None})))


def test_ten_thousand_levels_give_their_pairs() -> None:
    """One pair at the very end, so that what is written is not itself the square of the depth."""
    record = asked("last", answered("a", rank=0), answered("b", rank=1))
    for number in range(5000):
        record = asked(str(number), answered("x", record))
    (pair,) = oasst_pairs(tree(record))
    assert (len(pair["prompt"]), pair["prompt"][-1]) == (10_001, user("last"))


MESSAGES: st.SearchStrategy[Any] = st.recursive(
    st.builds(answered, st.text(max_size=2), rank=st.none() | st.integers(0, 2)),
    lambda inner: st.builds(
        lambda text, replies, rank: answered(text, asked("r", *replies), rank=rank),
        st.text(max_size=2),
        st.lists(inner, max_size=3),
        st.none() | st.integers(0, 2),
    ),
    max_leaves=8,
)


@given(st.lists(MESSAGES, max_size=4), st.sampled_from(COMPARE))
def test_every_pair_has_the_same_keys_and_types(replies: list[Record], compare: Compare) -> None:
    record = tree(asked("q", *replies), source="s")
    before = pickle.dumps(record)
    pairs = oasst_pairs(record, compare=compare)
    assert pickle.dumps(record) == before
    assert len({tuple((key, type(value)) for key, value in pair.items()) for pair in pairs}) == bool(pairs)
    for pair in pairs:
        assert pair["chosen_rank"] < pair["rejected_rank"]
        assert pair["prompt"][-1]["role"] == "user"
        assert [message["role"] for message in pair["chosen"] + pair["rejected"]] == ["assistant", "assistant"]
