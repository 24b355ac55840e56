"""What makes a console script of a function: commands that read records, write them too, or part them among files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from hhtools.stream.exits import FILTER_MEANINGS, SPLIT_MEANINGS, Exit
from hhtools.stream.main import TellNext, keep_to_oneself
from hhtools.stream.options import ReadOptions, RunOptions, read_options, run_options
from hhtools.stream.script import Command
from hhtools.stream.split_options import Division, SplitOptions, split_options

if TYPE_CHECKING:
    from hhtools.records import Stage

Job = Callable[[str, ReadOptions, Sequence[str]], int]
"""What a reader does: given the command's name, its options and its command line, it gives the exit code."""

_FOLDERS = {
    "HH_REPORT_DIR, HH_BAD_DIR": "--report and --bad for every command of a pipe, one file each in this folder",
}

# Before the options are understood: whether nobody reads rows on standard output, or wants no marker there.
_NO_MARKER = re.compile("-[qv]*o|--output|--no-abort-marker")


class ReaderCommand(Command):
    """A command that reads records and writes no rows, but for people: its function turns its options into a job."""

    environment: ClassVar[Mapping[str, str]] = {
        "HH_REPORT_DIR": "--report for every command of a pipe, one file each in this folder",
        **Command.environment,
    }

    def __init__(self, make_job: Callable[..., Job], meanings: Mapping[Exit, str]) -> None:
        super().__init__(make_job, read_options(), meanings)

    def run(self, argv: Sequence[str]) -> int:
        """Read what the command line names, and do the job."""
        self.need_input(argv)
        job, options = self.read(argv)
        self.need_input(options.paths)
        return job(str(self.name), options, argv)

    def read(self, argv: Sequence[str]) -> tuple[Job, ReadOptions]:
        """Turn a command line into a job and its options; raises as ``take`` does."""
        return self.take(argv, ReadOptions)


class FilterCommand(Command):
    """A filter: records in, through the stage that its function returns, rows out.

    ``read_fields`` are the fields that the command reads itself; none of them may stand twice in a record.
    ``adds_source`` marks records that name no ``source`` with that of their file. ``passes_on`` says that its rows are
    records that it was given.
    """

    environment: ClassVar[Mapping[str, str]] = {
        **_FOLDERS,
        "HH_CHECKED=1": "frame what goes through pipes, so that even a kill -9 upstream is heard; set it for a whole "
        "pipe",
        **Command.environment,
    }

    def __init__(
        self, make_stage: Callable[..., Stage], read_fields: Sequence[str], adds_source: bool, passes_on: bool
    ) -> None:
        super().__init__(make_stage, run_options(), FILTER_MEANINGS)
        self.read_fields = read_fields
        self.adds_source = adds_source
        self.passes_on = passes_on

    def run(self, argv: Sequence[str]) -> int:
        """Pass the records that the command line names through the stage."""
        self.need_input(argv)
        stage, options = self.read(argv)
        self.need_input(options.paths)
        # Imported only now: `--help` costs what importing click costs.
        from hhtools.stream.filter import run_filter

        return run_filter(
            str(self.name), stage, options, argv, read_fields=self.read_fields, adds_source=self.adds_source
        )

    def read(self, argv: Sequence[str]) -> tuple[Stage, RunOptions]:
        """Turn a command line into a stage and the options of its run; raises as ``take`` does."""
        return self.take(argv, RunOptions)

    def tell_next(self, argv: Sequence[str]) -> TellNext:
        """Say how the next command of a pipe hears of an early end: by a marker, where rows would be."""
        return keep_to_oneself if any(map(_NO_MARKER.match, argv)) else partial(_mark_standard_output, str(self.name))


class SplitCommand(Command):
    """A command that writes each record, as it is, into one of several files: its function returns which.

    ``read_fields`` are the fields that the command reads itself.
    """

    environment: ClassVar[Mapping[str, str]] = {**_FOLDERS, **Command.environment}

    def __init__(self, make_division: Callable[..., Division], read_fields: Sequence[str]) -> None:
        super().__init__(make_division, split_options(), SPLIT_MEANINGS)
        self.read_fields = read_fields

    def run(self, argv: Sequence[str]) -> int:
        """Part the records that the command line names."""
        self.need_input(argv)
        division, options = self.take(argv, SplitOptions)
        self.need_input(options.paths)
        from hhtools.stream.split import run_split

        return run_split(str(self.name), division, options, argv, read_fields=self.read_fields)


def filter_command(
    *, read_fields: Sequence[str], adds_source: bool = False, passes_on: bool = False
) -> Callable[[Callable[..., Stage]], FilterCommand]:
    """Make a filter of a function that turns options into a stage and does nothing else."""
    return lambda make_stage: FilterCommand(make_stage, read_fields, adds_source, passes_on)


def split_command(*, read_fields: Sequence[str]) -> Callable[[Callable[..., Division]], SplitCommand]:
    """Make a command that parts records of a function that turns options into a division and does nothing else."""
    return lambda make_division: SplitCommand(make_division, read_fields)


def reader_command(*, meanings: Mapping[Exit, str]) -> Callable[[Callable[..., Job]], ReaderCommand]:
    """Make a reader of a function that turns options into a job and does nothing else."""
    return lambda make_job: ReaderCommand(make_job, meanings)


def _mark_standard_output(name: str, code: int, message: str) -> None:
    from hhtools.stream.abort import mark_output
    from hhtools.stream.outputs import Output

    mark_output(Output, name, code, message)
