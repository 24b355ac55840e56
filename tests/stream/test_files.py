from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.dialogues import pair
from tests.shell import hh, jsonl, rows, shell

RECORD = jsonl(pair())


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "f.jsonl"
    path.write_bytes(RECORD)
    return path


@pytest.mark.parametrize("redirect", ["f.jsonl >> f.jsonl", "< f.jsonl >> f.jsonl", "- < f.jsonl >> f.jsonl"])
def test_appending_to_an_input_is_refused(redirect: str, given: Path) -> None:
    done = shell(f"hh-filter-singleturn {redirect}", given.parent)
    assert done.returncode == 73
    assert "input file is output file; use -o FILE to replace it" in done.stderr
    assert given.read_bytes() == RECORD


def test_an_input_that_the_shell_has_emptied_is_told(given: Path) -> None:
    done = shell("hh-filter-singleturn f.jsonl > f.jsonl", given.parent)
    assert done.returncode == 73
    assert "the shell has already emptied it" in done.stderr
    assert given.read_bytes() == b""


def test_o_may_replace_an_input(given: Path) -> None:
    assert hh("hh-unpack-kto", "-o", given, given).returncode == 0
    assert len(rows(given.read_bytes())) == 2


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ("--bad f.jsonl f.jsonl", "--bad: f.jsonl is an input"),
        ("--report f.jsonl f.jsonl", "--report: f.jsonl is an input"),
        ("--bad f.jsonl < f.jsonl", "--bad: f.jsonl is an input"),
        ("--bad ./link f.jsonl", "--bad: ./link is an input"),
        ("-o x --bad x f.jsonl", "--bad and -o name the same file: x"),
        ("-o x --report ./x f.jsonl", "--report and -o name the same file: ./x"),
        ("--bad x --report x f.jsonl", "--report and --bad name the same file: x"),
        ("--bad - f.jsonl", "--bad -: standard output is taken; name a file"),
        ("--report - f.jsonl", "--report -: standard output is taken; name a file"),
    ],
)
def test_one_file_has_one_use(argv: str, told: str, given: Path) -> None:
    (given.parent / "link").symlink_to("f.jsonl")
    done = shell(f"hh-filter-singleturn {argv}", given.parent)
    assert done.returncode == 2
    assert done.stderr == f"hh-filter-singleturn: {told}{', such as /dev/stderr' if ' -:' in told else ''}\n"
    assert given.read_bytes() == RECORD
    assert sorted(path.name for path in given.parent.iterdir()) == ["f.jsonl", "link"]


@pytest.mark.parametrize("option", ["-o", "--bad", "--report"])
def test_a_missing_folder_is_told_before_anything_is_read(option: str, given: Path) -> None:
    done = hh("hh-filter-singleturn", option, "/none/x", given)
    assert (done.returncode, done.stdout) == (73, b"")
    assert done.stderr.decode() == f"hh-filter-singleturn: {option}: /none/x: there is no folder /none\n"


def test_devices_may_be_used_twice(given: Path) -> None:
    assert (
        hh("hh-filter-singleturn", "--bad", "/dev/null", "--report", "/dev/null", "-o", "/dev/null", given).returncode
        == 0
    )


def test_folders_for_a_whole_pipe_are_made_and_hold_no_empty_files(given: Path) -> None:
    folders = {"HH_REPORT_DIR": str(given.parent / "a" / "b"), "HH_BAD_DIR": str(given.parent / "c")}
    shell("hh-filter-singleturn f.jsonl | hh-unpack-kto > out", given.parent, **folders)
    names = sorted(path.name.split(".")[0] for path in (given.parent / "a" / "b").iterdir())
    assert names == ["hh-filter-singleturn", "hh-unpack-kto"]
    assert not list((given.parent / "c").iterdir())


def test_a_file_that_is_not_replaced_is_said_to_be(given: Path) -> None:
    cut = given.parent / "cut.gz"
    cut.write_bytes(gzip.compress(RECORD)[:-4])
    report = given.parent / "report"
    done = hh("hh-filter-singleturn", "-o", given, "--report", report, cut)
    assert done.returncode == 74
    assert (
        done.stderr.decode() == f"hh-filter-singleturn: {cut}: compressed input ends early; {given} is left as it was\n"
    )
    assert given.read_bytes() == RECORD
    assert b'"written": 0' in report.read_bytes()
