"""One run of a filter, from its options to its exit code."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from hhtools.records import Stage
from hhtools.stages import notes_of
from hhtools.stream.abort import mark_output
from hhtools.stream.bad_records import BadRecords, exceeds
from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.exits import COMPLETE, Bug, Exit, Fault
from hhtools.stream.files import SideFiles, check_files, located, side_files
from hhtools.stream.inputs import STDIN
from hhtools.stream.main import exit_code_of, keep_to_oneself
from hhtools.stream.options import RunOptions
from hhtools.stream.outputs import Output
from hhtools.stream.report import report_of, say_what_may_be_cut, summary, with_reasons, write_report
from hhtools.stream.run import Run
from hhtools.stream.signals import Interrupted, end_whole, heed


def run_filter(
    name: str,
    stage: Stage,
    options: RunOptions,
    argv: Sequence[str],
    *,
    read_fields: Sequence[str],
    adds_source: bool,
) -> int:
    """Run the stage of a command as the options say, and give the exit code; above 128, the signal to die of."""
    options = located(options)
    run = Run(
        stage,
        options.paths or (STDIN,),
        limit=options.limit,
        max_line=options.max_line,
        timeout=options.timeout,
        read_fields=read_fields,
        adds_source=adds_source,
        repair_surrogates=options.repair_surrogates,
    )
    quiet = options.be_quiet()
    side = side_files(name, options)
    check_files(options.paths, {"-o": options.output, "--bad": side.bad, "--report": side.report})
    started = time.monotonic()
    end_whole()
    whole_pass = _Pass(name, run, options, side, quiet)
    tell_next = partial(mark_output, whole_pass.standard_output, name) if options.marks_abort() else keep_to_oneself
    code = exit_code_of(name, whole_pass, tell_next)
    if side.report:
        counts = {**run.tally.counts(), "written": whole_pass.written, "notes": notes_of(stage)}
        seconds = time.monotonic() - started
        report = report_of(name, argv, run.inputs, counts, code=code, complete=code in COMPLETE, seconds=seconds)
        code = write_report(name, side.report, report, code, options.timeout)
    if not quiet:
        say_what_may_be_cut(name, run.inputs)
    if not quiet and (options.verbose or is_terminal(2)):
        say_line(summary(name, run.tally, whole_pass.written, notes_of(stage)))
    return code


class _Pass:
    """From opening the outputs to closing them."""

    def __init__(self, name: str, run: Run, options: RunOptions, side: SideFiles, quiet: bool) -> None:
        self._name = name
        self._run = run
        self._options = options
        self._side = side
        self._quiet = quiet
        self._output: Output | None = None

    @property
    def written(self) -> int:
        """How many rows have reached the output for good."""
        return self._output.kept(self._run.rows_made) if self._output else 0

    def standard_output(self) -> Output:
        """Give standard output, opened already or not."""
        return self._output or Output()

    def __call__(self) -> int:
        options = self._options
        with closing(BadRecords(self._name, self._side, options.max_bad, self._quiet, options.timeout)) as bad_records:
            self._output = Output(options.output, options.clobber, options.timeout)
            self._write(self._output, bad_records)
        return Exit.OK

    def _write(self, output: Output, bad_records: BadRecords) -> None:
        options, run = self._options, self._run
        try:
            output.write_all(run.rows(bad_records.take, output.flush))
            output.flush()
            bad_records.conclude(run.tally)
            _check_drops(run, options)
            output.commit()
        except Fault as fault:
            if output.is_file:
                state = "complete all the same" if output.is_committed else "left as it was"
                fault.message += f"; {options.output} is {state}"
            elif fault.code in COMPLETE:
                output.end_stream()
            output.flush()
            raise
        except (Bug, Interrupted):
            heed()
            output.flush()
            raise
        finally:
            output.close()


def _check_drops(run: Run, options: RunOptions) -> None:
    dropped = run.tally.dropped
    if exceeds(dropped.total(), options.max_drop, run.tally.read):
        told = f"{with_reasons(dropped, 'dropped')} of {run.tally.read} records"
        raise Fault(Exit.TOO_MANY, f"{told}: more than --max-drop {options.max_drop} allows")
