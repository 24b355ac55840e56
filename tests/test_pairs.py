from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.pairs import UNFIT, FitPair, Pair, Unfit, fit_pair, pair_of, unfit
from hhtools.records import Bad, Message, Record
from tests.dialogues import assistant, pair, system, user

Q, X, Y, R = user("q"), assistant("x"), assistant("y"), user("r")

UNFIT_PAIRS: dict[str, tuple[Pair, Unfit | None]] = {
    "fit": (Pair([Q], [X], [Y]), None),
    "fit, three turns": (Pair([Q, X, R], [X], [Y]), None),
    "fit, after a system message": (Pair([system("s"), Q], [X], [Y]), None),
    "two messages remain": (Pair([Q], [X, Y], [Y]), "prompts-differ"),
    "nothing shared": (Pair([], [Q, X], [R, Y]), "prompts-differ"),
    "nothing shared, one turn": (Pair([], [X], [Y]), "prompts-differ"),
    "empty": (Pair([Q], [assistant("")], [Y]), "empty-answer"),
    "empty, on the other side": (Pair([Q], [X], [assistant("")]), "empty-answer"),
    "all white space": (Pair([Q], [assistant(" \n")], [Y]), "empty-answer"),
    "two assistants in the prompt": (Pair([Q, X, X, R], [X], [Y]), "role-order"),
    "the prompt ends with the assistant": (Pair([Q, X], [X], [Y]), "role-order"),
    "the human answers": (Pair([Q], [R], [Y]), "role-order"),
    "a system message in the middle": (Pair([Q, system("s")], [X], [Y]), "role-order"),
    "only a system message": (Pair([system("s")], [X], [Y]), "role-order"),
    "tie": (Pair([Q], [X], [X]), "tie"),
    "prompts differ before empty": (Pair([Q], [X, assistant("")], [Y]), "prompts-differ"),
    "empty before role order": (Pair([Q, X], [assistant("")], [Y]), "empty-answer"),
    "role order before tie": (Pair([Q, X], [X], [X]), "role-order"),
    "empty before tie": (Pair([Q], [assistant("")], [assistant("")]), "empty-answer"),
}


@pytest.mark.parametrize(("given_pair", "reason"), UNFIT_PAIRS.values(), ids=UNFIT_PAIRS)
def test_the_first_reason_that_holds_is_told(given_pair: Pair, reason: Unfit | None) -> None:
    assert unfit(given_pair) == reason


def test_kept_reasons_are_passed_over() -> None:
    both = Pair([Q], [X, assistant("")], [Y])
    assert unfit(both, {"prompts-differ"}) == "empty-answer"
    assert unfit(both, {"prompts-differ", "empty-answer", "role-order"}) is None
    assert unfit(Pair([Q], [X], [X]), {"tie"}) is None
    # With a prompt of its own, each side has to be in turn on its own.
    assert unfit(Pair([Q], [X, R, Y], [Y]), {"prompts-differ"}) is None
    assert unfit(Pair([Q], [X, X], [Y]), {"prompts-differ"}) == "role-order"


NOT_PAIRS: dict[str, tuple[Record, str]] = {
    "a raw pair": ({"chosen": "\n\nHuman: q", "rejected": ""}, "missing-field: .*hh-parse first"),
    "a raw red-team row": ({"transcript": "\n\nHuman: q"}, "missing-field: .*hh-parse first"),
    "a conversation": ({"messages": [Q, X]}, "missing-field: .*a conversation has no preferred answer"),
    "no prompt": ({"chosen": [X], "rejected": [Y]}, 'missing-field: no field "prompt"'),
    "an empty side": ({"prompt": [Q], "chosen": [X], "rejected": []}, 'wrong-type: "rejected" holds no message'),
    "an empty other side": ({"prompt": [Q], "chosen": [], "rejected": [Y]}, 'wrong-type: "chosen" holds no message'),
    "a string for a prompt": ({"prompt": "q", "chosen": [X], "rejected": [Y]}, 'wrong-type: "prompt" is a string'),
}


@pytest.mark.parametrize(("record", "message"), NOT_PAIRS.values(), ids=NOT_PAIRS)
def test_what_is_no_pair_is_bad(record: Record, message: str) -> None:
    assert fit_pair(record) is None
    with pytest.raises(Bad, match=message):
        pair_of(record)


MESSAGES: st.SearchStrategy[Any] = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant", "system", "tool"]),
            "content": st.sampled_from(["", " ", "x", "y", 1]),
        }
    )
    | st.sampled_from([Q, X, Y, R, None, "x", {"role": "user"}, {**Q, "name": "n"}]),
    max_size=4,
)


@given(st.fixed_dictionaries({}, optional={"prompt": MESSAGES | st.none(), "chosen": MESSAGES, "rejected": MESSAGES}))
def test_the_quick_look_agrees_with_the_close_one(record: Record) -> None:
    """fit_pair may leave a fit pair to the close look, never the other way round."""
    quick = fit_pair(record)
    try:
        checked = pair_of(record)
    except Bad:
        assert quick is None
        return
    if quick:
        assert unfit(checked) is None
        answer, other = checked.chosen[0]["content"], checked.rejected[0]["content"]
        assert quick == FitPair(checked.prompt, answer, other, checked.prompt, record)
        assert quick.other_prompt is quick.prompt


def test_plain_fit_pairs_take_the_quick_look() -> None:
    prompt: list[Message] = [user("q"), assistant("x"), user("r")]
    record = pair(*prompt)
    assert fit_pair(record) == FitPair(prompt, "4", "5", prompt, record)


def test_reasons_are_in_the_order_in_which_they_are_looked_for() -> None:
    assert UNFIT == ("prompts-differ", "empty-answer", "role-order", "tie")
