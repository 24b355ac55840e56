from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path

import click
import pytest

import hhtools
from hhtools import read_pairs
from hhtools.checks.checker import Checker
from hhtools.checks.formats import FORMATS
from hhtools.stages import held_rows
from tests.checks.test_checker import GOOD
from tests.dialogues import assistant, pair, user
from tests.shell import FILTERS, SAMPLE, hh, jsonl, shell

ROWS = [
    {"prompt": f"q{number}", "completion": " a" if number % 2 else " b", "label": number % 2 == 1}
    for number in range(4)
]


def check(*argv: str | Path, stdin: bytes = b"", **environment: str) -> tuple[int, list[str], str]:
    """Check rows for TRL's KTO trainer, as text: give the exit code, the lines of findings, and what was told."""
    done = hh("hh-check", "--for", "trl-text-kto", *argv, stdin=stdin, **environment)
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


def test_a_good_file_is_met_with_silence(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(jsonl(*ROWS))
    assert check(tmp_path / "train.jsonl") == (0, [], "")
    summary = "hh-check: 4 read, 0 errors, 0 warnings; fit for trl-text-kto; desirable 2, undesirable 2\n"
    assert check("-v", tmp_path / "train.jsonl") == (0, [], summary)


def test_findings_have_a_place_a_kind_and_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(jsonl(ROWS[0], {**ROWS[1], "label": "true"}, ROWS[3], ROWS[2]).rstrip())
    done = shell("hh-check -v --for trl-text-kto train.jsonl || echo $?", tmp_path)
    assert (
        done.stdout
        == """\
train.jsonl:2: label-not-boolean: "label" is "true"
train.jsonl: no-final-newline: the last line does not end with a line break
train.jsonl: imbalance: 1 desirable and 2 undesirable rows: \
desirable_weight in [2.0, 2.66] or undesirable_weight in [0.38, 0.5], not both

error: label-not-boolean: 1 found
    Write true or false, without quotation marks.

warning: imbalance: 1 found
    Set one of the two weights in the trainer, and leave the other at 1.

warning: no-final-newline: 1 found
    End the last line with a line break, or cat glues the next file to it.
65
"""
    )
    assert done.stderr == (
        "hh-check: 4 read, 1 error (label-not-boolean 1), 2 warnings (no-final-newline 1, imbalance 1); "
        "not fit for trl-text-kto; desirable 1, undesirable 2, "
        "weights desirable_weight in [2.0, 2.66] or undesirable_weight in [0.38, 0.5], not both\n"
    )


@pytest.mark.parametrize("format_name", GOOD)
def test_the_command_tells_what_the_checker_finds(format_name: str) -> None:
    odd = {**GOOD[format_name], next(iter(GOOD[format_name])): 7}
    checker = Checker(format_name)
    assert checker.row(GOOD[format_name]) == []
    findings = [f"stdin:2: {slug}: {detail}" for slug, detail in checker.row(odd)]
    done = hh("hh-check", "--for", format_name, stdin=jsonl(GOOD[format_name], odd))
    assert (done.returncode, done.stderr) == (65, b"")
    assert done.stdout.decode().splitlines()[: len(findings)] == findings


def test_ten_of_a_kind_are_shown_and_all_are_counted() -> None:
    code, lines, _ = check(stdin=jsonl(*[{**row, "label": 7} for row in ROWS * 5]))
    assert code == 65
    assert [line.split(": ")[:2] for line in lines[:10]] == [
        [f"stdin:{number}", "label-not-boolean"] for number in range(1, 11)
    ]
    assert lines[10:12] == ["", "error: label-not-boolean: 20 found, the first 10 shown"]


def test_warnings_leave_the_exit_code_at_0_unless_told_otherwise() -> None:
    beside = jsonl({**ROWS[0], "prompt": "q"}, {**ROWS[1], "prompt": "q"})
    code, lines, _ = check(stdin=beside)
    assert (code, lines[0]) == (0, "stdin:2: adjacent-prompts: this row has the prompt of the row before it")
    code, lines, _ = check("--strict", stdin=beside)
    assert (code, lines[2]) == (65, "error: adjacent-prompts: 1 found")


def test_quiet_is_silent_about_warnings() -> None:
    wrong = jsonl(ROWS[0], {**ROWS[1], "prompt": "q0"}, {**ROWS[2], "label": None})
    for argv, environment in ((["-q"], {}), ([], {"HH_QUIET": "1"})):
        code, lines, told = check(*argv, stdin=wrong, **environment)
        assert (code, told) == (65, "")
        assert lines == [
            'stdin:3: label-not-boolean: "label" is null',
            "",
            "error: label-not-boolean: 1 found",
            "    Write true or false, without quotation marks.",
        ]


BAD_LINES: dict[str, tuple[bytes, str]] = {
    "bad JSON": (b'{"prompt":', "bad-json"),
    "bad UTF-8": (b'{"a":"\xff"}', "bad-utf8"),
    "half a character": (rb'{"a":"\ud800"}', "bad-surrogate"),
    "a hole": (b"\0\0\0", "nul-line"),
    "no object": (b"[[1]]", "not-object"),
    "a deep one": (b"{" + b'"a":{' * 2000, "too-deep"),
    "a long one": (b'{"a":"' + b"x" * 70_000 + b'"}', "line-too-long"),
    "NaN": (b'{"prompt":"q","completion":" a","label":true,"x":NaN}', "not-a-number"),
    "a key twice": (b'{"prompt":"q","completion":" a","label":false,"label":true}', "duplicate-key"),
}


@pytest.mark.parametrize(("line", "slug"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_line_that_is_no_good_json_is_a_finding(line: bytes, slug: str) -> None:
    code, lines, told = check("--max-line", "65536", stdin=jsonl(*ROWS) + line + b"\n" + jsonl(*ROWS))
    assert (code, told) == (65, "")
    assert lines[0].startswith(f"stdin:5: {slug}: ")
    assert "--" not in lines[0]  # options that help are named with the kind
    assert f"error: {slug}: 1 found" in lines


@pytest.mark.parametrize("stdin", [b"", b"\n \n", b"[]"], ids=["nothing", "blank lines", "an empty array"])
def test_no_rows_are_an_error(stdin: bytes) -> None:
    code, lines, _ = check(stdin=stdin)
    assert (code, lines[0]) == (65, "stdin: no-rows: there is not one row")


def test_an_array_is_read_and_its_elements_are_counted() -> None:
    array = json.dumps([*ROWS, 7], indent=1).encode()
    code, lines, _ = check(stdin=array)
    assert (code, lines[0]) == (65, "stdin:5: not-object: the line holds a whole number, not an object")
    assert hh("hh-check", "--for", "nemo-kto", stdin=array).stdout.splitlines()[-1] == (
        b"    Give more rows, or tell the trainer to take smaller batches."
    )


def test_what_only_a_loader_that_goes_by_lines_minds(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + jsonl(*[GOOD["nemo-kto"]] * 64) + b"\n")
    done = hh("hh-check", "-q", "--for", "nemo-kto", path)
    assert done.stdout.decode().splitlines()[:2] == [
        f"{path}:65: blank-line: the line is blank",
        f"{path}: byte-order-mark: the file begins with a byte order mark (EF BB BF)",
    ]
    path.write_bytes(b"\xef\xbb\xbf" + jsonl(*ROWS) + b"\n")
    assert check(path) == (0, [], "")


@pytest.mark.parametrize(("name", "told"), [("x.jsonl.gz", "the name ends with .gz"), ("x.jsonl", "its bytes are")])
def test_a_compressed_file_for_a_loader_that_unpacks_none(name: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(jsonl(*[GOOD["nemo-prompts"]] * 64)))
    done = hh("hh-check", "--for", "nemo-prompts", path)
    assert done.returncode == 65
    assert done.stdout.decode().startswith(f"{path}: compressed: {told}")
    assert done.stdout.count(b": compressed: ") == 2
    assert hh("hh-check", "--for", "trl-text-sft", path).stdout == b""


def test_what_has_no_name_may_come_in_a_frame(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_bytes(jsonl(*[pair(user(str(number))) for number in range(32)]))
    for checked in ("", "1"):
        script = (
            "hh-unpack-kto pairs.jsonl | hh-check --for nemo-kto; hh-check --for nemo-kto <(hh-unpack-kto pairs.jsonl)"
        )
        done = shell(script, tmp_path, HH_CHECKED=checked)
        assert (done.stdout, done.stderr) == ("", "")


def test_what_only_all_the_rows_show_is_not_told_of_some() -> None:
    assert check("-n", "1", stdin=jsonl(*ROWS)) == (0, [], "")
    assert check(stdin=jsonl(ROWS[0]))[1][0] == (
        "stdin: few-rows: 1 of the 2 rows that a batch takes, unless configured otherwise"
    )


def test_files_are_one_set_of_rows(tmp_path: Path) -> None:
    for name, row in (("a.jsonl", ROWS[0]), ("b.jsonl", {**ROWS[2], "id": 1})):
        (tmp_path / name).write_bytes(jsonl(row))
    done = shell("hh-check --for trl-text-kto a.jsonl b.jsonl || true", tmp_path)
    assert done.stdout.splitlines()[:2] == [
        'b.jsonl:1: keys-differ: "id", which the first row does not have',
        "all files: imbalance: 0 desirable and 2 undesirable rows",
    ]


def test_long_texts() -> None:
    assert check("--max-chars", "4", stdin=jsonl(*ROWS)) == (0, [], "")
    code, lines, _ = check("--max-chars", "3", stdin=jsonl(*ROWS))
    assert (code, lines[0]) == (65, "stdin:1: long-text: 4 characters in a prompt with its answer")


def test_the_report(tmp_path: Path) -> None:
    path, report = tmp_path / "x.jsonl", tmp_path / "report.json"
    path.write_bytes(jsonl(ROWS[0], {**ROWS[1], "label": 1}) + b"\n")
    assert check("--report", report, path)[0] == 0
    found = json.loads(report.read_text())
    assert 0 <= found.pop("seconds") < 60
    assert found == {
        "command": "hh-check",
        "version": hhtools.__version__,
        "argv": ["--for", "trl-text-kto", "--report", str(report), str(path)],
        "inputs": [{"name": str(path), "bytes": path.stat().st_size, "records": 2, "end": "unverified"}],
        "for": "trl-text-kto",
        "read": 2,
        "blank": 1,
        "errors": 0,
        "warnings": 1,
        "findings": [
            {
                "kind": "label-is-number",
                "severity": "warning",
                "count": 1,
                "remedy": "Write true and false: other KTO trainers drop rows that say 1 and 0.",
                "first": [{"file": str(path), "line": 2, "detail": '"label" is 1'}],
            }
        ],
        "notes": {"desirable": 1, "undesirable": 1},
        "exit": 0,
        "complete": True,
    }


def test_a_file_that_is_cut_short_is_told_with_what_was_found(tmp_path: Path) -> None:
    path, report = tmp_path / "x.jsonl.gz", tmp_path / "report.json"
    path.write_bytes(gzip.compress(jsonl({**ROWS[0], "label": 7}, *ROWS[1:]))[:-4])
    code, lines, told = check("-v", "--report", report, path)
    error, summary = told.splitlines()
    assert (code, error) == (74, f"hh-check: {path}: compressed input ends early")
    assert summary.startswith("hh-check: 4 read, 1 error (label-not-boolean 1), 0 warnings; not read to the end; ")
    assert lines[0] == f'{path}:1: label-not-boolean: "label" is 7'
    assert lines[-1] == "    Write true or false, without quotation marks."
    found = json.loads(report.read_text())
    assert (found["exit"], found["complete"], found["errors"], found["read"]) == (74, False, 1, 4)


def test_an_early_end_upstream_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(jsonl(pair(), 7))
    done = shell("set +e; hh-unpack-kto --for trl x 2> told | hh-check --for trl-kto; echo $?", tmp_path)
    assert done.stdout.splitlines()[-1] == "74"
    assert "the program before this one stopped: hh-unpack-kto ended with exit code 65" in done.stderr


def test_nothing_in_the_data_is_obeyed_by_the_terminal() -> None:
    _, lines, _ = check(stdin=jsonl({**ROWS[0], "label": "\x1b[31m\n" + "x" * 99}))
    assert lines[0] == 'stdin:1: label-not-boolean: "label" is "\\x1b[31m\\n' + "x" * 24 + '"'


OTHER_ENDS = {
    "no such file": (
        "hh-check --for trl-kto none",
        66,
        "hh-check: none: cannot be opened: No such file or directory\n",
    ),
    "a full disk": ("hh-check --for trl-kto x > /dev/full", 74, "hh-check: write error: No space left on device\n"),
    "a closed output": ("hh-check --for trl-kto x >&-", 74, "hh-check: standard output is closed\n"),
    "its own input": ("hh-check --for trl-kto x >> x", 73, "hh-check: x: input file is output file\n"),
    "a report that is an input": ("hh-check --for trl-kto --report x x", 2, "hh-check: --report: x is an input\n"),
    "no folder": (
        "hh-check --for trl-kto --report /none/x x",
        73,
        "hh-check: --report: /none/x: there is no folder /none\n",
    ),
    "nobody reads": (
        "set +o pipefail; (sleep 0.3; hh-check --for trl-kto x; echo $? > code) | true; exit $(<code)",
        141,
        "",
    ),
}


@pytest.mark.parametrize(("script", "code", "told"), OTHER_ENDS.values(), ids=OTHER_ENDS)
def test_other_ends(script: str, code: int, told: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(jsonl(pair()))
    done = shell(f"set +e; {script}", tmp_path)
    assert (done.returncode, done.stderr) == (code, told)


USAGE = {
    "no format": ([], "Missing option '--for'"),
    "a trainer without a method": (["--for", "verl"], "'verl' is no format; there is verl-prompts"),
    "a misspelt format": (["--for", "trl-tko"], "'trl-tko' is no format; there is trl-kto"),
    "an unknown format": (["--for", "x"], "'x' is no format; there is trl-kto, trl-text-kto, nemo-kto"),
    "no characters": (["--for", "trl-kto", "--max-chars", "0"], "--max-chars"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-check", *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


# What the other commands write, this one passes.


def written_formats() -> list[tuple[str, str]]:
    """List every --for name of every command that has one."""
    return [
        (command, name)
        for command, main in FILTERS.items()
        for param in main.params
        if param.name == "format_name" and isinstance(param.type, click.Choice)
        for name in param.type.choices
    ]


@pytest.mark.parametrize(("command", "name"), written_formats())
def test_every_format_that_is_written_has_its_check_and_passes(command: str, name: str) -> None:
    checked = f"{name}-{command.rpartition('-')[2]}"
    assert checked in FORMATS
    checker, (stage, _) = Checker(checked), FILTERS[command].read(["--for", name])
    made = [row for record in read_pairs(SAMPLE) for row in stage(record)] + [*held_rows(stage)]
    findings = [finding for row in made for finding in checker.row(row)] + checker.finish()
    assert [finding for finding in findings if finding.slug != "few-rows"] == []


@pytest.mark.parametrize(
    "script",
    [
        "hh-parse helpful-base.jsonl.gz | hh-unpack-kto --for trl | hh-check --for trl-kto --strict",
        "hh-parse helpful-base.jsonl.gz | hh-unpack-kto -o x.jsonl; hh-check --for nemo-kto --strict x.jsonl",
        "hh-to-regression steerlm.jsonl | hh-check --for nemo-regression -q",
        "cat steerlm.jsonl | hh-check --for nemo-sft -q",
    ],
)
def test_pipes_that_pass(script: str, data_folder: Path) -> None:
    done = shell(script, data_folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_raw_pairs_are_told_from_parsed_ones(tmp_path: Path) -> None:
    done = shell(f"hh-check --for trl-dpo {SAMPLE} | grep other-format: | head -n 1; true", tmp_path)
    assert re.search(
        "the first row looks like one for openrlhf-dpo or trl-text-reward or openrlhf-reward$", done.stdout
    )
    done = shell(f"hh-parse {SAMPLE} | hh-check --for trl-dpo -q", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_signal_ends_it_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    start = "hh-check --for trl-kto --report report fifo & exec 3> fifo; sleep 0.5; kill -TERM $!; wait $!; echo $?"
    done = shell(f"set +e; {start}", tmp_path)
    assert (done.stdout, done.stderr) == ("143\n", "")
    assert json.loads((tmp_path / "report").read_text())["complete"] is False


def test_a_message_is_shown_once_when_both_sides_have_it() -> None:
    row = {"prompt": [user("")], "chosen": [assistant("a")], "rejected": [assistant("b")]}
    done = hh("hh-check", "--for", "trl-dpo", stdin=jsonl(row))
    assert done.stdout.startswith(b"stdin:1: empty-text: message 1 of the prompt is empty\n\n")
