from __future__ import annotations

from typing import Any

import pytest

from hhtools.commands.unpack_kto import unpack_kto, unpack_like_nemo_aligner
from hhtools.records import Dropped, Record
from tests.dialogues import assistant, pair, system, user
from tests.shell import hh, jsonl, rows

Q, X, Y, R = user("q"), assistant("x"), assistant("y"), user("r")


# (pair, options of the function, options of the command, what the rows say or why there are none)
TEXTS: dict[str, tuple[Record, dict[str, Any], list[str], list[tuple[str, str]] | str]] = {
    "last question only": (pair(Q, X, R), {"history": "last"}, ["--history", "last"], [("r", "4"), ("r", "5")]),
    "last question, system kept": (
        pair(system("s"), Q, X, R),
        {"history": "last"},
        ["--history", "last"],
        [("s r", "4"), ("s r", "5")],
    ),
    "last question of a prompt that ends with the assistant": (
        pair(Q, X, R, Y),
        {"history": "last", "keep": ["role-order"]},
        ["--history", "last", "--keep", "role-order"],
        [("r y", "4"), ("r y", "5")],
    ),
    "two answers remain": ({"prompt": [Q], "chosen": [X, Y], "rejected": [Y]}, {}, [], "prompts-differ"),
    "prompts differ, kept": (
        {"prompt": [Q, X], "chosen": [R, X], "rejected": [Q, Y]},
        {"keep": ["prompts-differ"]},
        ["--keep", "prompts-differ"],
        [("q x r", "x"), ("q x q", "y")],
    ),
    "prompts differ, kept, last question only": (
        {"prompt": [Q, X], "chosen": [R, X], "rejected": [Q, Y]},
        {"keep": ["prompts-differ"], "history": "last"},
        ["--keep", "prompts-differ", "--history", "last"],
        [("r", "x"), ("q", "y")],
    ),
    "no prompt at all cannot be kept": (
        {"prompt": [], "chosen": [X], "rejected": [Q, Y]},
        {"keep": ["prompts-differ", "role-order"]},
        ["--keep", "prompts-differ", "--keep", "role-order"],
        "prompts-differ",
    ),
    "an empty answer": (pair(Q, chosen=""), {}, [], "empty-answer"),
    "an empty answer, kept": (
        pair(Q, chosen=""),
        {"keep": ["empty-answer"]},
        ["--keep", "empty-answer"],
        [("q", ""), ("q", "5")],
    ),
    "the assistant twice": (pair(Q, X, Y, R), {}, [], "role-order"),
    "the assistant twice, kept": (
        pair(Q, X, Y, R),
        {"keep": ["role-order"]},
        ["--keep", "role-order"],
        [("q x y r", "4"), ("q x y r", "5")],
    ),
    "a human's answer cannot be kept": (
        {"prompt": [Q], "chosen": [R], "rejected": [Y]},
        {"keep": ["role-order"]},
        ["--keep", "role-order"],
        "role-order",
    ),
    "a tie": (pair(Q, chosen="5"), {}, [], "tie"),
    "a tie, kept": (pair(Q, chosen="5"), {"keep": ["tie"]}, ["--keep", "tie"], [("q", "5"), ("q", "5")]),
    "kept for another reason": (pair(Q, chosen=""), {"keep": ["tie"]}, ["--keep", "tie"], "empty-answer"),
}


@pytest.mark.parametrize(("record", "options", "argv", "told"), TEXTS.values(), ids=TEXTS)
def test_unfit_pairs_and_histories(
    record: Record, options: dict[str, Any], argv: list[str], told: list[tuple[str, str]] | str
) -> None:
    result = unpack_kto(record, format_name="trl", **options)
    done = hh("hh-unpack-kto", "--for", "trl", "-v", *argv, stdin=jsonl(record))
    assert done.returncode == 0
    if isinstance(told, str):
        assert isinstance(result, Dropped)
        assert result.reason == told
        assert f"1 read, 0 used, 1 dropped ({told} 1), 0 bad; 0 rows written; desirable 0" in done.stderr.decode()
        assert done.stdout == b""
    else:
        for made in (result, rows(done.stdout)):
            assert [(_texts(row["prompt"]), _texts(row["completion"])) for row in made] == told
            assert [row["label"] for row in made] == [True, False]


def test_an_empty_answer_in_text_is_the_one_space_of_the_data_set() -> None:
    first, _ = unpack_kto(pair(Q, chosen=""), format_name="trl-text", keep=["empty-answer"])
    assert (first["prompt"], first["completion"]) == ("\n\nHuman: q\n\nAssistant:", " ")


STAGGERED = {
    0: "0t 0f 1t 1f 2t 2f 3t 3f",
    1: "0t 1t 0f 2t 1f 3t 2f 3f",
    2: "0t 1t 2t 0f 3t 1f 2f 3f",
    9: "0t 1t 2t 3t 0f 1f 2f 3f",
}


@pytest.mark.parametrize(("distance", "order"), STAGGERED.items())
def test_a_rejected_row_comes_some_pairs_later(distance: int, order: str) -> None:
    pairs = [pair(user(str(number))) for number in range(4)]
    done = hh("hh-unpack-kto", "--for", "trl", "--stagger", str(distance), stdin=jsonl(*pairs))
    found = [f"{row['prompt'][0]['content']}{'t' if row['label'] else 'f'}" for row in rows(done.stdout)]
    assert " ".join(found) == order


def test_dropped_pairs_do_not_count_for_the_distance() -> None:
    done = hh("hh-unpack-kto", "--for", "trl", "--stagger", "1", stdin=jsonl(pair(Q), pair(Q, chosen="5"), pair(R)))
    assert [row["label"] for row in rows(done.stdout)] == [True, True, False, False]


def test_rows_still_held_are_written_before_a_bad_record_ends_the_run() -> None:
    done = hh("hh-unpack-kto", "--for", "trl", stdin=jsonl(pair(Q), {"id": 1}))
    assert done.returncode == 65
    assert [row["label"] for row in rows(done.stdout)] == [True, False]


def test_a_record_that_cannot_be_written_takes_no_other_with_it() -> None:
    """Rows are held back and mixed, so what cannot be written must be found when it comes in."""
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    records = [{**pair(user(name)), "x": deep if name == "q1" else []} for name in ("q0", "q1", "q2")]
    for distance in ("0", "1", "16"):
        argv = ["--for", "trl", "--carry", "x", "--stagger", distance]
        done = hh("hh-unpack-kto", *argv, "--max-bad", "1", stdin=jsonl(*records))
        assert (done.returncode, b"too-deep 1" in done.stderr) == (0, True)
        labels = sorted((row["prompt"][0]["content"], row["label"]) for row in rows(done.stdout))
        assert labels == [("q0", False), ("q0", True), ("q2", False), ("q2", True)]


def test_fields_are_carried_on_request() -> None:
    records = [{**pair(Q), "source": source, "id": 1} for source in ("a", "b")]
    done = hh("hh-unpack-kto", "--carry", "source", "--carry", "id", stdin=jsonl(*records))
    assert [(row["source"], row["id"]) for row in rows(done.stdout)] == [("a", 1), ("a", 1), ("b", 1), ("b", 1)]
    assert all("source" not in row for row in rows(hh("hh-unpack-kto", stdin=jsonl(*records)).stdout))


@pytest.mark.parametrize("argv", [["--carry", "source"], ["--carry", "source", "--stagger", "2"]])
def test_a_field_that_is_missing_or_changes_type_is_bad(argv: list[str]) -> None:
    records = [{**pair(Q), "source": "a"}, pair(Q), {**pair(Q), "source": None}, {**pair(Q), "source": "b"}]
    done = hh("hh-unpack-kto", *argv, "--max-bad", "5", stdin=jsonl(*records))
    assert done.returncode == 0
    assert [row["source"] for row in rows(done.stdout)].count("a") == 2
    assert [line.split(": ")[2] for line in done.stderr.decode().splitlines()[:2]] == ["missing-field", "wrong-type"]


# What NeMo-Aligner's script makes of a pair, worked out by hand from its source.
COMPAT: dict[str, tuple[Record, Any]] = {
    "the history is lost": (pair(Q, X, R), [("Human:\nr\nAssistant:\n", "4"), ("Human:\nr\nAssistant:\n", "5")]),
    "only the last question is compared": (
        {"prompt": [], "chosen": [Q, X, R, X], "rejected": [Q, Y, R, Y]},
        [("Human:\nr\nAssistant:\n", "x"), ("Human:\nr\nAssistant:\n", "y")],
    ),
    "the prompt is cut out of the answer": (
        pair(Q, chosen="a Human:\nq\nAssistant:\nb"),
        [("Human:\nq\nAssistant:\n", "a b"), ("Human:\nq\nAssistant:\n", "5")],
    ),
    "empty answers and ties stay": (pair(Q, chosen="", rejected=""), [("Human:\nq\nAssistant:\n", "")] * 2),
    "two answers": (pair(Q, X), "role-order"),
    "no turns at all": ({"prompt": [], "chosen": [system("s")], "rejected": [system("s")]}, "role-order"),
    "the last questions differ": ({"prompt": [Q, X], "chosen": [R, X], "rejected": [Q, X]}, "prompts-differ"),
}


@pytest.mark.parametrize(("record", "told"), COMPAT.values(), ids=COMPAT)
def test_the_very_rows_of_nemo_aligner(record: Record, told: Any) -> None:
    result = unpack_like_nemo_aligner(record)
    done = hh("hh-unpack-kto", "--compat", "nemo-aligner", stdin=jsonl(record))
    if isinstance(told, str):
        assert isinstance(result, Dropped)
        assert (result.reason, done.stdout) == (told, b"")
    else:
        for made in (result, rows(done.stdout)):
            assert [(row["prompt"], row["response"]) for row in made] == told
            assert [row["preference"] for row in made] == ["chosen", "rejected"]


USAGE = {
    "unknown trainer": (["--for", "tlr"], "tlr"),
    "negative distance": (["--stagger", "-1"], "--stagger"),
    "a field of the pair": (["--carry", "chosen"], "are made of"),
    "a carried field of the rows": (["--for", "trl", "--carry", "label"], "a field of that name"),
    "what LLaMA-Factory cannot say": (["--for", "llamafactory", "--keep", "empty-answer"], "undesirable"),
    "compat with another option": (["--compat", "nemo-aligner", "--history", "last"], "fixed rows"),
    "compat for another trainer": (["--compat", "nemo-aligner", "--for", "trl"], "fixed rows"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-unpack-kto", *argv)
    assert done.returncode == 2
    assert message in done.stderr.decode()


def _texts(messages: list[dict[str, str]]) -> str:
    return " ".join(message["content"] for message in messages)
