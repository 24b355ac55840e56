"""One run of a check, from its options to its exit code."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.examine import Checker, Examination
from hhtools.stream.files import check_files, located, report_file
from hhtools.stream.findings import Findings
from hhtools.stream.main import exit_code_of, keep_to_oneself
from hhtools.stream.options import ReadOptions
from hhtools.stream.report import report_of, say_what_may_be_cut, write_report
from hhtools.stream.signals import end_whole


def run_check(checker: Checker, name: str, options: ReadOptions, argv: Sequence[str]) -> int:
    """Check what the options name, and give the exit code; above 128, the signal to die of."""
    options = located(options)
    quiet = options.be_quiet()
    report_path = report_file(name, options)
    check_files(options.paths, {"--report": report_path})
    started = time.monotonic()
    end_whole()
    examination = Examination(checker, options, Findings(checker.kind_of, quiet))
    code = exit_code_of(name, examination, keep_to_oneself)
    if report_path:
        report = report_of(
            name,
            argv,
            examination.inputs,
            examination.counts(),
            code=code,
            complete=examination.is_complete,
            seconds=time.monotonic() - started,
        )
        code = write_report(name, report_path, report, code, options.timeout)
    if not quiet:
        say_what_may_be_cut(name, examination.inputs)
    if not quiet and (options.verbose or is_terminal(2)):
        say_line(f"{name}: {examination.summary()}")
    return code
