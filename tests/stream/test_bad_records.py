from __future__ import annotations

import json
from pathlib import Path

import pytest

from hhtools.stream.bad_records import exceeds
from tests.dialogues import transcript
from tests.shell import hh, jsonl, raw_of, rows

GOOD = {"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")}


def test_bad_records_are_set_aside_byte_for_byte(tmp_path: Path) -> None:
    lines = [
        b'{"chosen": "Hi"} ',
        b'{"a":"\xff\xfe"}',
        b'{"chosen":1,\t"rejected":"\xe2\x80\xa8"}\r',
        b"\0\0\0",
        b"x" * 9000,
    ]
    bad = tmp_path / "bad.jsonl"
    bad.write_text("stale\n")
    done = hh("hh-parse", "--bad", bad, "--max-line", "8000", stdin=b"\n".join([*lines, jsonl(GOOD)]))
    assert done.returncode == 0
    assert len(rows(done.stdout)) == 1
    told = "5 bad (missing-field 1, bad-utf8 1, wrong-type 1, nul-line 1, line-too-long 1) of 6 records"
    assert done.stderr.decode() == f"hh-parse: {told}, set aside in {bad}\n"
    entries = rows(bad.read_bytes())
    assert [raw_of(entry) for entry in entries] == [*lines[:4], lines[4][:4096]]
    assert entries[0] == {
        "source": "stdin",
        "line": 1,
        "command": "hh-parse",
        "reason": "missing-field",
        "detail": 'no field "rejected"',
        "raw": '{"chosen": "Hi"} ',
    }
    assert [entry["line"] for entry in entries] == [1, 2, 3, 4, 5]


def test_a_repaired_record_that_is_bad_after_all_is_set_aside_as_it_was(tmp_path: Path) -> None:
    half = rb'{"chosen": "\ud800"}'
    done = hh("hh-parse", "--repair-surrogates", "--bad", tmp_path / "bad", stdin=half + b"\n" + jsonl(GOOD))
    assert done.returncode == 0
    (entry,) = rows((tmp_path / "bad").read_bytes())
    assert (entry["reason"], entry["raw"]) == ("missing-field", half.decode())


def test_elements_of_an_array_are_numbered(tmp_path: Path) -> None:
    array = b"[" + jsonl(GOOD).strip() + b', {"a": 1},\n7]'
    done = hh("hh-parse", "--bad", tmp_path / "bad", stdin=array)
    assert done.returncode == 0
    assert [(e["line"], e["reason"], e["raw"]) for e in rows((tmp_path / "bad").read_bytes())] == [
        (2, "missing-field", '{"a": 1}'),
        (3, "not-object", "7"),
    ]


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        ([], 65, ["hh-parse: stdin:1: not-object: the line holds a whole number, not an object"]),
        (["--max-bad", "12"], 0, ["12 bad (not-object 12) of 13 records; --bad FILE keeps them"]),
        (["--max-bad", "11"], 3, ["12 bad (not-object 12) of 13 records: more than --max-bad 11 allows"]),
        (["--max-bad", "0.95"], 0, ["12 bad"]),
        (["--max-bad", "0.5"], 3, ["more than --max-bad 0.5 allows"]),
        (["--max-bad", "12", "-q"], 0, []),
        (["--max-bad", "0", "-q"], 3, ["more than --max-bad 0 allows"]),
    ],
)
def test_how_many_are_too_many(argv: list[str], code: int, told: list[str]) -> None:
    done = hh("hh-parse", *argv, stdin=b"7\n" * 12 + jsonl(GOOD))
    assert done.returncode == code
    assert len(rows(done.stdout)) == (code != 65)
    lines = done.stderr.decode().splitlines()
    named = 10 if code != 65 and "-q" not in argv else 0
    assert [line.split(": ")[:3] for line in lines[:named]] == [
        ["hh-parse", f"stdin:{n}", "not-object"] for n in range(1, named + 1)
    ]
    assert len(lines[named:]) == len(told)
    assert all(words in line for words, line in zip(told, lines[named:], strict=True))


def test_nothing_but_bad_records_is_never_success(tmp_path: Path) -> None:
    for argv in (["--bad", "/dev/null"], ["--max-bad", "1.0"], ["--max-bad", "99"]):
        done = hh("hh-parse", *argv, "-q", "-o", tmp_path / "out", stdin=b"7\n8\n")
        assert (done.returncode, done.stdout) == (3, b"")
        assert b"nothing could be used" in done.stderr
        assert not (tmp_path / "out").exists()


def test_too_many_leave_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("old\n")
    done = hh("hh-parse", "--max-bad", "0", "-o", out, stdin=b"7\n" + jsonl(GOOD))
    assert (done.returncode, out.read_text()) == (3, "old\n")


def test_a_folder_for_the_bad_records_of_a_whole_pipe(tmp_path: Path) -> None:
    hh("hh-parse", stdin=b"7\n" + jsonl(GOOD), HH_BAD_DIR=str(tmp_path))
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("hh-parse.")
    assert json.loads(path.read_text())["raw"] == "7"


def test_a_file_for_bad_records_that_fails_is_fatal() -> None:
    done = hh("hh-parse", "--bad", "/dev/full", stdin=b"7\n" + jsonl(GOOD))
    assert (done.returncode, done.stderr) == (74, b"hh-parse: /dev/full: write error: No space left on device\n")


def test_a_limit_is_a_count_or_a_fraction() -> None:
    assert [exceeds(count, 0.25, 8) for count in (2, 3)] == [False, True]
    assert [exceeds(count, 1, 8) for count in (1, 2)] == [False, True]
    assert not exceeds(8, 1.0, 8)
