"""One run of a filter, from its options to its exit code."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from hhtools.records import Stage
from hhtools.stream.bad_records import BadRecords, exceeds
from hhtools.stream.console import is_terminal, say, tell_bug
from hhtools.stream.exits import SIGNALLED, BrokenOutput, Exit, Fault
from hhtools.stream.inputs import STDIN
from hhtools.stream.options import RunOptions
from hhtools.stream.outputs import Output, write_file
from hhtools.stream.report import report_of, summary, with_reasons
from hhtools.stream.run import Run

if TYPE_CHECKING:
    from hhtools.stream.command import FilterCommand


def run_filter(command: FilterCommand, stage: Stage, options: RunOptions, argv: Sequence[str]) -> int:
    """Run a stage as the options say, and give the exit code; above 128, the signal to die of."""
    started = time.monotonic()
    name = command.name or ""
    quiet = options.quiet or bool(os.environ.get("HH_QUIET"))
    run = Run(
        stage,
        options.paths or (STDIN,),
        limit=options.limit,
        max_line=options.max_line,
        read_fields=command.read_fields,
        adds_source=command.adds_source,
    )
    code, written = _pass(name, run, options, quiet)
    report_path = options.report or _in_folder("HH_REPORT_DIR", name, "json")
    if report_path:
        report = report_of(name, argv, run.inputs, run.tally, written, code)
        report["seconds"] = round(time.monotonic() - started, 3)
        code = max(code, _write_report(name, report_path, report))
    if not quiet and (options.verbose or is_terminal(2)):
        say(summary(name, run.tally, written))
    return code


def _pass(name: str, run: Run, options: RunOptions, quiet: bool) -> tuple[int, int]:
    # Gives the exit code and the number of rows written.
    output = None
    try:
        bad_path = options.bad or _in_folder("HH_BAD_DIR", name, "jsonl")
        bad_records = BadRecords(name, bad_path, options.max_bad, quiet)
        output = Output(options.output)
        try:
            output.write_all(run.rows(bad_records.take, output.flush))
            output.flush()
            bad_records.conclude(run.tally)
            _check_drops(run, options)
            output.commit()
        except (Fault, KeyboardInterrupt):
            output.flush()
            raise
        finally:
            output.abandon()
        code: int = Exit.OK
    except Fault as fault:
        say(f"{name}: {fault.message}")
        code = fault.code
    except BrokenOutput:
        code = SIGNALLED + signal.SIGPIPE
    except KeyboardInterrupt:
        code = SIGNALLED + signal.SIGINT
    except Exception as error:
        code = tell_bug(name, error)
    return code, run.rows_made - output.rows_lost() if output else 0


def _check_drops(run: Run, options: RunOptions) -> None:
    dropped = run.tally.dropped
    if exceeds(dropped.total(), options.max_drop, run.tally.read):
        told = f"{with_reasons(dropped, 'dropped')} of {run.tally.read} records"
        raise Fault(Exit.TOO_MANY, f"{told}: more than --max-drop {options.max_drop} allows")


def _in_folder(variable: str, name: str, suffix: str) -> str | None:
    folder = os.environ.get(variable)
    return os.path.join(folder, f"{name}.{os.getpid()}.{suffix}") if folder else None


def _write_report(name: str, path: str, report: dict[str, object]) -> int:
    try:
        write_file(path, orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    except Fault as fault:
        say(f"{name}: --report: {fault.message}")
        return fault.code
    return Exit.OK
