from __future__ import annotations

import os
import pty
import subprocess

import pytest

import hhtools
from hhtools.stream.command import command_name
from tests.shell import BIN, COMMANDS, ENVIRONMENT, hh


def test_names() -> None:
    assert command_name("hhtools.commands.parse") == "hh-parse"


@pytest.mark.parametrize(
    "argv", [["--max-bad", "5%"], ["--max-bad", "-1"], ["--max-drop", "1.5"], ["--max-drop", "nan"]]
)
def test_a_limit_is_a_count_or_a_fraction(argv: list[str]) -> None:
    done = hh("hh-parse", *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"is neither a count (12) nor, with a point, a fraction (0.01)" in done.stderr


@pytest.mark.parametrize("argv", [["--nothing"], ["--limit", "x"], ["--max-line", "0"], ["-n", "-1"]])
def test_usage_is_two_lines_and_exit_2(argv: list[str]) -> None:
    done = hh("hh-parse", *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    first, hint = done.stderr.decode().splitlines()
    assert first.startswith("hh-parse: ")
    assert argv[0].lstrip("-") in first
    assert hint == "Try 'hh-parse --help' for help."


def test_an_unknown_option_is_answered_with_the_near_one() -> None:
    assert b"--max-bad" in hh("hh-parse", "--max-bda", "1").stderr


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


@pytest.mark.parametrize("command", COMMANDS)
def test_on_a_terminal_without_input_there_is_help(command: str) -> None:
    code, shown = on_terminal(command)
    assert code == 2
    assert b"Usage: " + command.encode() in shown


def test_a_dash_reads_the_terminal_and_a_summary_is_shown() -> None:
    code, shown = on_terminal("hh-parse", "-", typed=b"\n\x04")
    assert code == 0
    assert b"hh-parse: 0 read, 0 used, 0 dropped, 0 bad; 0 rows written" in shown
