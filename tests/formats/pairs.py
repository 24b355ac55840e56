"""The pairs that golden rows are made of."""

from __future__ import annotations

from tests.dialogues import assistant, pair, user

PROMPT = [user("Q1"), assistant("A1"), user("Q2")]
MULTI_TURN = {**pair(*PROMPT, chosen="good", rejected="poor"), "source": "helpful-base"}
SINGLE_TURN = {**pair(user("Q1"), chosen="good", rejected="poor"), "source": "helpful-base"}

HH_TEXT = "\n\nHuman: Q1\n\nAssistant: A1\n\nHuman: Q2\n\nAssistant:"
NEMO_TEXT = "Human:\nQ1\nAssistant:\nA1\nHuman:\nQ2\nAssistant:\n"
EXTRA_ID_TEXT = (
    "<extra_id_0>System\n\n<extra_id_1>User\nQ1\n<extra_id_1>Assistant\nA1\n<extra_id_1>User\nQ2\n"
    "<extra_id_1>Assistant\n"
)
SHAREGPT = [{"from": "human", "value": "Q1"}, {"from": "gpt", "value": "A1"}, {"from": "human", "value": "Q2"}]
