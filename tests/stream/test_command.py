from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

import hhtools
from hhtools.stream.script import command_name
from tests.shell import BIN, COMMANDS, ENVIRONMENT, READERS, hh, jsonl, shell


def test_names() -> None:
    assert command_name("hhtools.commands.parse") == "hh-parse"


@pytest.mark.parametrize(
    "argv",
    [["--max-bad", "5%"], ["--max-bad", "-1"], ["--max-drop", "1.5"], ["--max-drop", "nan"], ["--max-bad", "1_0"]],
)
def test_a_limit_is_a_count_or_a_fraction(argv: list[str]) -> None:
    done = hh("hh-parse", *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"is neither a count (12) nor, with a point, a fraction (0.01)" in done.stderr


@pytest.mark.parametrize(
    "argv", [["--nothing"], ["--limit", "x"], ["--max-line", "0"], ["--max-line", "99999999999999999999"], ["-n", "-1"]]
)
def test_usage_is_two_lines_and_exit_2(argv: list[str]) -> None:
    done = hh("hh-parse", *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    first, hint = done.stderr.decode().splitlines()
    assert first.startswith("hh-parse: ")
    assert argv[0].lstrip("-") in first
    assert hint == "Try 'hh-parse --help' for help."


def test_an_unknown_option_is_answered_with_the_near_one() -> None:
    assert b"--max-bad" in hh("hh-parse", "--max-bda", "1").stderr


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    """Names of files are told with escapes, and options must be text."""
    record = jsonl({"chosen": "\n\nHuman: q", "rejected": "\n\nHuman: r"})
    (tmp_path / "caf\udce9.jsonl").write_bytes(record + b"7\n")
    script = "hh-parse --max-bad 1 --bad bad --report report $'caf\\xe9.jsonl'"
    done = shell(script, tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["source"] == "caf\\xe9"
    assert json.loads((tmp_path / "bad").read_text())["source"] == "caf\\xe9.jsonl"
    assert json.loads((tmp_path / "report").read_text())["inputs"][0]["name"] == "caf\\xe9.jsonl"
    done = shell("echo '' | hh-parse --source $'caf\\xe9'", tmp_path)
    assert (done.returncode, "--source: the value is not UTF-8" in done.stderr) == (2, True)
    for locale in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "C"}, {}):
        (tmp_path / "ü.jsonl").write_bytes(record)
        assert json.loads(shell("hh-parse ü.jsonl", tmp_path, **locale).stdout)["source"] == "ü"
        assert json.loads(shell("hh-parse --source ü ü.jsonl", tmp_path, **locale).stdout)["source"] == "ü"


def test_nothing_in_the_data_is_obeyed_by_the_terminal(tmp_path: Path) -> None:
    record = jsonl({"prompt": [{"role": "\x1b[31m\nhh-parse: fake", "content": ""}], "chosen": [], "rejected": []})
    (tmp_path / "a\nb").write_bytes(record)
    done = hh("hh-unpack-kto", tmp_path / "a\nb")
    (line,) = done.stderr.decode().splitlines()
    assert line.isprintable()


def test_a_bug_says_so_in_a_line_and_shows_more_on_request(tmp_path: Path) -> None:
    code = "from hhtools.commands.parse import main; main.read = lambda argv: 1 / 0; main()"
    for debug, lines in (("", 1), ("1", 12)):
        done = shell(f"python -c '{code}' < /dev/null", tmp_path, HH_DEBUG=debug)
        assert done.returncode == 1
        assert "internal error, please report it with what HH_DEBUG=1 shows: ZeroDivisionError" in done.stderr
        assert (len(done.stderr.splitlines()) > 1) == (lines > 1)


def test_quiet_for_a_whole_pipe() -> None:
    bad = jsonl({"chosen": "\n\nHuman: q", "rejected": "\n\nHuman: r"}) + b"7\n"
    told = {quiet: hh("hh-parse", "--max-bad", "1", stdin=bad, HH_QUIET=quiet).stderr for quiet in ("", "0", "1")}
    assert bool(told[""]) == bool(told["0"]) != bool(told["1"])


@pytest.mark.parametrize("command", COMMANDS)
def test_version(command: str) -> None:
    assert hh(command, "--version").stdout.decode() == f"{command} {hhtools.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_its_parts_in_order(command: str) -> None:
    text = hh(command, "-h").stdout.decode()
    assert text == hh(command, "--help").stdout.decode()
    parts = [
        text.index(part) for part in (" in, ", " out", "Usage:", "Examples:", "Options:", "Exit codes:", "Environment:")
    ]
    assert parts == sorted(parts)


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_help_breaks_no_line_within_a_name(columns: str) -> None:
    for command in COMMANDS:
        text = hh(command, "--help", COLUMNS=columns).stdout.decode()
        assert text.isascii()
        assert not [line for line in text.splitlines() if line.endswith("-")]


def on_terminal(*argv: str, typed: bytes = b"") -> tuple[int, bytes]:
    """Run a command with a terminal for standard input and error, and give its code and what the terminal shows."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [BIN / argv[0], *argv[1:]], stdin=slave, stdout=subprocess.DEVNULL, stderr=slave, env=ENVIRONMENT
    ) as run:
        os.close(slave)
        os.write(master, typed)
        shown = b""
        try:
            while piece := os.read(master, 65536):
                shown += piece
        except OSError:  # Linux ends a terminal with an error
            pass
        code = run.wait(timeout=60)
    os.close(master)
    return code, shown


@pytest.mark.parametrize("command", READERS)
def test_on_a_terminal_without_input_there_is_help(command: str) -> None:
    code, shown = on_terminal(command)
    assert code == 2
    assert b"Usage: " + command.encode() in shown


def test_a_dash_reads_the_terminal_and_a_summary_is_shown() -> None:
    code, shown = on_terminal("hh-parse", "-", typed=b"\n\x04")
    assert code == 0
    assert b"hh-parse: 0 read, 0 used, 0 dropped, 0 bad; 0 rows written" in shown
