"""Checks the rows of one format, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from hhtools.checks.columns import Columns
from hhtools.checks.dialogues import Dialogue
from hhtools.checks.form import Form
from hhtools.checks.formats import FORMATS
from hhtools.checks.kinds import KINDS, Finding, Kind
from hhtools.checks.loaders import file_findings, name_findings, row_count_findings
from hhtools.records import Notes, Record

# After one of these, a row cannot be read any further.
_UNREADABLE = {"wrong-type", "missing-key", "empty-list", "answer-count"}


class Checker:
    """Looks at the rows of a file as the loader and the trainer of a format do, and tells what is wrong with them.

    >>> checker = Checker("trl-text-kto")
    >>> checker.row({"prompt": "2+2?", "completion": " 4", "label": "false"})
    [Finding(slug='label-not-boolean', detail='"label" is "false"')]
    """

    def __init__(self, format_name: str, max_chars: int | None = None, strict: bool = False) -> None:
        self.reader = format_name
        self._format = FORMATS[format_name]
        self._max_chars = max_chars
        self._strict = strict
        self._columns = Columns(self._format.required)
        self._neighbours = [make() for make in self._format.neighbours]
        self._rows = 0

    def kind_of(self, slug: str) -> Kind:
        """Describe a kind of finding: what to do about it, and whether this trainer does not get over it."""
        is_error = self._strict or slug in self._format.strict or slug in self._format.loader.strict
        return KINDS[slug]._replace(is_error=True) if is_error else KINDS[slug]

    def name(self, name: str) -> list[Finding]:
        """Check the name of a file."""
        return list(name_findings(self._format.loader, name))

    def blank_line(self) -> list[Finding]:
        """Check a blank line: to some loaders it is a row."""
        return [Finding("blank-line", "the line is blank")] if self._format.loader.line_by_line else []

    def unreadable(self) -> None:
        """Take note of a row that is no JSON object: it has its place all the same."""
        self._rows += 1
        for rule in self._neighbours:
            rule.skip()

    def row(self, row: Record) -> list[Finding]:
        """Check the next row."""
        self._rows += 1
        by_key = _wrong_values(self._format, row)
        findings = [finding for found in by_key.values() for finding in found]
        findings += self._columns.compare(row, by_key)
        if not any(finding.slug in _UNREADABLE for finding in findings):
            findings += self._check_dialogues(row)
        else:
            if self._rows == 1:
                findings += _other_formats(row)
            for rule in self._neighbours:
                rule.skip()
        return list(dict.fromkeys(findings))

    def file(self, name: str, **facts: bool) -> list[Finding]:
        """Check a file that was read to its end; ``facts`` are those of file_findings."""
        return list(file_findings(self._format.loader, name, **facts))

    def finish(self) -> list[Finding]:
        """Check all the rows as a whole."""
        least = max(self._format.loader.least_rows, self._format.least_rows)
        findings = list(row_count_findings(self._rows, least))
        return findings + [finding for rule in self._neighbours for finding in rule.finish()]

    def notes(self) -> Notes:
        """Give what there is to know about all the rows."""
        return {name: value for rule in self._neighbours for name, value in rule.notes().items()}

    def _check_dialogues(self, row: Record) -> list[Finding]:
        dialogues = self._format.view(row)
        findings = [finding for rule in self._format.rules for finding in rule(row, dialogues)]
        findings += [finding for rule in self._neighbours for finding in rule(row, dialogues)]
        if self._max_chars is not None:
            longest = max(map(_length, dialogues))
            if longest > self._max_chars:
                findings.append(Finding("long-text", f"{longest} characters in a prompt with its answer"))
        return findings


def _wrong_values(form: Form, row: Record) -> dict[str, list[Finding]]:
    # What is wrong with the keys that a trainer reads, by the first of them.
    missing = [key for key in form.required if key not in row]
    found = {missing[0]: [Finding("missing-key", f"no {_listed(missing)}")]} if missing else {}
    if form.one_of and not any(key in row for key in form.one_of):
        found[form.one_of[0]] = [Finding("missing-key", f"no {_listed(form.one_of)}: one of them is needed")]
    for key, check in (*form.required.items(), *form.optional.items()):
        if key in row and (wrong := list(check(f'"{key}"', row[key]))):
            found[key] = wrong
    return found


def _other_formats(row: Record) -> list[Finding]:
    # Those that read the most of the row: any row with a prompt would do for a trainer of prompts.
    read = {name: len(form.required) for name, form in FORMATS.items() if not _wrong_values(form, row)}
    likely = [name for name, count in read.items() if count == max(read.values())]
    return [Finding("other-format", f"the first row looks like one for {' or '.join(likely)}")] if likely else []


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)


def _length(dialogue: Dialogue) -> int:
    return sum(len(turn.text) for turn in dialogue.prompt + dialogue.answer)
