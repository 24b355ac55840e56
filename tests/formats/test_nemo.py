from __future__ import annotations

from hhtools.formats import nemo
from hhtools.formats.templates import TEMPLATES
from hhtools.pairs import FitPair
from tests.dialogues import system, user

Q, R = [user("q")], [user("r")]


def test_a_chat_has_a_field_for_the_system_message() -> None:
    prompt = [system("Be brief."), user("q")]
    (row,) = nemo.sft(FitPair(prompt, "x", "y", prompt, {}))
    assert row["system"] == "Be brief."
    assert [turn["from"] for turn in row["conversations"]] == ["User", "Assistant"]


def test_each_answer_follows_its_own_prompt() -> None:
    pair = FitPair(Q, "x", "y", R, {})
    texts = [row["prompt"] + row["response"] for row in nemo.kto(pair, TEMPLATES["mistral"])]
    assert texts == ["[INST] q[/INST] x</s>", "[INST] r[/INST] y</s>"]
    assert [row["text"] for row in nemo.reward(pair, TEMPLATES["mistral"])] == texts
