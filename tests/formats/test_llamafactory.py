from __future__ import annotations

from hhtools.formats import llamafactory
from hhtools.pairs import FitPair
from tests.dialogues import assistant, system, user

PROMPT = [user("Q1"), assistant("A1"), user("Q2")]


def test_a_system_message_has_a_speaker_of_its_own() -> None:
    prompt = [system("Be brief."), user("q")]
    (row,) = llamafactory.dpo(FitPair(prompt, "x", "y", prompt, {}))
    assert row["conversations"] == [{"from": "system", "value": "Be brief."}, {"from": "human", "value": "q"}]


def test_alpaca_has_a_column_for_the_system_message() -> None:
    prompt = [system("Be brief."), *PROMPT]
    (row,) = llamafactory.dpo_alpaca(FitPair(prompt, "x", "y", prompt, {}))
    assert (row["system"], row["history"], row["instruction"]) == ("Be brief.", [["Q1", "A1"]], "Q2")
    (row,) = llamafactory.dpo_alpaca(FitPair([user("q")], "x", "y", [user("q")], {}))
    assert (row["system"], row["history"], row["instruction"]) == ("", [], "q")
