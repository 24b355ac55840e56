"""One run of a filter, from its options to its exit code."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import partial

import orjson

from hhtools.records import Stage
from hhtools.stream.abort import mark_output
from hhtools.stream.bad_records import BadRecords, exceeds
from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.exits import COMPLETE, Bug, Exit, Fault
from hhtools.stream.files import SideFiles, check_files, side_files
from hhtools.stream.inputs import STDIN
from hhtools.stream.main import exit_code_of, keep_to_oneself
from hhtools.stream.options import RunOptions
from hhtools.stream.outputs import Output, write_file
from hhtools.stream.report import report_of, summary, with_reasons
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
    run = Run(
        stage,
        options.paths or (STDIN,),
        limit=options.limit,
        max_line=options.max_line,
        read_fields=read_fields,
        adds_source=adds_source,
        repair_surrogates=options.repair_surrogates,
    )
    quiet = options.quiet or (os.environ.get("HH_QUIET", "") not in ("", "0") and not options.verbose)
    side = side_files(name, options)
    check_files(options, side)
    started = time.monotonic()
    end_whole()
    whole_pass = _Pass(name, run, options, side, quiet)
    tell_next = partial(mark_output, whole_pass.standard_output, name) if options.marks_abort() else keep_to_oneself
    code = exit_code_of(name, whole_pass, tell_next)
    if side.report:
        report = report_of(name, argv, run.inputs, run.tally, whole_pass.written, code)
        report["seconds"] = round(time.monotonic() - started, 3)
        write = partial(_write_report, side.report, report)
        report_code = exit_code_of(f"{name}: --report", write, keep_to_oneself)
        code = code or report_code  # a report that fails must not hide why the run did
    if not quiet and (options.verbose or is_terminal(2)):
        say_line(summary(name, run.tally, whole_pass.written))
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
        options, run = self._options, self._run
        bad_records = BadRecords(self._name, self._side, options.max_bad, self._quiet)
        self._output = output = Output(options.output, options.clobber)
        try:
            output.write_all(run.rows(bad_records.take, output.flush))
            output.flush()
            bad_records.conclude(run.tally)
            _check_drops(run, options)
            output.commit()
        except Fault as fault:
            if output.is_file:
                fault.message += f"; {options.output} is left as it was"
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
        return Exit.OK


def _check_drops(run: Run, options: RunOptions) -> None:
    dropped = run.tally.dropped
    if exceeds(dropped.total(), options.max_drop, run.tally.read):
        told = f"{with_reasons(dropped, 'dropped')} of {run.tally.read} records"
        raise Fault(Exit.TOO_MANY, f"{told}: more than --max-drop {options.max_drop} allows")


def _write_report(path: str, report: dict[str, object]) -> int:
    write_file(path, orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return Exit.OK
