"""Where bad records go, and how many of anything are too many."""

from __future__ import annotations

import base64
import os
from collections import Counter
from collections.abc import Sequence

import orjson

from hhtools.records import Bad
from hhtools.stream import remote
from hhtools.stream.console import say_line
from hhtools.stream.descriptors import Descriptor, open_directly
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.files import SideFiles
from hhtools.stream.new_file import cannot_create, new_file
from hhtools.stream.options import Limit
from hhtools.stream.outputs import Whole
from hhtools.stream.report import Tally, with_reasons
from hhtools.stream.urls import is_url

_NAMED_PER_REASON = 10
_KEPT_OF_LONG_LINE = 4096


def exceeds(count: int, limit: Limit | None, read: int) -> bool:
    """Tell whether a count is more than a limit allows.

    >>> exceeds(3, 2, 100), exceeds(3, 0.05, 100), exceeds(3, None, 100)
    (True, False, False)
    """
    if limit is None:
        return False
    return count > (limit * read if isinstance(limit, float) else limit)


def check_bad(parts: Sequence[tuple[str, Tally]], limit: Limit | None, place: str = "") -> str:
    """Tell in one line how many records were bad; nothing if none was.

    ``parts`` are the tallies of commands in a row, each with its name: "" for a single one.

    Raises:
        Fault: 3 when they were more of what a command was given than allowed, or all of it.
    """
    told = []
    for command, tally in parts:
        count = tally.bad.total()
        of_them = f"{command}{': ' if command else ''}{with_reasons(tally.bad, 'bad')} of {tally.read} records"
        if count and count == tally.read:
            raise Fault(Exit.TOO_MANY, f"{of_them}{place}: nothing could be used")
        if exceeds(count, limit, tally.read):
            raise Fault(Exit.TOO_MANY, f"{of_them}{place}: more than --max-bad {limit} allows")
        told += [of_them] if count else []
    return "; ".join(told) + place if told else ""


class BadRecords:
    """What becomes of bad records: set aside in a file, told of on standard error, or the end of the run.

    Strict unless told otherwise: with neither a file nor a limit, the first bad record ends the run. A file on disk
    gets them as they come, or, with ``whole``, appears when all are in it; then ``told`` has what is to be told, too.
    """

    def __init__(
        self,
        command: str,
        side: SideFiles,
        limit: Limit | None,
        quiet: bool,
        timeout: int,
        whole: bool = False,
    ) -> None:
        self._command = command
        self._path = side.bad
        self._limit = limit
        self._quiet = quiet
        self._timeout = timeout
        self._appears_whole = whole
        self.bytes_written = 0
        self.told: list[str] = []
        self._named: Counter[str] = Counter()
        # A file that was asked for exists after every run: a stale one would mislead.
        self._file = self._create(side.bad) if side.bad and side.bad_wanted else None

    def take(self, bad: Bad, name: str, number: int, line: bytes) -> None:
        """Set a bad record aside, or end the run with it.

        Raises:
            Fault: 65 when nothing allows bad records, 74 when the file cannot be written.
        """
        where = f"{name}:{number}: {bad.command}{': ' if bad.command else ''}{bad}"
        if self._path:
            self._file = self._file or self._create(self._path)
            entry = orjson.dumps(self._entry(bad, name, number, line), option=orjson.OPT_APPEND_NEWLINE)
            self._file.write(entry)
            self.bytes_written += len(entry)
        elif self._limit is None:
            # When the very first record is bad, all the others will be: the wrong file, or a step left out.
            option = "--bad-dir DIR" if self._appears_whole else "--bad FILE"
            hint = "" if number == 1 else f"; {option} sets such records aside"
            raise Fault(Exit.BAD_RECORD, where + hint)
        elif not self._quiet:
            self._named[bad.reason] += 1
            if self._named[bad.reason] <= _NAMED_PER_REASON:
                self._tell(where)

    def conclude(self, parts: Sequence[tuple[str, Tally]]) -> None:
        """Tell in one line how many bad records there were; ``parts`` are those of check_bad.

        Raises:
            Fault: as check_bad does; 75 when S3 does not take the file.
        """
        self.commit()
        told = check_bad(parts, self._limit, f", set aside in {self._path}" if self._path else "")
        if told and not self._quiet:
            say_line(f"{self._command}: {told}{'' if self._path else '; --bad FILE keeps them'}")

    def close(self) -> None:
        """End the file: that of a run that failed holds bad records, too, unless it was to appear with all of them."""
        if self._appears_whole and self._file and not isinstance(self._file, Descriptor):
            self._file.close()
            return
        try:
            self.commit()
        except Fault as fault:  # it must not hide why the run ended
            say_line(f"{self._command}: --bad: {fault.message}")

    def commit(self) -> None:
        """End the file: all bad records are in it.

        Raises:
            Fault: 74 when it cannot be written, 75 when S3 does not take it.
        """
        if self._file and not isinstance(self._file, Descriptor) and not self._file.committed:
            try:
                self._file.sync()
                self._file.commit()
            finally:
                self._file.close()
                self._file = None

    def _tell(self, where: str) -> None:
        if self._appears_whole:
            self.told.append(where)
        else:
            say_line(f"{self._command}: {where}")

    def _entry(self, bad: Bad, name: str, number: int, line: bytes) -> dict[str, str | int]:
        raw = line.removesuffix(b"\n")
        if bad.reason == "line-too-long":
            raw = raw[:_KEPT_OF_LONG_LINE]
        entry: dict[str, str | int] = {
            "source": name,
            "line": number,
            "command": bad.command or self._command,
            "reason": bad.reason,
            "detail": bad.detail,
        }
        try:
            entry["raw"] = raw.decode()
        except UnicodeDecodeError:
            entry["raw_base64"] = base64.b64encode(raw).decode()
        return entry

    def _create(self, path: str) -> Descriptor | Whole:
        if is_url(path):
            return remote.new_object(path, clobber=True, timeout=self._timeout)
        if self._appears_whole and (file := new_file(path, clobber=True, tidies=False)):
            return file
        try:
            return open_directly(path, os.O_CREAT | os.O_TRUNC)
        except OSError as error:
            raise cannot_create(path, error) from None
