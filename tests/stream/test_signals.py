from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.dialogues import pair, rated
from tests.every_command import typed
from tests.shell import BIN, ENVIRONMENT, FILTERS, jsonl, shell

RECORD = jsonl(pair())


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_waiting_command_whole(signum: signal.Signals, tmp_path: Path) -> None:
    """What was read is written, the next command is told, the new file is removed, and the death is by the signal."""
    for argv in ([], ["-o", str(tmp_path / "out")]):
        with subprocess.Popen(
            [BIN / "hh-filter-singleturn", "--report", tmp_path / "report", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            bufsize=0,
        ) as run:
            assert run.stdin
            assert run.stdout
            assert run.stderr
            run.stdin.write(RECORD)
            wait_until_read(run.stdin.fileno())
            run.send_signal(signum)
            assert run.wait(timeout=10) == -signum
            printed = run.stdout.read()
            assert run.stderr.read() == b""
        report = json.loads((tmp_path / "report").read_text())
        assert (report["exit"], report["complete"], report["used"]) == (128 + signum, False, 1)
        if argv:
            assert (printed, report["written"]) == (b"", 0)
            assert [path.name for path in tmp_path.iterdir()] == ["report"]
        else:
            assert printed.startswith(RECORD + b"\x18hh-abort ")
            assert f"ended by {signum.name}".encode() in printed


def wait_until_read(pipe: int) -> None:
    """Wait until a pipe is empty, and its reader has had a moment for what it read."""
    while fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4) != b"\0" * 4:
        time.sleep(0.01)
    time.sleep(0.2)


def wait_until_heeded(pid: int) -> None:
    """Wait until a command has its handlers: while the interpreter starts, a signal is the interpreter's matter."""
    caught = 0
    while not caught >> (signal.SIGTERM - 1) & 1:
        status = Path(f"/proc/{pid}/status").read_text()
        caught = int(status.partition("SigCgt:\t")[2].split()[0], 16)


def test_a_record_that_a_stage_holds_when_a_signal_comes_is_accounted_for(tmp_path: Path) -> None:
    with subprocess.Popen(
        [BIN / "hh-from-helpsteer", "--pairs", "--report", tmp_path / "report"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
        bufsize=0,
    ) as run:
        assert run.stdin
        assert run.stdout
        run.stdin.write(jsonl(rated("a", "44444"), rated("b", "04444"), rated("c", "44444", "3+3?")))
        assert run.stdout.readline().startswith(b'{"prompt":')  # of the first two; the third may have an answer to come
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=10) == -signal.SIGTERM
    report = json.loads((tmp_path / "report").read_text())
    assert (report["read"], report["used"], report["dropped"], report["held"]) == (3, 2, {}, 1)


@pytest.mark.parametrize("delay", [0, 0.02, 0.04, 0.06, 0.1, 0.6])
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_reader_is_stuck(signum: signal.Signals, delay: float) -> None:
    """The pipe is full and nobody reads: the command still ends, and what lies in the pipe are whole rows."""
    with subprocess.Popen(
        [BIN / "hh-filter-singleturn", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, bufsize=0
    ) as run:
        with subprocess.Popen(["yes", RECORD.decode().strip()], stdout=run.stdin) as endless:
            wait_until_heeded(run.pid)
            time.sleep(delay)
            run.send_signal(signum)
            assert run.wait(timeout=10) == -signum
            endless.kill()
        assert run.stdout
        printed, _, marker = run.stdout.read().partition(b"\x18hh-abort ")
        whole = printed[: printed.rfind(b"\n") + 1]
        assert whole == RECORD * (len(whole) // len(RECORD))
        assert len(printed) - len(whole) < len(RECORD)
        assert marker == b"" or printed == whole


@pytest.mark.parametrize("command", FILTERS)
def test_an_ignored_signal_stays_ignored(command: str, tmp_path: Path) -> None:
    start = f"mkfifo fifo; (trap '' TERM HUP; exec {typed(command)} < fifo) & exec 3> fifo"
    done = shell(f"{start}; sleep 0.3; kill -TERM $!; kill -HUP $!; sleep 0.1; exec 3>&-; wait $!", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_shell_loop_stops_on_interrupt(tmp_path: Path) -> None:
    """A death by SIGINT stops the loop around it; an exit code would not."""
    script = "for i in 1 2 3; do echo $i; hh-parse - < fifo; done"
    with subprocess.Popen(
        ["/bin/bash", "-c", f"mkfifo fifo; exec 3<> fifo; {script}"],
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd=tmp_path,
        start_new_session=True,
    ) as run:
        time.sleep(0.7)
        os.killpg(run.pid, signal.SIGINT)
        assert run.stdout
        assert run.stdout.read().split(b"\n")[0] == b"1"
        assert run.wait(timeout=10) in {-signal.SIGINT, 130}


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_when_all_is_done_is_a_death_without_a_traceback(signum: signal.Signals) -> None:
    code = f"""
import atexit, os
from hhtools.stream.main import keep_to_oneself, run_and_exit
from hhtools.stream.signals import end_whole
atexit.register(lambda: os.kill(os.getpid(), {signum:d}))
run_and_exit("hh-x", lambda: end_whole() or 0, keep_to_oneself)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=ENVIRONMENT, check=False)
    assert (done.returncode, done.stderr) == (-signum, b"")
