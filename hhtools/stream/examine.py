"""The loop of a check: lines in, through a checker, findings out to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Protocol

from hhtools.records import Bad, Notes, Record
from hhtools.stream.abort import heed_abort_marker
from hhtools.stream.closely import look_closely
from hhtools.stream.decode import Decoder, is_blank
from hhtools.stream.exits import Bug, Exit, Fault
from hhtools.stream.findings import Findings, Kind
from hhtools.stream.inputs import Input, all_readable
from hhtools.stream.names import STDIN
from hhtools.stream.options import ReadOptions
from hhtools.stream.report import with_notes, with_reasons
from hhtools.stream.signals import Interrupted, heed

Found = Iterable[tuple[str, str]]
"""Findings: the slug of their kind, and what was found."""


class Checker(Protocol):
    """What looks at the rows, and knows who is to read them."""

    @property
    def reader(self) -> str:
        """Name who is to read the rows."""

    def kind_of(self, slug: str) -> Kind:
        """Describe a kind of finding."""

    def name(self, name: str) -> Found:
        """Check the name of a file."""

    def row(self, row: Record) -> Found:
        """Check the next row."""

    def unreadable(self) -> None:
        """Take note of a line that is no row."""

    def blank_line(self) -> Found:
        """Check a blank line."""

    def file(self, name: str, *, packed: bool, byte_order_mark: bool, array: bool, final_newline: bool) -> Found:
        """Check a file that was read to its end."""

    def finish(self) -> Found:
        """Check all the rows as a whole."""

    def notes(self) -> Notes:
        """Give what there is to know about all the rows."""


class Examination:
    """One pass of a checker over inputs, each opened when the one before it has ended."""

    def __init__(self, checker: Checker, options: ReadOptions, findings: Findings) -> None:
        self.inputs: list[Input] = []
        self.is_complete = False
        self._checker = checker
        self._options = options
        self._findings = findings
        self._decoder = Decoder(max_line=options.max_line)
        self._read = 0
        self._blank = 0

    def __call__(self) -> int:
        """Tell all that is found, and give 65 if the rows cannot be used."""
        try:
            self._examine(self._options.paths or (STDIN,))
        except Fault:
            self._findings.conclude()
            raise
        except (Bug, Interrupted):
            heed()
            raise
        self._findings.conclude()
        self.is_complete = True
        return Exit.BAD_RECORD if self._findings.of_severity(is_error=True) else Exit.OK

    def counts(self) -> dict[str, object]:
        """Give all that was counted, as a report has it."""
        return {
            "for": self._checker.reader,
            "read": self._read,
            "blank": self._blank,
            "errors": self._findings.of_severity(is_error=True).total(),
            "warnings": self._findings.of_severity(is_error=False).total(),
            "findings": self._findings.report(),
            "notes": self._checker.notes(),
        }

    def summary(self) -> str:
        """Sum the check up in one line."""
        errors, warnings = (self._findings.of_severity(is_error) for is_error in (True, False))
        fit = f"{'not ' if errors else ''}fit for {self._checker.reader}" if self.is_complete else "not read to the end"
        counted = f"{self._read} read, {_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
        return with_notes(f"{counted}; {fit}", self._checker.notes())

    def _examine(self, paths: Sequence[str]) -> None:
        paths = all_readable(paths, self._options.timeout)
        for path in paths:
            if self._is_limited():
                return
            with Input(path, self._options.max_line, timeout=self._options.timeout) as given:
                self.inputs.append(given)
                self._examine_input(given)
        if not self._is_limited():
            self._tell("all files" if len(paths) > 1 else self.inputs[0].name, None, self._checker.finish())

    def _examine_input(self, given: Input) -> None:
        checker, line = self._checker, b"\n"
        tell = partial(self._tell, given.name)
        if given.source is not None:
            tell(None, checker.name(given.name))
        for number, line in enumerate(given.lines(), 1):
            self._examine_line(given, number, line)
            if self._is_limited():
                return
        found = checker.file(
            given.name,
            packed=given.is_packed and given.source is not None,  # a pipe may be framed
            byte_order_mark=given.has_bom,
            array=given.is_array,
            final_newline=given.is_array or line.endswith(b"\n"),
        )
        tell(None, found)

    def _examine_line(self, given: Input, number: int, line: bytes) -> None:
        tell = partial(self._tell, given.name, number)
        try:
            row, flaws = look_closely(line, self._decoder)
        except Bad as bad:
            heed_abort_marker(given.name, number, line)
            if is_blank(line, bad):
                self._blank += 1
                tell(self._checker.blank_line())
                return
            self._checker.unreadable()
            tell([(bad.reason, bad.detail.partition("; --")[0])])  # options that help are named with the kind
        else:
            tell(flaws)
            try:
                found = self._checker.row(row)
            except MemoryError:
                raise
            except Exception as error:
                raise Bug(f"{given.name}:{number}: {type(error).__name__}: {error}") from error
            tell(found)
        self._read += 1
        given.records += 1

    def _is_limited(self) -> bool:
        return self._read == self._options.limit

    def _tell(self, name: str, number: int | None, found: Found) -> None:
        for slug, detail in found:
            self._findings.take(name, number, slug, detail)


def _counted(counts: Counter[str], word: str) -> str:
    return with_reasons(counts, word if counts.total() == 1 else f"{word}s")
