from __future__ import annotations

import json
from typing import Any

import pytest

from hhtools.commands.from_pairs import from_pairs
from hhtools.records import Bad, Dropped, Record
from hhtools.sources.pair_fields import Better
from tests.dialogues import assistant, pair, system, user
from tests.shell import hh, jsonl, rows

Q, X, Y = user("2+2?"), assistant("4"), assistant("5")
SHP = Better("labels", "1", "0")
ARENA = Better("winner", "model_a", "model_b", ("tie", "tie (bothbad)"))

# A row of each published set: (row, options of the function, options of the command, the pair that comes out)
PUBLISHED: dict[str, tuple[Record, dict[str, Any], list[str], Record]] = {
    "HuggingFaceH4/ultrafeedback_binarized": (
        {
            "prompt": "2+2?",
            "prompt_id": "7c9a",
            "chosen": [Q, X],
            "rejected": [Q, Y],
            "messages": [Q, X],
            "score_chosen": 9.0,
            "score_rejected": 1.5,
        },
        {},
        [],
        {**pair(), "prompt_id": "7c9a", "messages": [Q, X], "score_chosen": 9.0, "score_rejected": 1.5},
    ),
    "argilla/ultrafeedback-binarized-preferences-cleaned": (
        {
            "source": "evol_instruct",
            "prompt": "2+2?",
            "chosen": [Q, X],
            "chosen-rating": 5.0,
            "chosen-model": "gpt-4",
            "rejected": [Q, Y],
            "rejected-rating": 3.75,
            "rejected-model": "alpaca-7b",
        },
        {},
        [],
        {
            **pair(),
            "source": "evol_instruct",
            "chosen-rating": 5.0,
            "chosen-model": "gpt-4",
            "rejected-rating": 3.75,
            "rejected-model": "alpaca-7b",
        },
    ),
    "Intel/orca_dpo_pairs": (
        {"system": "You are an AI assistant.", "question": "2+2?", "chosen": "4", "rejected": " 5"},
        {"system": "system", "prompt": "question"},
        ["--system", "system", "--prompt", "question"],
        pair(system("You are an AI assistant."), Q),
    ),
    "Intel/orca_dpo_pairs, no system text": (
        {"system": "", "question": "2+2?", "chosen": "4", "rejected": "5"},
        {"system": "system", "prompt": "question"},
        ["--system", "system", "--prompt", "question"],
        pair(),
    ),
    "trl-lib/ultrafeedback_binarized": (
        {"chosen": [Q, X], "rejected": [Q, Y], "score_chosen": 9.0, "score_rejected": 1.5},
        {},
        [],
        {**pair(), "score_chosen": 9.0, "score_rejected": 1.5},
    ),
    "TRL's standard form": (
        {"prompt": "2+2?", "chosen": " 4", "rejected": " 5", "margin": 2},
        {},
        [],
        pair() | {"margin": 2},
    ),
    "TRL's conversational form": (pair(Q, X, user("Sure?")), {}, [], pair(Q, X, user("Sure?"))),
    "Dahoas/full-hh-rlhf": (
        {
            "prompt": "\n\nHuman: 2+2?\n\nAssistant: 4\n\nHuman: Sure?\n\nAssistant:",
            "response": " 4",
            "chosen": " 4",
            "rejected": " 5",
        },
        {},
        [],
        {**pair(Q, X, user("Sure?")), "response": " 4"},
    ),
    "LLaMA-Factory's ShareGPT form": (
        {
            "conversations": [{"from": "system", "value": "Be brief."}, {"from": "human", "value": "2+2?"}],
            "chosen": {"from": "gpt", "value": "4"},
            "rejected": {"from": "gpt", "value": "5"},
        },
        {"prompt": "conversations"},
        ["--prompt", "conversations"],
        pair(system("Be brief."), Q),
    ),
    "stanfordnlp/SHP, A is better": (
        {"post_id": "q", "history": "2+2?", "human_ref_A": "4", "human_ref_B": "5", "labels": 1, "score_ratio": 2.5},
        {"prompt": "history", "chosen": "human_ref_A", "rejected": "human_ref_B", "better": SHP},
        ["--prompt", "history", "--chosen", "human_ref_A", "--rejected", "human_ref_B", "--better", "labels=1,0"],
        {**pair(), "post_id": "q", "labels": 1, "score_ratio": 2.5},
    ),
    "stanfordnlp/SHP, B is better": (
        {"history": "2+2?", "human_ref_A": "5", "human_ref_B": "4", "labels": 0},
        {"prompt": "history", "chosen": "human_ref_A", "rejected": "human_ref_B", "better": SHP},
        ["--prompt", "history", "--chosen", "human_ref_A", "--rejected", "human_ref_B", "--better", "labels=1,0"],
        {**pair(), "labels": 0},
    ),
    "PKU-Alignment/PKU-SafeRLHF": (
        {
            "prompt": "2+2?",
            "response_0": "5",
            "response_1": "4",
            "is_response_0_safe": True,
            "better_response_id": 1,
            "safer_response_id": 0,
        },
        {"chosen": "response_0", "rejected": "response_1", "better": Better("better_response_id", "0", "1")},
        ["--chosen", "response_0", "--rejected", "response_1", "--better", "better_response_id=0,1"],
        {**pair(), "is_response_0_safe": True, "better_response_id": 1, "safer_response_id": 0},
    ),
    "lmsys/chatbot_arena_conversations": (
        {"question_id": "7", "conversation_a": [Q, Y], "conversation_b": [Q, X], "winner": "model_b"},
        {"chosen": "conversation_a", "rejected": "conversation_b", "better": ARENA},
        [
            *["--chosen", "conversation_a", "--rejected", "conversation_b"],
            *["--better", "winner=model_a,model_b,tie,tie (bothbad)"],
        ],
        {**pair(), "question_id": "7", "winner": "model_b"},
    ),
}

OPTIONS: dict[str, tuple[Record, dict[str, Any], list[str], Record]] = {
    "white space kept": (
        {"prompt": " 2+2?", "chosen": "4 ", "rejected": "5"},
        {"whitespace": "keep"},
        ["--whitespace", "keep"],
        pair(user(" 2+2?"), chosen="4 "),
    ),
    "its own source wins": ({**pair(), "source": "mine"}, {}, [], {**pair(), "source": "mine"}),
    "--source wins over it": (
        {**pair(), "source": "mine"},
        {"source": "s"},
        ["--source", "s"],
        {**pair(), "source": "s"},
    ),
    "--source names stdin": (pair(), {"source": "s"}, ["--source", "s"], {**pair(), "source": "s"}),
    "a named field takes the place of one called like the pair's": (
        {"prompt": 7, "question": "2+2?", "chosen": "4", "rejected": "5"},
        {"prompt": "question"},
        ["--prompt", "question"],
        pair(),
    ),
    "a deep field and a large number are carried": (
        {**pair(), "x": {"y": [None]}, "id": 2**70},
        {},
        [],
        {**pair(), "x": {"y": [None]}, "id": 2**70},
    ),
}


@pytest.mark.parametrize(
    ("record", "options", "argv", "made"), (PUBLISHED | OPTIONS).values(), ids=(PUBLISHED | OPTIONS).keys()
)
def test_table(record: Record, options: dict[str, Any], argv: list[str], made: Record) -> None:
    before = json.dumps(record)
    assert from_pairs(record, **options) == (made,)
    assert json.dumps(record) == before
    done = hh("hh-from-pairs", *argv, stdin=jsonl(record))
    assert (done.returncode, rows(done.stdout), done.stderr) == (0, [made], b"")


BAD: dict[str, tuple[Any, list[str], str]] = {
    "a raw row of HH-RLHF": (
        {"chosen": "\n\nHuman: 2+2?\n\nAssistant: 4", "rejected": "\n\nHuman: 2+2?\n\nAssistant: 5"},
        [],
        'missing-field: no field "prompt": this is a raw row of HH-RLHF, run it through hh-parse instead',
    ),
    "another name": (
        {"question": "2+2?", "chosen": "4", "rejected": "5"},
        [],
        'missing-field: no field "prompt" beside "question", "chosen", "rejected"; --prompt, --chosen and --',
    ),
    "another speaker": (
        {"prompt": "2+2?", "chosen": [Q, {"role": "tool", "content": "4"}], "rejected": "5"},
        [],
        'wrong-type: "chosen"[1] has the role "tool", not user, assistant or system',
    ),
    "an unknown label": (
        {"prompt": "2+2?", "chosen": "4", "rejected": "5", "labels": -1},
        ["--better", "labels=1,0"],
        'bad-label: "labels" is -1, neither 1 ("chosen" is better) nor 0 ("rejected" is)',
    ),
}


@pytest.mark.parametrize(("record", "argv", "message"), BAD.values(), ids=BAD)
def test_bad(record: Record, argv: list[str], message: str) -> None:
    better = Better("labels", "1", "0") if argv else None
    with pytest.raises(Bad) as caught:
        from_pairs(record, better=better)
    assert str(caught.value).startswith(message)
    done = hh("hh-from-pairs", *argv, stdin=jsonl(record))
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.decode().startswith(f"hh-from-pairs: stdin:1: {message}")


def test_a_row_of_which_neither_answer_is_better_is_dropped() -> None:
    record = {"prompt": "2+2?", "chosen": "4", "rejected": "5", "winner": "tie"}
    result = from_pairs(record, better=ARENA)
    assert isinstance(result, Dropped)
    assert result.reason == "tie"
    done = hh("hh-from-pairs", "-v", "--better", "winner=model_a,model_b,tie", stdin=jsonl(record))
    assert done.stderr == b"hh-from-pairs: 1 read, 0 used, 1 dropped (tie 1), 0 bad; 0 rows written\n"


USAGE = {
    "one field for two things": (["--chosen", "answer", "--rejected", "answer"], "must name different fields"),
    "no values": (["--better", "labels"], "'labels' is not like labels=1,0"),
    "one value": (["--better", "labels=1"], "'labels=1' is not like labels=1,0"),
    "twice the same value": (["--better", "labels=1,0,1"], "'labels=1,0,1' is not like labels=1,0"),
    "no field": (["--better", "=1,0"], "'=1,0' is not like labels=1,0"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-from-pairs", *argv)
    assert done.returncode == 2
    assert message in done.stderr.decode()


@pytest.mark.parametrize("field", ["q", "a", "b", "s", "best"])
def test_a_field_that_is_named_may_not_stand_twice(field: str) -> None:
    record = {"q": "2+2?", "a": "4", "b": "5", "s": "Be brief.", "best": 1, "id": 7}
    argv = ["--prompt", "q", "--chosen", "a", "--rejected", "b", "--system", "s", "--better", "best=1,2"]
    line = jsonl(record).strip()
    assert hh("hh-from-pairs", *argv, stdin=line.replace(b'"id": 7', b'"id": 7, "id": 8')).returncode == 0
    done = hh("hh-from-pairs", *argv, stdin=line[:-1] + b", " + jsonl({field: record[field]})[1:])
    assert done.returncode == 65
    assert done.stderr.decode() == f'hh-from-pairs: stdin:1: duplicate-key: "{field}" stands twice\n'
