from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from hhtools.records import Record
from hhtools.reservoir import UniformSample
from tests.dialogues import assistant, pair, transcript, user
from tests.shell import BIN, ENVIRONMENT, hh, jsonl, shell

Q = "2+2?"
PAIR_80 = """\
== stdin:1  pair ===============================================================

user
  2+2?

chosen                                 | rejected
  {+4+}                                |   [-5-]

"""
PAIR_79 = """\
== stdin:1  pair ==============================================================

user
  2+2?

chosen
  {+4+}

rejected
  [-5-]

"""
RECORDS: dict[str, Record] = {
    "a raw pair": {"chosen": transcript(f"H: {Q}", "A: 4"), "rejected": transcript(f"H: {Q}", "A: 5")},
    "a pair": pair(),
    "two dialogues": {"chosen": [user(Q), assistant("4")], "rejected": [user(Q), assistant("5")]},
}


def raw(question: str) -> Record:
    return {"chosen": transcript(f"H: {question}", "A: 4"), "rejected": transcript(f"H: {question}", "A: 5")}


def headings(text: str) -> list[str]:
    return [line.strip("= ") for line in text.splitlines() if line.startswith("== ")]


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_pair_in_any_form_looks_the_same(record: Record) -> None:
    done = hh("hh-show", stdin=jsonl(record))
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, PAIR_80, b"")
    assert hh("hh-show", "--width", "79", stdin=jsonl(record)).stdout.decode() == PAIR_79
    assert hh("hh-show", stdin=jsonl(record), COLUMNS="79").stdout.decode() == PAIR_79


def test_the_exercise_of_cs336(tmp_path: Path) -> None:
    """Three of each of two raw files, which only their names tell apart."""
    for name in ("helpful-base", "harmless-base"):
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(jsonl(*[raw(str(number)) for number in range(10)])))
    script = "hh-show -v -k 3 --by source helpful-base.jsonl.gz harmless-base.jsonl.gz"
    done = shell(script, tmp_path)
    assert headings(done.stdout) == [
        f"{name}.jsonl.gz:{number}  source: {name}  pair"
        for name, sample in (("helpful-base", (5, 8, 10)), ("harmless-base", (2, 8, 9)))
        for number in sample
    ]
    assert done.stderr == "hh-show: 20 read, 6 shown, 0 bad\n"
    assert shell(script, tmp_path).stdout == done.stdout
    assert shell(f"{script} --seed 1", tmp_path).stdout != done.stdout


def test_a_sample_keeps_the_order_of_the_input() -> None:
    sample: UniformSample[int] = UniformSample(3, seed=5)
    for number in range(1, 51):
        sample.offer({}, number)
    expected = [f"stdin:{number}  pair" for number in sample.take()]
    done = hh("hh-show", "-k", "3", "--seed", "5", stdin=jsonl(*[pair(user(str(number))) for number in range(50)]))
    assert headings(done.stdout.decode()) == expected


def test_records_that_cannot_be_sampled_by_a_field_are_bad() -> None:
    done = hh("hh-show", "-k", "1", "--by", "source", stdin=jsonl(pair(), {**pair(), "source": "a"}))
    assert done.returncode == 65
    told = 'stdin:1: missing-field: no field "source" to sample by; hh-parse adds one, the name of the file'
    assert done.stdout.decode().splitlines()[0] == told
    assert headings(done.stdout.decode()) == ["stdin:2  source: a  pair"]


BAD_LINES = {
    "bad JSON": (b'{"a":', "bad-json: unexpected end of data (byte 7); give each record one line (jq -c .)"),
    "bad UTF-8": (b'{"a":"\xff"}', "bad-utf8: byte 0xff is not UTF-8 (byte 7)"),
    "half a character": (rb'{"a":"\ud800"}', "bad-surrogate: a lone surrogate escape, half a character (byte 7)"),
    "a field twice": (b'{"x": 1, "x": 2}', 'duplicate-key: "x" stands twice'),
    "no object": (b"[[1]]", "not-object: the line holds a list, not an object"),
}


@pytest.mark.parametrize(("line", "told"), BAD_LINES.values(), ids=BAD_LINES)
@pytest.mark.parametrize("argv", [[], ["-k", "5"]], ids=["all", "a sample"])
def test_a_bad_record_is_shown_with_its_reason(line: bytes, told: str, argv: list[str]) -> None:
    done = hh("hh-show", *argv, stdin=jsonl(pair()) + line + b"\n\n" + jsonl(pair()))
    assert done.returncode == 65
    text = done.stdout.decode()
    assert f"\nstdin:2: {told}\n\n" in f"\n{text}"
    assert headings(text) == ["stdin:1  pair", "stdin:4  pair"]
    reason = told.partition(":")[0]
    assert done.stderr.decode() == f"hh-show: 1 bad ({reason} 1) of 3 records, shown as bad\n"


def test_the_report_counts_what_was_shown(tmp_path: Path) -> None:
    stdin = jsonl(pair(), pair(), pair()) + b"x\n"
    assert hh("hh-show", "-k", "1", "--report", tmp_path / "report", stdin=stdin).returncode == 65
    report = json.loads((tmp_path / "report").read_text())
    assert {name: report[name] for name in ("read", "used", "dropped", "bad", "held", "complete", "exit")} == {
        "read": 4,
        "used": 1,
        "dropped": {"not-sampled": 2},
        "bad": {"bad-json": 1},
        "held": 0,
        "complete": True,
        "exit": 65,
    }


@pytest.mark.parametrize("argv", [[], ["-k", "5"]], ids=["all", "a sample"])
def test_what_came_before_a_fault_is_shown(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(jsonl(pair(), pair()))[:-4])
    done = hh("hh-show", "-v", *argv, tmp_path / "x.jsonl.gz")
    assert done.returncode == 74
    assert len(headings(done.stdout.decode())) == 2
    assert b"compressed input ends early" in done.stderr
    assert done.stderr.endswith(b"hh-show: 2 read, 2 shown, 0 bad; not read to the end\n")


def test_a_broken_pipe_upstream_is_heard(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(jsonl(raw(Q)) + b"x\n")
    done = shell("hh-parse x 2> /dev/null | hh-show || echo $?", tmp_path)
    assert headings(done.stdout) == ["stdin:1  source: x  pair"]
    assert done.stdout.endswith("\n74\n")
    assert "the program before this one stopped" in done.stderr


# (environment, whether colour is written to what is no terminal)
COLOR = {
    "no wish": ({}, False),
    "forced": ({"FORCE_COLOR": "1"}, True),
    "forced, in a dumb terminal": ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
    "forced, and forbidden": ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    "forced by nothing": ({"FORCE_COLOR": ""}, False),
    "not forced": ({"FORCE_COLOR": "0"}, False),
    "a good terminal, not for standard output": ({"TERM": "xterm-256color"}, False),
}


@pytest.mark.parametrize(("environment", "colored"), COLOR.values(), ids=COLOR)
def test_colour_is_only_where_it_belongs(environment: dict[str, str], colored: bool) -> None:
    done = hh("hh-show", stdin=jsonl(pair()), **environment)
    assert (b"\x1b" in done.stdout) is colored
    assert (b"{+4+}" in done.stdout) is not colored


def test_a_page_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = hh("hh-show", "--html", page, stdin=jsonl(pair(), {"x": 1}) + b"x\n")
    assert (done.returncode, done.stdout) == (65, b"")
    text = page.read_text()
    assert text.startswith("<!DOCTYPE html>\n")
    assert text.count("<article") == 2
    assert text.count('<p class="bad">stdin:3: bad-json') == 1
    assert text.endswith("</html>\n")

    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(jsonl(pair()))[:-4])
    done = hh("hh-show", "--html", page, tmp_path / "cut.jsonl.gz")
    assert (done.returncode, page.read_text()) == (74, text)
    assert done.stderr.decode().endswith(f"; {page} is left as it was\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.jsonl.gz", "page.html"]


def test_a_page_of_nothing_is_a_page(tmp_path: Path) -> None:
    assert hh("hh-show", "--html", tmp_path / "page.html").returncode == 0
    assert (tmp_path / "page.html").read_text().endswith("</html>\n")
    assert hh("hh-show").stdout == b""


def test_the_first_record_is_shown_before_the_second_is_there() -> None:
    with subprocess.Popen([BIN / "hh-show"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT) as run:
        assert run.stdin
        assert run.stdout
        run.stdin.write(jsonl(pair()))
        run.stdin.flush()
        assert os.read(run.stdout.fileno(), 4096).decode() == PAIR_80
        run.stdin.close()
        assert run.wait(timeout=60) == 0


USAGE = {
    "a field without a sample": (["--by", "source"], "--by goes with -k"),
    "a seed without a sample": (["--seed", "1"], "--seed goes with -k"),
    "no sample": (["-k", "0"], "x>=1"),
    "too narrow": (["--width", "19"], "x>=20"),
    "a page of some width": (["--width", "80", "--html", "x.html"], "--width is for text"),
    "a page on standard output": (["--html", "-"], "standard output is taken"),
    "a page and a report in one": (["--html", "x.html", "--report", "x.html"], "name the same file"),
    "no name of a page": (
        ["--html", "helpful-base.jsonl.gz"],
        "--html helpful-base.jsonl.gz: the page's name has to end",
    ),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-show", *argv, stdin=jsonl(pair()))
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


def test_a_page_never_replaces_an_input(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_bytes(jsonl(pair()))
    done = hh("hh-show", "--html", tmp_path / "x.html", tmp_path / "x.html")
    assert (done.returncode, (tmp_path / "x.html").read_bytes()) == (2, jsonl(pair()))
