"""One run of a command that writes records, from its options to its exit code."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from typing import NamedTuple

from hhtools.records import Stage
from hhtools.stages import fields_read
from hhtools.stream.abort import mark_output
from hhtools.stream.bad_records import BadRecords, exceeds
from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.exits import COMPLETE, BrokenOutput, Bug, Exit, Fault
from hhtools.stream.files import SideFiles, check_files, located, side_files
from hhtools.stream.fused import counts_of, named_tallies, summaries
from hhtools.stream.main import exit_code_of, keep_to_oneself
from hhtools.stream.names import STDIN
from hhtools.stream.options import Limit, RunOptions, WriteOptions
from hhtools.stream.outputs import Destination, Output
from hhtools.stream.report import (
    Tally,
    report_of,
    say_what_may_be_cut,
    with_reasons,
    write_report,
)
from hhtools.stream.run import Run
from hhtools.stream.signals import Interrupted, end_whole, heed


class Target(NamedTuple):
    """Where the rows of a run will go: the file of each option, and what opens them."""

    files: Mapping[str, str | None]
    open: Callable[[], Destination]


def run_filter(
    name: str,
    stage: Stage,
    options: RunOptions,
    argv: Sequence[str],
    *,
    read_fields: Sequence[str],
    adds_source: bool,
) -> int:
    """Run the stage of a filter as the options say, and give the exit code; above 128, the signal to die of."""
    end_whole()
    options = located(options)
    target = Target({"-o": options.output}, partial(Output, options.output, options.clobber, options.timeout))
    return run_into(target, name, stage, options, argv, read_fields=read_fields, adds_source=adds_source)


def run_into(
    target: Target,
    name: str,
    stage: Stage,
    options: WriteOptions,
    argv: Sequence[str],
    *,
    read_fields: Sequence[str],
    adds_source: bool = False,
) -> int:
    """Run a stage into a target as the options, located already, say; give the exit code as run_filter does."""
    run = Run(
        stage,
        options.paths or (STDIN,),
        limit=options.limit,
        max_line=options.max_line,
        timeout=options.timeout,
        read_fields=list(dict.fromkeys([*read_fields, *fields_read(stage)])),
        adds_source=adds_source,
        repair_surrogates=options.repair_surrogates,
    )
    quiet = options.be_quiet()
    side = side_files(name, options)
    check_files(options.paths, {**target.files, "--bad": side.bad, "--report": side.report})
    started = time.monotonic()
    whole_pass = _Pass(name, run, target, options, side, quiet)
    tell_next = partial(mark_output, whole_pass.standard_output, name) if options.marks_abort() else keep_to_oneself
    code = exit_code_of(name, whole_pass, tell_next)
    if side.report:
        counts = counts_of(stage, run.tallies, whole_pass.written)
        seconds = time.monotonic() - started
        report = report_of(name, argv, run.inputs, counts, code=code, complete=code in COMPLETE, seconds=seconds)
        code = write_report(name, side.report, report, code, options.timeout)
    if not quiet:
        say_what_may_be_cut(name, run.inputs)
    if not quiet and (options.verbose or is_terminal(2)):
        for line in summaries(name, stage, run.tallies, whole_pass.written):
            say_line(line)
    return code


class _Pass:
    """From opening the outputs to closing them."""

    def __init__(
        self, name: str, run: Run, target: Target, options: WriteOptions, side: SideFiles, quiet: bool
    ) -> None:
        self._name = name
        self._run = run
        self._target = target
        self._options = options
        self._side = side
        self._quiet = quiet
        self._output: Destination | None = None

    @property
    def written(self) -> int:
        """How many rows have reached the output for good."""
        return self._output.kept(self._run.rows_made) if self._output else 0

    def standard_output(self) -> Output:
        """Give standard output, opened already or not."""
        return self._output if isinstance(self._output, Output) else Output()

    def __call__(self) -> int:
        options = self._options
        with closing(BadRecords(self._name, self._side, options.max_bad, self._quiet, options.timeout)) as bad_records:
            self._output = self._target.open()
            self._write(self._output, bad_records)
        return Exit.OK

    def _write(self, output: Destination, bad_records: BadRecords) -> None:
        run = self._run
        try:
            output.write_all(run.rows(bad_records.take, output.flush))
            output.flush()
            parts = named_tallies(run.stage, run.tallies)
            bad_records.conclude(parts)
            check_drops(parts, self._options.drop_limit())
            output.commit()
        except Fault as fault:
            fault.message += output.abandon(fault.code in COMPLETE)
            raise
        except (Bug, Interrupted):
            heed()
            with suppress(BrokenOutput):  # that the reader goes, too, does not undo why the run ends
                output.flush()
            raise
        finally:
            output.close()


def check_drops(parts: Sequence[tuple[str, Tally]], limit: Limit | None) -> None:
    """Make sure that no command dropped more records than allowed; ``parts`` are those of check_bad.

    Raises:
        Fault: 3.
    """
    for command, tally in parts:
        if exceeds(tally.dropped.total(), limit, tally.read):
            told = f"{command}{': ' if command else ''}{with_reasons(tally.dropped, 'dropped')} of {tally.read} records"
            raise Fault(Exit.TOO_MANY, f"{told}: more than --max-drop {limit} allows")
