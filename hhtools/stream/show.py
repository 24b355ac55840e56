"""One run of what shows records to people, from its options to its exit code."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.exits import Exit
from hhtools.stream.files import check_files, located, report_file
from hhtools.stream.main import exit_code_of, keep_to_oneself
from hhtools.stream.options import ReadOptions
from hhtools.stream.report import report_of, say_what_may_be_cut, with_reasons, write_report
from hhtools.stream.signals import end_whole
from hhtools.stream.urls import WRITABLE, check_url, is_url, without_file_scheme
from hhtools.stream.view import Sample, View, Viewing


def run_show(
    view: View, sample: Sample | None, page: str | None, name: str, options: ReadOptions, argv: Sequence[str]
) -> int:
    """Show what the options name, on standard output or in the file of a page, and give the exit code.

    A code above 128 is the signal to die of.
    """
    end_whole()
    options = located(options)
    if page is not None and is_url(page):
        check_url(page, WRITABLE)
        page = without_file_scheme(page)
    quiet = options.be_quiet()
    report_path = report_file(name, options)
    check_files(options.paths, {"--html": page, "--report": report_path})
    started = time.monotonic()
    viewing = Viewing(view, sample, options, page)
    code = exit_code_of(name, viewing, keep_to_oneself)
    if report_path:
        seconds = time.monotonic() - started
        counts = viewing.tally.counts()
        report = report_of(name, argv, viewing.inputs, counts, code=code, complete=viewing.is_complete, seconds=seconds)
        code = write_report(name, report_path, report, code, options.timeout)
    if not quiet:
        say_what_may_be_cut(name, viewing.inputs)
    was_left = code == Exit.OK and not viewing.is_complete  # by its reader, in the pager
    if not quiet and (options.verbose or (is_terminal(2) and not was_left)):
        say_line(f"{name}: {viewing.summary()}")
    elif code == Exit.BAD_RECORD:
        say_line(f"{name}: {with_reasons(viewing.tally.bad, 'bad')} of {viewing.tally.read} records, shown as bad")
    return code
