"""What a law needs to try every command that reads records."""

from __future__ import annotations

from tests.conftest import STEERLM_ROWS
from tests.dialogues import pair, transcript, user

GOOD = {
    "hh-filter-singleturn": pair(user("Où ?")),
    "hh-parse": {"chosen": transcript("H: Où ?", "A: x"), "rejected": transcript("H: Où ?", "A: y")},
    "hh-to-regression": STEERLM_ROWS[0],
    "hh-unpack-kto": pair(user("Où ?")),
}
"""For each of them a record that it uses, and makes at least one row of, whatever else is in its input."""
