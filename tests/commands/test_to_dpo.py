from __future__ import annotations

import pytest

from hhtools import to_dpo
from hhtools.records import Dropped, Record
from tests.dialogues import assistant, pair, system, user
from tests.shell import hh, jsonl, rows

Q, X, Y, R = user("q"), assistant("x"), assistant("y"), user("r")

# (pair, --for, why there is no row)
DROPPED: dict[str, tuple[Record, str, str]] = {
    "the prompts differ": ({"prompt": [Q], "chosen": [X, R, X], "rejected": [Y]}, "trl", "prompts-differ"),
    "an empty answer": (pair(Q, chosen=""), "trl", "empty-answer"),
    "the assistant twice": (pair(Q, X, Y, R), "trl", "role-order"),
    "a tie": (pair(Q, chosen="5"), "trl", "tie"),
    "a second question": (pair(Q, X, R), "instruction", "multi-turn"),
    "a system message": (pair(system("s"), Q), "instruction", "system-message"),
}


@pytest.mark.parametrize(("record", "format_name", "reason"), DROPPED.values(), ids=DROPPED)
def test_pairs_without_a_row(record: Record, format_name: str, reason: str) -> None:
    result = to_dpo(record, format_name=format_name)
    assert isinstance(result, Dropped)
    assert result.reason == reason
    done = hh("hh-to-dpo", "--for", format_name, "-v", stdin=jsonl(record))
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == f"hh-to-dpo: 1 read, 0 used, 1 dropped ({reason} 1), 0 bad; 0 rows written\n".encode()


def test_prompts_that_differ_can_be_kept_where_each_answer_has_its_own() -> None:
    record = {"prompt": [Q, X], "chosen": [R, X], "rejected": [Q, Y]}
    done = hh("hh-to-dpo", "--for", "torchtune", "--keep", "prompts-differ", stdin=jsonl(record))
    assert rows(done.stdout) == [{"chosen": [Q, X, R, X], "rejected": [Q, X, Q, Y]}]


def test_the_last_question_makes_an_instruction_of_any_pair() -> None:
    done = hh("hh-to-dpo", "--for", "instruction", "--history", "last", stdin=jsonl(pair(Q, X, R)))
    assert rows(done.stdout) == [{"instruction": "r", "chosen": "4", "rejected": "5", "source": ""}]


def test_fields_are_carried_on_request() -> None:
    records = [{**pair(Q), "id": number} for number in (1, 2)]
    done = hh("hh-to-dpo", "--carry", "id", stdin=jsonl(*records))
    assert [row["id"] for row in rows(done.stdout)] == [1, 2]
    assert hh("hh-to-dpo", "--carry", "id", stdin=jsonl(*records, pair(Q))).returncode == 65


USAGE = {
    "one prompt for both": (["--keep", "prompts-differ"], "a row has one prompt for both answers"),
    "what ms-swift deletes": (["--for", "swift", "--keep", "tie"], "ms-swift deletes"),
    "what Axolotl cannot say": (["--for", "axolotl", "--keep", "empty-answer"], "a placeholder's text"),
    "what LLaMA-Factory skips": (["--for", "llamafactory-alpaca", "--keep", "role-order"], "LLaMA-Factory skips"),
    "an instruction's system": (["--for", "instruction", "--system", "s"], "--system: the rows of the exercise"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-to-dpo", *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
