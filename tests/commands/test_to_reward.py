from __future__ import annotations

import pytest

from hhtools import to_reward
from tests.dialogues import assistant, pair, user
from tests.shell import hh, jsonl, rows

Q, X, Y, R = user("q"), assistant("x"), assistant("y"), user("r")


@pytest.mark.parametrize("format_name", ["trl", "trl-text", "openrlhf", "open-instruct"])
def test_a_margin_is_a_decimal_number_in_every_row(format_name: str) -> None:
    records = [{**pair(Q), "strength": strength} for strength in (3, 0.5)]
    done = hh("hh-to-reward", "--for", format_name, "--margin", "strength", stdin=jsonl(*records))
    assert [row["margin"] for row in rows(done.stdout)] == [3.0, 0.5]
    assert all(type(row["margin"]) is float for row in rows(done.stdout))
    expected = [row for record in records for row in to_reward(record, format_name=format_name, margin="strength")]
    assert rows(done.stdout) == expected


def test_a_pair_without_its_margin_is_bad() -> None:
    done = hh("hh-to-reward", "--margin", "strength", stdin=jsonl({**pair(Q), "strength": 1}, pair(Q)))
    assert (done.returncode, len(rows(done.stdout))) == (65, 1)
    assert b'stdin:2: missing-field: no field "strength"' in done.stderr


def test_a_dropped_pair_needs_no_margin() -> None:
    done = hh("hh-to-reward", "--margin", "strength", "-v", stdin=jsonl(pair(Q, chosen="5")))
    assert (done.returncode, b"1 dropped (tie 1)" in done.stderr) == (0, True)


def test_prompts_that_differ_can_be_kept_in_whole_dialogues() -> None:
    record = jsonl({"prompt": [Q, X], "chosen": [R, X], "rejected": [Q, Y]})
    argv = ["hh-to-reward", "--keep", "prompts-differ", "--template", "mistral"]
    chosen, rejected = "[INST] q[/INST] x</s>[INST] r[/INST] x</s>", "[INST] q[/INST] x</s>[INST] q[/INST] y</s>"
    assert rows(hh(*argv, stdin=record).stdout) == [{"chosen": chosen, "rejected": rejected}]
    assert rows(hh(*argv, "--for", "nemo", stdin=record).stdout) == [{"text": chosen}, {"text": rejected}]


USAGE = {
    "a margin for NeMo": (["--for", "nemo", "--margin", "m"], "--margin: NeMo-Aligner's lines hold a text"),
    "two margins": (["--margin", "m", "--carry", "margin"], "--carry margin: with --margin, rows have"),
    "a prompt of its own for each": (["--for", "open-instruct", "--keep", "prompts-differ"], "open-instruct takes"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-to-reward", *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
