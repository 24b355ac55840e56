from __future__ import annotations

import pytest

from hhtools.formats import dpo
from hhtools.formats.fit import kept_or_dropped
from hhtools.pairs import FitPair, fit_pair
from hhtools.records import Bad, Dropped, Record
from tests.dialogues import assistant, pair, system, user
from tests.formats.pairs import EXTRA_ID_TEXT, HH_TEXT, PROMPT, SHAREGPT

GOOD, POOR = assistant("good"), assistant("poor")
DIALOGUES = {"chosen": [*PROMPT, GOOD], "rejected": [*PROMPT, POOR]}

# What each trainer reads, in one place: every key, every type.
ROWS: dict[str, list[Record]] = {
    "trl": [{"prompt": PROMPT, "chosen": [GOOD], "rejected": [POOR]}],
    "trl-text": [{"prompt": HH_TEXT, "chosen": " good", "rejected": " poor"}],
    "nemo": [
        {
            "prompt": EXTRA_ID_TEXT,
            "chosen_response": "good\n<extra_id_1>",
            "rejected_response": "poor\n<extra_id_1>",
        }
    ],
    "nemo-messages": [{"prompt": PROMPT, "chosen_response": GOOD, "rejected_response": POOR}],
    "nemo-rl": [
        {
            "context": PROMPT,
            "completions": [{"rank": 0, "completion": [GOOD]}, {"rank": 1, "completion": [POOR]}],
        }
    ],
    "nemo-rl-binary": [{"prompt": PROMPT, "chosen": "good", "rejected": "poor"}],
    "llamafactory": [
        {
            "conversations": SHAREGPT,
            "chosen": {"from": "gpt", "value": "good"},
            "rejected": {"from": "gpt", "value": "poor"},
        }
    ],
    "llamafactory-alpaca": [
        {
            "instruction": "Q2",
            "input": "",
            "chosen": "good",
            "rejected": "poor",
            "history": [["Q1", "A1"]],
            "system": "",
        }
    ],
    "axolotl": [{"messages": PROMPT, "chosen": GOOD, "rejected": POOR}],
    "openrlhf": [DIALOGUES],
    "torchtune": [DIALOGUES],
    "open-instruct": [DIALOGUES],
    "swift": [{"messages": [*PROMPT, GOOD], "rejected_response": "poor"}],
    "instruction": [{"instruction": "Q1", "chosen": "good", "rejected": "poor", "source": "helpful-base"}],
}


def fit(record: Record) -> FitPair:
    found = fit_pair(record) or kept_or_dropped(record)
    assert isinstance(found, FitPair)
    return found


def test_formats_that_are_one_line_share_a_function() -> None:
    by_function: dict[object, list[str]] = {}
    for name, form in dpo.FORMATS.items():
        by_function.setdefault(form.messages or form.text, []).append(name)
    assert [names for names in by_function.values() if len(names) > 1] == [["openrlhf", "torchtune", "open-instruct"]]


def test_axolotl_gets_answers_without_white_space_around_them() -> None:
    """A leading space makes its strategy take ">" for the whole answer."""
    (row,) = dpo.axolotl(fit(pair(user("q"), chosen=" good\n", rejected="\tpoor")))
    assert (row["chosen"], row["rejected"]) == (GOOD, POOR)


@pytest.mark.parametrize(("fields", "source"), [({}, ""), ({"source": None}, ""), ({"source": "a"}, "a")])
def test_an_instruction_has_a_source_in_every_row(fields: Record, source: str) -> None:
    (row,) = dpo.instruction(fit({**pair(user("q")), **fields}))
    assert row == {"instruction": "q", "chosen": "4", "rejected": "5", "source": source}


def test_an_instruction_of_another_kind() -> None:
    for record, reason in ((pair(*PROMPT), "multi-turn"), (pair(system("s"), user("q")), "system-message")):
        dropped = dpo.instruction(fit(record))
        assert isinstance(dropped, Dropped)
        assert dropped.reason == reason
    with pytest.raises(Bad, match='wrong-type: "source" is a whole number, not a string'):
        dpo.instruction(fit({**pair(user("q")), "source": 7}))
