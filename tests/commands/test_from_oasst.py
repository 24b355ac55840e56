from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.commands.from_oasst import from_oasst
from hhtools.formats.regression import SYSTEM
from hhtools.records import Bad, Dropped, Record
from tests.conftest import OASST_TREES
from tests.dialogues import answered, asked, assistant, tree, user
from tests.shell import hh, jsonl, rows, shell


def labels(**values: Any) -> Record:
    return {"labels": {name: {"value": value, "count": 3} for name, value in values.items()}}


# A record is written here as its turns: "U q" is what the user says, "A a|LABEL" what the assistant does, "A a" without
# a label at all.
def turns_of(record: Record) -> list[str]:
    assert {key: value for key, value in record.items() if key != "conversations"} == {
        "system": SYSTEM,
        "mask": "User",
        "type": "VALUE_TO_TEXT",
    }
    found = []
    for turn in record["conversations"]:
        if turn["from"] == "User":
            assert turn.pop("label") is None
            found.append(f"U {turn['value']}")
        else:
            found.append(f"A {turn['value']}|{turn['label']}" if "label" in turn else f"A {turn['value']}")
        assert set(turn) - {"label"} == {"value", "from"}
    return found


RATED = labels(quality=0.625, toxicity=0.0, humor=0.125, creativity=0.375, spam=0.0)

TABLE: dict[str, tuple[Record, list[list[str]]]] = {
    "one answer": (
        tree(asked("q", answered("a", **RATED), **RATED)),
        [["U q", "A a|quality:2,toxicity:0,humor:0,creativity:2"]],
    ),
    "every path to a leaf, in order": (
        tree(asked("q", answered("a", asked("r", answered("b")), asked("s")), answered("c"))),
        [["U q", "A a", "U r", "A b"], ["U q", "A a", "U s"], ["U q", "A c"]],
    ),
    "some labels": (tree(asked("q", answered("a", **labels(humor=1, spam=0)))), [["U q", "A a|humor:4"]]),
    "none of the labels": (tree(asked("q", answered("a", **labels(spam=0.5)))), [["U q", "A a|"]]),
    "empty labels": (tree(asked("q", answered("a", labels={}))), [["U q", "A a|"]]),
    "no labels at all": (tree(asked("q", answered("a"))), [["U q", "A a"]]),
    "the user's labels do not count": (
        tree(asked("q", answered("a", asked("r", **labels(quality=None))), **labels(quality=2))),
        [["U q", "A a", "U r"]],
    ),
    "all states, languages and kinds of message": (
        tree(
            asked("q", answered("a", deleted=True), answered("b", review_result=False), lang="th"),
            tree_state="aborted_low_grade",
        ),
        [["U q", "A a"], ["U q", "A b"]],
    ),
    "the same role twice": (tree(answered("a", answered("b", asked("q", asked("r"))))), [["A a", "A b", "U q", "U r"]]),
    "a first message without its tree": (asked("q", answered("a")), [["U q", "A a"]]),
    "white space stays": (tree(asked(" q\n", answered("\ta "))), [["U  q\n", "A \ta "]]),
}


@pytest.mark.parametrize(("record", "expected"), TABLE.values(), ids=TABLE)
def test_the_records_of_nemo_aligner(record: Record, expected: list[list[str]]) -> None:
    # Turns are shared between the records of a tree, so each row is looked at in a copy of its own.
    assert [turns_of(json.loads(json.dumps(row))) for row in from_oasst(record)] == expected
    done = hh("hh-from-oasst", stdin=jsonl({**record, "source": "x"}))
    assert (done.returncode, [turns_of(row) for row in rows(done.stdout)], done.stderr) == (0, expected, b"")


def test_one_record_in_full() -> None:
    (row,) = from_oasst(tree(asked("q", answered("a", **RATED))))
    assert row == {
        "conversations": [
            {"value": "q", "from": "User", "label": None},
            {"value": "a", "from": "Assistant", "label": "quality:2,toxicity:0,humor:0,creativity:2"},
        ],
        "system": SYSTEM,
        "mask": "User",
        "type": "VALUE_TO_TEXT",
    }


SPAM = tree(asked("q", answered("a", asked("r"), review_result=False), answered("b", deleted=True), lang="en"))

WANTED: dict[str, tuple[dict[str, Any], list[str], list[list[str]] | str]] = {
    "this language": (
        {"langs": ["de", "en"]},
        ["--lang", "de", "--lang", "en"],
        [["U q", "A a", "U r"], ["U q", "A b"]],
    ),
    "another language": ({"langs": ["de"]}, ["--lang", "de"], "other-language"),
    "finished": ({"ready": True}, ["--ready"], [["U q", "A a", "U r"], ["U q", "A b"]]),
    "without spam": ({"without": ["spam"]}, ["--without", "spam"], [["U q", "A b"]]),
    "nothing is left": (
        {"without": ["spam", "deleted"]},
        ["--without", "spam", "--without", "deleted"],
        "no-reply",
    ),
}


@pytest.mark.parametrize(("options", "argv", "told"), WANTED.values(), ids=WANTED)
def test_filters(options: dict[str, Any], argv: list[str], told: list[list[str]] | str) -> None:
    result = from_oasst(SPAM, **options)
    done = hh("hh-from-oasst", *argv, "-v", stdin=jsonl(SPAM))
    assert done.returncode == 0
    if isinstance(told, str):
        assert isinstance(result, Dropped)
        assert result.reason == told
        assert done.stderr == f"hh-from-oasst: 1 read, 0 used, 1 dropped ({told} 1), 0 bad; 0 rows written\n".encode()
    else:
        assert [turns_of(row) for row in rows(done.stdout)] == told
        assert [[turn["value"] for turn in row["conversations"]] for row in result] == [
            [turn[2:].partition("|")[0] for turn in path] for path in told
        ]


def test_a_finished_tree_may_be_asked_for() -> None:
    growing = {**SPAM, "tree_state": "growing"}
    assert repr(from_oasst(growing, ready=True)) == "Dropped('not-ready')"


def test_a_first_message_alone_is_dropped() -> None:
    assert repr(from_oasst(tree(asked("q")))) == "Dropped('no-reply')"


BAD: dict[str, tuple[Record, str]] = {
    "a value of null": (
        tree(asked("q", answered("a", **labels(quality=None)))),
        'wrong-type: message <a>: the label "quality" has the value null, not a number',
    ),
    "an unknown role": (
        tree(asked("q", answered("a"), asked("s", role="system"))),
        'wrong-type: message <s>: it has the role "system", not prompter or assistant',
    ),
    "a file of messages": ({"text": "q", "role": "prompter"}, 'missing-field: no field "prompt": this is one message'),
    "another record": ({"prompt": "q", "response": "a"}, 'wrong-type: "prompt" is a string, not a message'),
}


@pytest.mark.parametrize(("record", "told"), BAD.values(), ids=BAD)
def test_one_bad_message_makes_the_whole_tree_bad(record: Record, told: str) -> None:
    with pytest.raises(Bad, match=told):
        from_oasst(record)
    done = hh("hh-from-oasst", stdin=jsonl(record))
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.startswith(f"hh-from-oasst: stdin:1: {told}".encode())


def chain_of(levels: int) -> bytes:
    """Write a tree of one path: the user and the assistant in turn, this many of each."""
    start = b'{"text":"q","role":"prompter","replies":[{"text":"a","role":"assistant","replies":['
    return b'{"prompt":' + start * levels + b"]}]}" * levels + b"}\n"


def test_deep_trees(tmp_path: Path) -> None:
    """What JSON can hold is read; a deeper tree is one bad record, and the others are not lost."""
    path = tmp_path / "deep.jsonl"
    path.write_bytes(chain_of(200) + chain_of(300) + chain_of(3000) + chain_of(1))
    done = hh("hh-from-oasst", "--max-bad", "2", path)
    assert done.returncode == 0
    assert [len(row["conversations"]) for row in rows(done.stdout)] == [400, 2]
    assert [line.split(b": ")[1:3] for line in done.stderr.splitlines()[:2]] == [
        [f"{path}:{number}".encode(), b"too-deep"] for number in (2, 3)
    ]


def test_ten_thousand_levels_from_python() -> None:
    record = answered("last")
    for _ in range(5000):
        record = answered("x", asked("y", record))
    (row,) = from_oasst(tree(asked("q", record)))
    assert (len(row["conversations"]), row["conversations"][-1]["value"]) == (10_002, "last")


def test_pairs_of_ranked_answers() -> None:
    record = tree(asked(" q", answered("a", rank=2), answered("b", rank=0), answered("c", rank=1), lang="en"))
    pairs = {
        "best-worst": [("b", "a")],
        "adjacent": [("b", "c"), ("c", "a")],
        "all": [("b", "c"), ("b", "a"), ("c", "a")],
    }
    for compare, expected in pairs.items():
        done = hh(
            "hh-from-oasst", "--pairs", "--compare", compare, "--lang", "en", "--source", "x", stdin=jsonl(record)
        )
        found = rows(done.stdout)
        assert [(row["chosen"], row["rejected"]) for row in found] == [
            ([assistant(better)], [assistant(worse)]) for better, worse in expected
        ]
        assert {(str(row["prompt"]), row["source"]) for row in found} == {(str([user("q")]), "x")}
    done = hh("hh-from-oasst", "--pairs", "--whitespace", "keep", stdin=jsonl(record))
    (found,) = rows(done.stdout)
    assert (found["prompt"], "source" in found) == ([user(" q")], False)


def test_the_records_feed_the_regression_model(data_folder: Path) -> None:
    done = shell("hh-from-oasst oasst1/all.trees.jsonl.gz | hh-to-regression", data_folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["label"][:2] for row in rows(done.stdout.encode())] == [[0.0, -100.0], [4.0, -100.0]]


def test_the_pairs_feed_the_trainers(data_folder: Path) -> None:
    done = shell("hh-from-oasst --pairs oasst1/all.trees.jsonl.gz | hh-unpack-kto --carry source", data_folder)
    assert (done.returncode, done.stderr) == (0, "")
    prompt = "Human:\n2+2?\nAssistant:\n"
    assert rows(done.stdout.encode()) == [
        {"prompt": prompt, "response": "4", "preference": "chosen", "source": "all.trees"},
        {"prompt": prompt, "response": "5", "preference": "rejected", "source": "all.trees"},
    ]


def test_an_array_of_trees_is_read_as_lines_are() -> None:
    array = b"[" + jsonl(OASST_TREES[0]).strip() + b",\n" + jsonl(SPAM).strip() + b"]"
    assert hh("hh-from-oasst", stdin=array).stdout == hh("hh-from-oasst", stdin=jsonl(OASST_TREES[0], SPAM)).stdout


USAGE = {
    "a comparison without pairs": (["--compare", "all"], "--compare means nothing without --pairs"),
    "white space without pairs": (["--whitespace", "keep"], "--whitespace means nothing without --pairs"),
    "a source without pairs": (["--source", "x"], "--source means nothing without --pairs"),
    "an unknown comparison": (["--pairs", "--compare", "best"], "best-worst"),
    "an unknown kind": (["--without", "boring"], "synthetic"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-from-oasst", *argv)
    assert done.returncode == 2
    assert message in done.stderr.decode()


VALUES = st.dictionaries(
    st.sampled_from(["quality", "toxicity", "humor", "creativity", "spam"]),
    st.fixed_dictionaries({"value": st.floats(0, 1) | st.integers(0, 1)}),
)
MESSAGES: st.SearchStrategy[Any] = st.recursive(
    st.builds(answered, st.text(max_size=2), labels=VALUES),
    lambda inner: st.builds(
        lambda make, text, replies, values: make(text, *replies, labels=values),
        st.sampled_from([asked, answered]),
        st.text(max_size=2),
        st.lists(inner, max_size=3),
        VALUES,
    ),
    max_leaves=10,
)


def leaves(message: Record) -> int:
    return sum(map(leaves, message["replies"])) or 1


@given(MESSAGES)
def test_a_record_for_every_leaf_with_the_same_keys_and_types(first: Record) -> None:
    made = from_oasst(tree(first))
    assert len(made) == (leaves(first) if first["replies"] else 0)
    for row in made:
        assert [(key, type(value)) for key, value in row.items()] == [
            ("conversations", list),
            ("system", str),
            ("mask", str),
            ("type", str),
        ]
        for turn in row["conversations"]:
            assert list(turn) == ["value", "from", "label"]
            assert (turn["label"] is None) == (turn["from"] == "User")
