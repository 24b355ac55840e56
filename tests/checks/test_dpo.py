from __future__ import annotations

import pytest

from hhtools.checks.dpo import DPO
from hhtools.records import Record
from tests.checks.tables import ABSENT, TAKES, changed, found
from tests.dialogues import assistant, system, user

Q, A, B, C = user("q"), assistant("a"), assistant("b"), assistant("c")
HUMAN, GPT = {"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}
EXTRA_ID = "<extra_id_0>System\n\n<extra_id_1>User\nq\n<extra_id_1>Assistant\n"
SIDES: Record = {"chosen": [Q, A], "rejected": [Q, B]}

GOOD: dict[str, Record] = {
    "trl-dpo": {"prompt": [Q], "chosen": [A], "rejected": [B]},
    "trl-text-dpo": {"prompt": "\n\nHuman: q\n\nAssistant:", "chosen": " a", "rejected": " b"},
    "nemo-dpo": {
        "prompt": EXTRA_ID,
        "chosen_response": "a\n<extra_id_1>",
        "rejected_response": "b\n<extra_id_1>",
        "chosen_reward": 1.0,
        "rejected_reward": 0,
    },
    "nemo-messages-dpo": {"prompt": [system("s"), Q], "chosen_response": A, "rejected_response": B},
    "nemo-rl-dpo": {"context": [Q], "completions": [{"rank": 0, "completion": [A]}, {"rank": 1, "completion": [B]}]},
    "nemo-rl-binary-dpo": {"prompt": [Q], "chosen": "a", "rejected": "b"},
    "llamafactory-dpo": {"conversations": [HUMAN], "chosen": GPT, "rejected": {"from": "gpt", "value": "b"}},
    "llamafactory-alpaca-dpo": {
        "instruction": "r",
        "input": "",
        "history": [["q", "a"]],
        "chosen": "a",
        "rejected": "b",
        "system": "s",
    },
    "axolotl-dpo": {"messages": [Q], "chosen": A, "rejected": B},
    "openrlhf-dpo": SIDES,
    "torchtune-dpo": SIDES,
    "open-instruct-dpo": SIDES,
    "swift-dpo": {"messages": [Q, A], "rejected_response": "b", "margin": 0.5},
    "instruction-dpo": {"instruction": "q", "chosen": "a", "rejected": "b", "source": "helpful-base"},
}

OPTIONAL = {"chosen_reward", "rejected_reward", "system", "margin"}


def test_every_format_has_its_row_here() -> None:
    assert GOOD.keys() == DPO.keys()


@pytest.mark.parametrize("format_name", GOOD)
def test_a_good_row(format_name: str) -> None:
    assert found(format_name, GOOD[format_name]) == TAKES


@pytest.mark.parametrize("format_name", [name for name in GOOD if name != "trl-dpo"])
def test_every_key_is_needed(format_name: str) -> None:
    for key in GOOD[format_name].keys() - OPTIONAL:
        assert found(format_name, changed(GOOD[format_name], {key: ABSENT})) == "error: missing-key"


@pytest.mark.parametrize("format_name", GOOD)
def test_a_key_that_can_be_left_out_has_a_type_too(format_name: str) -> None:
    for key in GOOD[format_name].keys() & OPTIONAL:
        assert found(format_name, changed(GOOD[format_name], {key: ABSENT})) == TAKES
        assert found(format_name, changed(GOOD[format_name], {key: True})) == "error: wrong-type"


WRONG: dict[str, tuple[str, Record, str]] = {
    "texts for messages": ("trl-dpo", {"chosen": "a", "rejected": "b"}, "error: wrong-type, error: wrong-type"),
    "messages for texts": ("trl-text-dpo", {"prompt": [Q]}, "error: wrong-type"),
    "a space at the prompt's end, TRL": (
        "trl-text-dpo",
        {"prompt": "q ", "chosen": "a"},
        "warning: boundary-white-space",
    ),
    "a space at the prompt's end, NeMo": (
        "nemo-dpo",
        {"prompt": "q: ", "chosen_response": "a", "rejected_response": "b"},
        "error: boundary-white-space",
    ),
    "a template without extra ids": (
        "nemo-dpo",
        {"prompt": "User: q\n\nAssistant:", "chosen_response": " a", "rejected_response": " b"},
        TAKES,
    ),
    "a prompt that does not open the assistant's turn": (
        "nemo-dpo",
        {"prompt": "<extra_id_1>User\nq"},
        "warning: unclosed-turn",
    ),
    "an answer that does not close its turn": ("nemo-dpo", {"chosen_response": "a"}, "warning: unclosed-turn"),
    "a list where NeMo reads one message": ("nemo-messages-dpo", {"chosen_response": [A]}, "error: wrong-type"),
    "two system messages": (
        "nemo-messages-dpo",
        {"prompt": [system("s"), system("t"), Q]},
        "warning: turn-order, error: many-system-messages",
    ),
    "equal ranks": (
        "nemo-rl-dpo",
        {"completions": [{"rank": 0, "completion": [A]}, {"rank": 0, "completion": [B]}]},
        "error: same-rank",
    ),
    "three answers": (
        "nemo-rl-dpo",
        {"completions": [{"rank": rank, "completion": [answer]} for rank, answer in enumerate([A, B, C])]},
        "error: answer-count",
    ),
    "one answer": ("nemo-rl-dpo", {"completions": [{"rank": 0, "completion": [A]}]}, "error: answer-count"),
    "an answer without a rank": (
        "nemo-rl-dpo",
        {"completions": [{"completion": [A]}, {"rank": 1, "completion": [B]}]},
        "error: missing-key",
    ),
    "answers that are no list": ("nemo-rl-dpo", {"completions": {"rank": 0}}, "error: wrong-type"),
    "TRL's lists in NeMo-RL": ("nemo-rl-binary-dpo", {"chosen": [A]}, "error: wrong-type"),
    "a question as text": ("nemo-rl-binary-dpo", {"prompt": "q"}, TAKES),
    "a transcript as one message": (
        "nemo-rl-binary-dpo",
        {"prompt": "\n\nHuman: q\n\nAssistant:"},
        "error: transcript-in-message",
    ),
    "a list where LLaMA-Factory reads one message": ("llamafactory-dpo", {"chosen": [GPT]}, "error: wrong-type"),
    "roles for speakers": ("llamafactory-dpo", {"chosen": A}, "error: missing-key, error: missing-key"),
    "an even number of turns": ("llamafactory-dpo", {"conversations": [HUMAN, GPT]}, "error: turn-order"),
    "a chosen answer by the human": ("llamafactory-dpo", {"chosen": HUMAN}, "error: turn-order"),
    "history that is not in twos": ("llamafactory-alpaca-dpo", {"history": [["q"]]}, "error: wrong-type"),
    "null for no history": ("llamafactory-alpaca-dpo", {"history": None}, "error: wrong-type"),
    "no history": ("llamafactory-alpaca-dpo", {"history": []}, TAKES),
    "no instruction": ("llamafactory-alpaca-dpo", {"instruction": ""}, "warning: empty-text"),
    "answers as lists": ("axolotl-dpo", {"chosen": [A], "rejected": [B]}, TAKES),
    "answers as texts": ("axolotl-dpo", {"chosen": "a", "rejected": "b"}, TAKES),
    "an answer with a space before it": ("axolotl-dpo", {"chosen": assistant(" a")}, "error: outer-white-space"),
    "a question with a line break behind it": ("axolotl-dpo", {"messages": [user("q\n")]}, "error: outer-white-space"),
    "an empty answer, Axolotl": ("axolotl-dpo", {"chosen": assistant("")}, "error: empty-text"),
    "an empty answer, TRL": ("trl-dpo", {"chosen": [assistant("")]}, "warning: empty-text"),
    "a prompt apart": ("openrlhf-dpo", {"prompt": [Q], "chosen": [A], "rejected": [B]}, TAKES),
    "all as text": ("openrlhf-dpo", {"chosen": "q a", "rejected": "q b"}, TAKES),
    "a text prompt for lists": ("openrlhf-dpo", {"prompt": "q", "chosen": [A], "rejected": [B]}, "error: wrong-type"),
    "a margin that is text": ("openrlhf-dpo", {"margin": "1"}, "error: wrong-type"),
    "prompts differ, OpenRLHF": ("openrlhf-dpo", {"rejected": [user("r"), B]}, "error: prompts-differ"),
    "prompts differ, open-instruct": ("open-instruct-dpo", {"rejected": [user("r"), B]}, "error: prompts-differ"),
    "prompts differ, torchtune": ("torchtune-dpo", {"rejected": [user("r"), B]}, "warning: prompts-differ"),
    "prompts differ, ms-swift": (
        "swift-dpo",
        {"rejected_messages": [user("r"), B], "rejected_response": ABSENT},
        "warning: prompts-differ",
    ),
    "a rejected dialogue": (
        "swift-dpo",
        {"rejected_messages": [Q, B], "rejected_response": ABSENT},
        TAKES,
    ),
    "equal answers, ms-swift": ("swift-dpo", {"rejected_response": "a"}, "error: same-answers"),
    "equal answers, TRL": ("trl-dpo", {"rejected": [A]}, "warning: same-answers"),
    "equal answers, CS336": ("instruction-dpo", {"rejected": "a"}, "warning: same-answers"),
    "no prompt": ("trl-dpo", {**SIDES, "prompt": ABSENT}, "warning: no-prompt"),
    "two answers in a row": ("trl-dpo", {"prompt": [Q, A]}, "warning: turn-order"),
    "a source that is null": ("instruction-dpo", {"source": None}, "error: wrong-type"),
}


@pytest.mark.parametrize(("format_name", "changes", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_rows(format_name: str, changes: Record, expected: str) -> None:
    assert found(format_name, changed(GOOD[format_name], changes)) == expected
