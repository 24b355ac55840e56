"""Pipelines as stages: the same rows as the shell's, whatever way they are run."""

from __future__ import annotations

import pickle

import pytest

from hhtools import Bad, Fault, batched, pipeline
from hhtools.formats.stagger import Stagger
from tests.dialogues import pair, transcript, user
from tests.shell import SAMPLE, hh, jsonl, rows, shell

RAW = {"chosen": transcript("H: Où ?", "A: x"), "rejected": transcript("H: Où ?", "A: y")}

REFUSED = {
    "cat": "cat is no command of hhtools",
    "hh-parse | tee": "tee is no command of hhtools",
    "hh-none": "hh-none is no command of hhtools",
    "hh-show": "hh-show is no filter",
    "hh-split --test 0.1 -O x": "hh-split is no filter",
    "hh-run hh-parse": "hh-run is no filter",
    "hh-parse --nothing": "hh-parse: No such option '--nothing'.",
    "hh-unpack-kto --for nobody": "hh-unpack-kto: Invalid value for '--for'",
    "hh-filter-length": "hh-filter-length: ",
    "hh-parse x.jsonl": "hh-parse: x.jsonl: paths stand behind the pipeline",
    "hh-parse -": "hh-parse: -: paths stand behind the pipeline",
    "hh-parse | hh-unpack-kto -o x": "hh-unpack-kto: -o: give it to the whole run",
    "hh-parse --bad x": "hh-parse: --bad: give it to the whole run",
    "hh-parse --max-drop 0.1": "hh-parse: --max-drop: give it to the whole run",
    "hh-parse -n 3": "hh-parse: -n: give it to the whole run",
    "hh-parse -v": "hh-parse: -v: give it to the whole run",
    "hh-parse --no-abort-marker": "hh-parse: --abort-marker: give it to the whole run",
}


@pytest.mark.parametrize("text", REFUSED)
def test_anything_but_filters_and_their_own_options_is_refused(text: str) -> None:
    with pytest.raises(Fault) as raised:
        pipeline(text)
    assert raised.value.code == 2
    assert raised.value.message.startswith(REFUSED[text])


def test_the_fields_read_are_those_of_commands_that_see_the_records_as_they_came() -> None:
    assert pipeline("hh-parse | hh-unpack-kto").read_fields == ["chosen", "rejected", "transcript"]
    both = pipeline("hh-filter-singleturn | hh-unpack-kto | hh-filter-length --min 1").read_fields
    assert list(dict.fromkeys(both)) == ["prompt", "chosen", "rejected", "messages"]
    assert "question" in pipeline("hh-from-pairs --prompt question").read_fields


def test_a_pure_pipeline_is_a_stage() -> None:
    stage = pipeline("hh-parse | hh-unpack-kto")
    expected = [
        {"prompt": "Human:\nOù ?\nAssistant:\n", "response": "x", "preference": "chosen"},
        {"prompt": "Human:\nOù ?\nAssistant:\n", "response": "y", "preference": "rejected"},
    ]
    assert list(stage(RAW)) == expected
    assert list(pickle.loads(pickle.dumps(stage))(RAW)) == expected
    with pytest.raises(Bad, match="bad-transcript"):
        stage({"chosen": "Hi", "rejected": "Ho"})


@pytest.mark.parametrize("text", ["hh-unpack-kto --for trl", "hh-parse | hh-sample -k 2", "hh-to-prompts --for verl"])
def test_a_pipeline_that_remembers_is_run_over_records_only(text: str) -> None:
    with pytest.raises(TypeError, match="remembers records here"):
        pipeline(text)(RAW)
    with pytest.raises(TypeError, match="remembers records here"):
        batched(pipeline(text))


PIPES = [
    "hh-parse | hh-unpack-kto --for trl",
    "hh-parse | hh-filter-singleturn | hh-to-dpo --for instruction",
    "hh-sample -k 9 | hh-parse | hh-unpack-kto --for swift --stagger 3",
    "hh-parse | hh-unpack-kto --for trl | hh-sample --rate 0.5",
]


@pytest.mark.parametrize("text", PIPES)
def test_over_records_it_gives_the_rows_of_the_shell(text: str) -> None:
    raw = rows(shell(f"zcat {SAMPLE}", SAMPLE.parent).stdout.encode())
    piped = rows(shell(f"zcat {SAMPLE} | {text}", SAMPLE.parent).stdout.encode())
    stages = pipeline(text)
    assert list(stages.over(raw)) == piped != []
    assert list(stages.over(raw)) == piped  # each run begins anew


def test_batched_takes_and_gives_columns() -> None:
    columns = {"chosen": [RAW["chosen"]] * 2, "rejected": [RAW["rejected"], RAW["chosen"]]}
    assert batched(pipeline("hh-parse | hh-unpack-kto"))(columns) == {
        "prompt": ["Human:\nOù ?\nAssistant:\n"] * 2,
        "response": ["x", "y"],
        "preference": ["chosen", "rejected"],
    }


def test_a_batch_without_rows_has_empty_columns() -> None:
    """What datasets wants; of no columns at all it says that "schema and number of arrays" are "unequal"."""
    stage = batched(pipeline("hh-parse | hh-unpack-kto"))
    tie = {"chosen": [RAW["chosen"]], "rejected": [RAW["chosen"]]}
    assert stage(tie) == stage({"chosen": [], "rejected": []}) == {"chosen": [], "rejected": []}
    assert stage({}) == {}


def test_no_field_of_a_batch_is_lost() -> None:
    rows_of = {1: {"a": 1, "b": 2}, 2: {"b": 3, "a": 4}, 3: {"c": 5}}
    assert batched(lambda record: [rows_of[record["id"]]])({"id": [1, 2, 3]}) == {
        "a": [1, 4, None],
        "b": [2, 3, None],
        "c": [None, None, 5],
    }


def test_another_version_makes_another_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its function's pickle, datasets finds the results of a map again: those of an old version are not the new."""
    before = pickle.dumps(batched(pipeline("hh-parse")))
    assert pickle.dumps(batched(pipeline("hh-parse"))) == before
    monkeypatch.setattr("hhtools.__version__", "99")
    assert pickle.dumps(batched(pipeline("hh-parse"))) != before


def test_batched_refuses_a_stage_that_remembers() -> None:
    with pytest.raises(TypeError, match="remembers"):
        batched(Stagger(lambda record: (record, record), 1))
    assert batched(Stagger(lambda record: (record, record), 0))({"id": [1]}) == {"id": [1, 1]}


def test_what_is_bad_or_dropped_is_heard_in_the_order_of_the_records() -> None:
    stages = pipeline("hh-filter-singleturn | hh-unpack-kto --for trl-text --stagger 1")
    same = pair(user("2+2?"), chosen="4", rejected="4")
    assert [row["label"] for row in stages.over([pair(user("a")), same, pair(user("b"))])] == [True, True, False, False]
    broken = stages.over([pair(user("a")), {"prompt": 1}])
    assert next(broken)["label"] is True
    with pytest.raises(Bad):
        next(broken)


def test_the_shell_and_the_library_agree_on_text_with_quotes() -> None:
    text = """hh-parse | hh-to-dpo --system 'Be brief | "kind".'"""
    done = hh("hh-run", text, stdin=jsonl(RAW))
    assert rows(done.stdout) == list(pipeline(text).over([RAW]))
    assert rows(done.stdout)[0]["prompt"][0] == {"role": "system", "content": 'Be brief | "kind".'}
