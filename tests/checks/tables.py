"""How the tables of wrong rows are tried."""

from __future__ import annotations

from typing import Any

from hhtools.checks.checker import Checker
from hhtools.checks.kinds import Finding
from hhtools.records import Record

TAKES = "nothing"
"""What is found in a row that the trainer takes."""

ABSENT: Any = object()
"""The value of a key that is not there."""


def told(checker: Checker, findings: list[Finding]) -> str:
    """Write findings as "error: SLUG" or "warning: SLUG"."""
    severity = {True: "error", False: "warning"}
    return ", ".join(f"{severity[checker.kind_of(slug).is_error]}: {slug}" for slug, _ in findings) or TAKES


def found(format_name: str, *rows: Record, max_chars: int | None = None) -> str:
    """Check rows, and tell what is found in them; what other format they may have is not asked for here."""
    checker = Checker(format_name, max_chars)
    findings = [finding for row in rows for finding in checker.row(row) if finding.slug != "other-format"]
    return told(checker, findings)


def changed(row: Record, changes: Record) -> Record:
    """Give a row with other values; the key of one that is ABSENT is taken out."""
    return {key: value for key, value in {**row, **changes}.items() if value is not ABSENT}
