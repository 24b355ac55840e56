from __future__ import annotations

from hhtools import to_sft
from hhtools.records import Dropped
from tests.dialogues import assistant, pair, user
from tests.shell import hh, jsonl, rows

Q, X, R = user("q"), assistant("x"), user("r")


def test_nothing_of_the_rejected_side_is_written() -> None:
    record = {"prompt": [Q, X], "chosen": [R, X], "rejected": [user("other"), assistant("poor")]}
    done = hh("hh-to-sft", "--keep", "prompts-differ", stdin=jsonl(record))
    assert rows(done.stdout) == [{"messages": [Q, X, R, X]}]


def test_the_pair_of_an_unfit_answer_is_dropped_whole() -> None:
    dropped = to_sft(pair(Q, rejected=""))
    assert isinstance(dropped, Dropped)
    assert dropped.reason == "empty-answer"


def test_the_help_says_that_hh_is_not_for_this() -> None:
    text = " ".join(hh("hh-to-sft", "--help").stdout.decode().split())
    assert "its card says that the data are not meant for supervised training of dialogue agents" in text


def test_turns_that_nemo_cannot_write() -> None:
    done = hh("hh-to-sft", "--for", "nemo", "--keep", "role-order")
    assert (done.returncode, b"--keep role-order: NeMo's chats are a system text" in done.stderr) == (2, True)
