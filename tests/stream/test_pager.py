from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from hhtools.records import Bad, Record
from hhtools.stream.options import MAX_LINE, TIMEOUT, ReadOptions
from hhtools.stream.signals import Interrupted
from hhtools.stream.view import Viewing
from tests.dialogues import pair, user
from tests.shell import BIN, ENVIRONMENT, jsonl

MANY = 800  # records; many times what a pipe holds


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "x.jsonl"
    path.write_bytes(jsonl(*[pair(user(str(number))) for number in range(MANY)]))
    return path


# The terminal has to be the one that controls the program: only then is ^C a signal, and /dev/tty there.
LAUNCH = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"


class Terminal:
    """A terminal on which hh-show runs, with a keyboard; what is told on stderr goes there too, or into a pipe."""

    def __init__(self, *argv: str | Path, columns: int = 100, told: int | None = None, **environment: str) -> None:
        self.shown = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._modes = termios.tcgetattr(self._master)
        self.run = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, BIN / "hh-show", *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave if told is None else told,
            env={"TERM": "xterm", **ENVIRONMENT, **environment},
            start_new_session=True,
        )
        os.close(slave)

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def wait_for(self, text: str) -> None:
        """Wait until something is shown that was not before."""
        before = len(self.shown)
        while text.encode() not in self.shown[before:]:
            assert self._read(), f"{text!r} was never shown, but {self.shown.decode()!r}"

    def end(self) -> tuple[int, str]:
        """Wait for the end; give the exit code, and all that was shown in text mode, as the terminal was before."""
        while self._read():
            pass
        assert termios.tcgetattr(self._master) == self._modes
        os.close(self._master)
        return self.run.wait(timeout=60), self.shown.decode()

    def _read(self) -> bytes:
        ready, _, _ = select.select([self._master], [], [], 60)
        assert ready, f"nothing more is shown behind {self.shown.decode()!r}"
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # Linux ends a terminal with an error
            return b""
        self.shown += piece
        return piece


def on_terminal(*argv: str | Path, columns: int = 100, **environment: str) -> tuple[int, str, str]:
    """Show records on a terminal; give the exit code, what the terminal shows, and what is told."""
    terminal = Terminal(*argv, columns=columns, told=subprocess.PIPE, **environment)
    code, shown = terminal.end()
    assert terminal.run.stderr
    with terminal.run.stderr as pipe:
        return code, shown, pipe.read().decode()


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


@pytest.mark.parametrize(
    ("pager", "told"),
    {
        "no-such-pager": "no-such-pager: not found",
        "no-such-pager -x": "not found",
        "/dev/null": "ermission denied",
    }.items(),
)
def test_a_pager_that_cannot_be_run_is_told_of(pager: str, told: str, given: Path) -> None:
    code, shown = Terminal(given, PAGER=pager).end()
    assert code == 73
    by_shell, message, summary = shown.splitlines()
    assert told in by_shell
    assert message == f"hh-show: the pager cannot be run: {pager}; set PAGER to another, or to cat"
    assert summary.endswith("; not read to the end")


def test_without_a_pager_the_terminal_gets_it(given: Path) -> None:
    code, shown, _ = on_terminal(given, "-n", "2", PAGER="")
    assert (code, shown.count("== ")) == (0, 2)


def test_an_error_is_told_behind_the_pager(given: Path) -> None:
    with given.open("ab") as file:
        file.write(b"x\n")
    code, _, told = on_terminal(given, PAGER="cat > /dev/null; echo 'hh-pager: done' >&2")
    assert code == 65
    assert told == f"hh-pager: done\nhh-show: 1 bad (bad-json 1) of {MANY + 1} records, shown as bad\n"


needs_less = pytest.mark.skipif(shutil.which("less") is None, reason="no less here; Debian: apt-get install less")


@needs_less
@pytest.mark.parametrize("pager", [None, "less", "less -S"])
def test_less_is_left_without_a_word(pager: str | None, given: Path) -> None:
    terminal = Terminal(given) if pager is None else Terminal(given, PAGER=pager)
    terminal.wait_for(f"{given}:1")
    terminal.type(b"q")
    code, shown = terminal.end()
    assert code == 0
    assert f"{given}:9" not in shown
    assert "hh-show:" not in shown


@needs_less
def test_what_was_left_is_not_complete(given: Path, tmp_path: Path) -> None:
    terminal = Terminal(given, "-v", "--report", tmp_path / "report")
    terminal.wait_for(f"{given}:1")
    terminal.type(b"q")
    code, shown = terminal.end()
    report = json.loads((tmp_path / "report").read_text())
    assert (code, report["exit"], report["complete"]) == (0, 0, False)
    read = report["read"]
    assert 0 < read < MANY
    assert shown.endswith(f"hh-show: {read} read, {read} shown, 0 bad; not read to the end\r\n")


@needs_less
def test_less_ends_by_itself_when_all_fits_on_the_screen(given: Path) -> None:
    code, shown = Terminal(given, "-n", "1").end()
    assert (code, shown.count("== ")) == (0, 1)
    assert shown.endswith("hh-show: 1 read, 1 shown, 0 bad\r\n")


@needs_less
@pytest.mark.parametrize("pause", [0.3, 1.5], ids=["while hh-show still tries to write", "and later"])
def test_less_goes_on_after_an_interrupt(pause: float, given: Path) -> None:
    """What it has got by then can still be looked at, however often ^C is pressed; the death is by the signal."""
    terminal = Terminal(given)
    terminal.wait_for(f"{given}:1")
    for _ in range(2):
        terminal.type(b"\x03")
        time.sleep(pause)
    terminal.type(b" ")
    terminal.wait_for(f"{given}:4")
    assert terminal.run.poll() is None
    terminal.type(b"q")
    code, shown = terminal.end()
    assert code == -signal.SIGINT
    assert "Traceback" not in shown
    assert shown.endswith(" shown, 0 bad; not read to the end\r\n")


def test_an_interrupt_ends_what_no_pager_holds(given: Path) -> None:
    terminal = Terminal("-", PAGER="cat")
    terminal.type(given.read_bytes().splitlines(keepends=True)[0])
    terminal.wait_for("== stdin:1")
    terminal.type(b"\x03")
    code, shown = terminal.end()
    assert code == -signal.SIGINT
    assert shown.endswith("^Chh-show: 1 read, 1 shown, 0 bad; not read to the end\r\n")


class Interrupting:
    """A view that is interrupted at its second record."""

    start = end = ""

    def record(self, place: str, _record: Record) -> str:
        if place.endswith(":2"):
            raise Interrupted(signal.SIGINT)
        return place

    def bad(self, place: str, _bad: Bad) -> str:
        return place


def test_what_is_not_shown_is_not_counted_as_shown(
    given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hhtools.stream.view.heed", lambda: None)  # this process is not ending
    options = ReadOptions(
        paths=(str(given),), limit=None, max_line=MAX_LINE, timeout=TIMEOUT, report=None, quiet=True, verbose=False
    )
    viewing = Viewing(Interrupting(), None, options, str(tmp_path / "page"))
    with pytest.raises(Interrupted):
        viewing()
    assert viewing.summary() == "1 read, 1 shown, 0 bad; not read to the end"


def test_what_is_no_terminal_gets_no_pager(given: Path) -> None:
    done = subprocess.run(
        [BIN / "hh-show", given, "-n", "1"], capture_output=True, env={**ENVIRONMENT, "PAGER": "false"}, check=True
    )
    assert done.stdout.count(b"== ") == 1
