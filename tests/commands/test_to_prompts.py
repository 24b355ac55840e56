from __future__ import annotations

from tests.dialogues import assistant, pair, user
from tests.shell import hh, jsonl, rows

Q, X, Y, R = user("q"), assistant("x"), assistant("y"), user("r")


def test_rows_for_verl_are_numbered() -> None:
    records = [pair(user(name), chosen=chosen) for name, chosen in (("a", "4"), ("tie", "5"), ("b", "4"))]
    made = rows(hh("hh-to-prompts", "--for", "verl", stdin=jsonl(*records)).stdout)
    assert [(row["prompt"][0]["content"], row["extra_info"]["index"]) for row in made] == [("a", 0), ("b", 1)]


def test_of_prompts_that_differ_the_chosen_one_is_taken() -> None:
    record = {"prompt": [Q, X], "chosen": [R, X], "rejected": [Q, Y]}
    done = hh("hh-to-prompts", "--keep", "prompts-differ", stdin=jsonl(record))
    assert rows(done.stdout) == [{"prompt": [Q, X, R]}]


def test_the_same_prompt_is_written_each_time() -> None:
    done = hh("hh-to-prompts", "--for", "trl-text", stdin=jsonl(pair(Q), pair(Q)))
    assert rows(done.stdout) == [{"prompt": "\n\nHuman: q\n\nAssistant:"}] * 2
