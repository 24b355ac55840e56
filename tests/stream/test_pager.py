from __future__ import annotations

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from tests.dialogues import pair, user
from tests.shell import BIN, ENVIRONMENT, jsonl

MANY = 800  # records; many times what a pipe holds


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "x.jsonl"
    path.write_bytes(jsonl(*[pair(user(str(number))) for number in range(MANY)]))
    return path


def on_terminal(*argv: str | Path, typed: bytes = b"", columns: int = 100, **environment: str) -> tuple[int, str, str]:
    """Show records on a terminal; give the exit code, what the terminal shows, and what is told."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [BIN / "hh-show", *argv],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.PIPE,
        env={"TERM": "xterm", **ENVIRONMENT, **environment},
        start_new_session=True,
    ) as run:
        os.close(slave)
        os.write(master, typed)
        shown = b""
        try:
            while piece := os.read(master, 65536):
                shown += piece
        except OSError:  # Linux ends a terminal with an error
            pass
        assert run.stderr
        told = run.stderr.read().decode()
        code = run.wait(timeout=60)
    os.close(master)
    return code, shown.decode(), told


def test_a_terminal_gets_colour_and_its_own_width(given: Path) -> None:
    code, shown, told = on_terminal(given, "-n", "1", PAGER="cat", columns=100)
    assert (code, told) == (0, "")
    assert "\x1b[32m4\x1b[m" in shown
    assert f"{' ' * 42} | " in shown
    assert " | " not in on_terminal(given, "-n", "1", PAGER="cat", columns=79)[1]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb"), ("TERM", "")])
def test_a_terminal_without_colour(given: Path, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, name, value)
    _, shown, _ = on_terminal(given, "-n", "1", PAGER="cat")
    assert "\x1b" not in shown
    assert "{+4+}" in shown


def test_the_pager_gets_all_there_is(given: Path, tmp_path: Path) -> None:
    code, shown, told = on_terminal(given, PAGER=f"wc -l > {tmp_path / 'lines'}; echo $LESS $LV > {tmp_path / 'less'}")
    assert (code, shown, told) == (0, "", "")
    assert (tmp_path / "lines").read_text().strip() == str(MANY * 8)
    assert (tmp_path / "less").read_text() == "FRX -c\n"
    on_terminal(given, PAGER=f"cat > {tmp_path / 'lines'}; echo $LESS > {tmp_path / 'less'}", LESS="-S")
    assert (tmp_path / "less").read_text() == "-S\n"


def test_a_pager_that_is_left_early_is_no_error(given: Path) -> None:
    code, shown, told = on_terminal(given, PAGER="head -n 1")
    assert (code, told) == (0, "")
    assert shown.count("\n") == 1


def test_a_pager_that_is_not_there_is_told_of(given: Path) -> None:
    code, _, told = on_terminal(given, PAGER="no-such-pager -x 2> /dev/null")
    assert code == 73
    assert told.startswith("hh-show: the pager cannot be run: no-such-pager -x 2> /dev/null; set PAGER")


def test_without_a_pager_the_terminal_gets_it(given: Path) -> None:
    code, shown, _ = on_terminal(given, "-n", "2", PAGER="")
    assert (code, shown.count("== ")) == (0, 2)


def test_an_error_is_told_behind_the_pager(given: Path) -> None:
    with given.open("ab") as file:
        file.write(b"x\n")
    code, _, told = on_terminal(given, PAGER="cat > /dev/null; echo 'hh-pager: done' >&2")
    assert code == 65
    assert told == f"hh-pager: done\nhh-show: 1 bad (bad-json 1) of {MANY + 1} records, shown as bad\n"


@pytest.mark.skipif(shutil.which("less") is None, reason="no less here; Debian: apt-get install less")
def test_less_shows_one_page_and_obeys(given: Path) -> None:
    code, shown, _ = on_terminal(given, typed=b"q")
    assert code == 0
    assert f"{given}:1" in shown
    assert f"{given}:9" not in shown
    code, shown, _ = on_terminal(given, "-n", "1")  # fits on the screen
    assert (code, shown.count("== ")) == (0, 1)


def test_what_is_no_terminal_gets_no_pager(given: Path) -> None:
    done = subprocess.run(
        [BIN / "hh-show", given, "-n", "1"], capture_output=True, env={**ENVIRONMENT, "PAGER": "false"}, check=True
    )
    assert done.stdout.count(b"== ") == 1
