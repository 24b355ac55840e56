"""What a law needs to try every command that reads records."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.conftest import HELPSTEER2_ROWS, OASST_TREES, STEERLM_ROWS
from tests.dialogues import pair, transcript, user
from tests.shell import FILTERS

GOOD = {
    "hh-check": pair(user("Où ?"), rejected="4"),
    "hh-filter-singleturn": pair(user("Où ?")),
    "hh-from-helpsteer": HELPSTEER2_ROWS[0],
    "hh-from-oasst": OASST_TREES[0],
    "hh-from-pairs": {"prompt": "Où ?", "chosen": "x", "rejected": "y"},
    "hh-parse": {"chosen": transcript("H: Où ?", "A: x"), "rejected": transcript("H: Où ?", "A: y")},
    "hh-show": pair(user("Où ?")),
    "hh-to-dpo": pair(user("Où ?")),
    "hh-to-prompts": pair(user("Où ?")),
    "hh-to-regression": STEERLM_ROWS[0],
    "hh-to-reward": pair(user("Où ?")),
    "hh-to-sft": pair(user("Où ?")),
    "hh-unpack-kto": pair(user("Où ?")),
}
"""For each of them a record that it uses, and writes something about, whatever else is in its input."""

NEEDED = {"hh-check": ["--for", "trl-dpo"]}
"""The options without which a command does not run."""


def typed(command: str) -> str:
    """Give a command as it is typed, with the options that it needs."""
    return " ".join([command, *NEEDED.get(command, [])])


def run_here(command: str, *argv: str | Path) -> int:
    """Run a filter in this process, for tests that run it thousands of times, and give its exit code."""
    handlers = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        return FILTERS[command].run(list(map(str, argv)))
    finally:
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
