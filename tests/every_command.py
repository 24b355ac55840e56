"""What a law needs to try every command that reads records."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from pathlib import Path

from hhtools.records import Record
from tests.conftest import HELPSTEER2_ROWS, OASST_TREES, STEERLM_ROWS
from tests.dialogues import pair, transcript, user
from tests.shell import BIN, COMMANDS, ENVIRONMENT, FILTERS, jsonl

GOOD = {
    "hh-check": pair(user("Où ?"), rejected="4"),
    "hh-filter-length": pair(user("Où ?")),
    "hh-filter-singleturn": pair(user("Où ?")),
    "hh-from-helpsteer": HELPSTEER2_ROWS[0],
    "hh-from-oasst": OASST_TREES[0],
    "hh-from-pairs": {"prompt": "Où ?", "chosen": "x", "rejected": "y"},
    "hh-parse": {"chosen": transcript("H: Où ?", "A: x"), "rejected": transcript("H: Où ?", "A: y")},
    "hh-run": {"chosen": transcript("H: Où ?", "A: x"), "rejected": transcript("H: Où ?", "A: y")},
    "hh-sample": {"text": "Où ?"},
    "hh-show": pair(user("Où ?")),
    "hh-to-dpo": pair(user("Où ?")),
    "hh-to-prompts": pair(user("Où ?")),
    "hh-to-regression": STEERLM_ROWS[0],
    "hh-to-reward": pair(user("Où ?")),
    "hh-to-sft": pair(user("Où ?")),
    "hh-unpack-kto": pair(user("Où ?")),
}
"""For each of them a record that it uses, and writes something about, whatever else is in its input."""

NEEDED: dict[str, list[str]] = {
    **{command: [] for command in COMMANDS},
    "hh-check": ["--for", "trl-dpo"],
    "hh-filter-length": ["--min", "1"],
    "hh-run": ["hh-parse | hh-filter-singleturn | hh-unpack-kto"],
    "hh-sample": ["--rate", "1"],
}
"""The options without which a command does not run."""


def typed(command: str) -> str:
    """Give a command as it is typed, with the options that it needs."""
    return shlex.join([command, *NEEDED[command]])


def peak_memory(command_line: list[str], record: Record, copies: int) -> int:
    """Measure the most memory that a command takes up for so many copies of a record, in KiB."""
    code = """
import os, subprocess, sys
record, copies = sys.stdin.buffer.read(), int(sys.argv[1])
run = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
for _ in range(copies // 100):
    run.stdin.write(record * 100)
run.stdin.close()
_, status, usage = os.wait4(run.pid, 0)
print(usage.ru_maxrss)
sys.exit(status != 0)
"""
    command, *options = command_line
    argv = [sys.executable, "-c", code, str(copies), str(BIN / command), *options]
    return int(subprocess.run(argv, input=jsonl(record), capture_output=True, env=ENVIRONMENT, check=True).stdout)


def run_here(command: str, *argv: str | Path) -> int:
    """Run a filter in this process, for tests that run it thousands of times, and give its exit code."""
    handlers = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        return FILTERS[command].run(list(map(str, argv)))
    finally:
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
