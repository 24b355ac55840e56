"""A run over shards: which are to be made, what became of them, and when the whole is complete."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from hhtools.scale.dispatch import dispatch
from hhtools.scale.options import ScaleOptions
from hhtools.scale.pipeline import Pipeline
from hhtools.scale.places import bad_dir_from_environment, check_apart
from hhtools.scale.prepare import Prepared, prepare
from hhtools.scale.progress import Progress
from hhtools.scale.results import Results
from hhtools.scale.resume import complete_among, forget, may_all_be_complete
from hhtools.scale.shards import OWN_FOLDER, SUCCESS, Shard
from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.exits import COMPLETE, Exit, Fault
from hhtools.stream.files import located, report_file
from hhtools.stream.main import exit_code_of, keep_to_oneself
from hhtools.stream.options import RunOptions
from hhtools.stream.outputs import write_file
from hhtools.stream.remote import silence_transports
from hhtools.stream.report import report_of, write_report
from hhtools.stream.signals import end_whole


def run_shards(name: str, pipeline: Pipeline, scale: ScaleOptions, options: RunOptions, argv: Sequence[str]) -> int:
    """Make the shards that the options name, and give the exit code; above 128, the signal to die of."""
    end_whole()
    silence_transports()
    options = located(options, expands=False)
    asked_report = report_file(name, options)
    if scale.bad_dir is None:
        scale = replace(scale, bad_dir=bad_dir_from_environment(str(scale.output_dir)))
    check_apart(str(scale.output_dir), scale.bad_dir, asked_report, options.paths)
    quiet = options.be_quiet()
    started = time.monotonic()
    drive = Drive(name, pipeline, scale, options, quiet)
    code = exit_code_of(name, drive, keep_to_oneself)
    seconds = time.monotonic() - started
    reports = [(asked_report, drive.results)] if asked_report else []
    for path, results in [*drive.reports, *reports]:
        counts = {**results.counts(), "success": drive.success}
        report = report_of(name, argv, [], counts, code=code, complete=code in COMPLETE, seconds=seconds)
        code = write_report(name, path, report, code, options.timeout)
    if not quiet and (options.verbose or is_terminal(2)):
        for line in drive.results.summaries():
            say_line(line)
    return code


class Drive:
    """One run over shards, up to the mark that all are complete.

    ``reports`` are the results that the folder of the outputs is to have a report of, each with its path.
    """

    def __init__(self, name: str, pipeline: Pipeline, scale: ScaleOptions, options: RunOptions, quiet: bool) -> None:
        self._commands = [step.command for step in pipeline.steps]
        self.results = Results(name, self._commands, quiet)
        self.reports: list[tuple[str, Results]] = []
        self.success = False
        self._name = name
        self._pipeline = pipeline
        self._scale = scale
        self._options = options
        self._quiet = quiet

    def __call__(self) -> int:
        """Make the shards that are not complete, and judge all as one.

        Raises:
            Fault: 2, 66 or 73 before any is made; the code of those that failed; 3 when too many records were bad or
                dropped.
        """
        run = prepare(self._pipeline, self._scale, self._options)
        self.reports = [(run.folder.path(f"{OWN_FOLDER}/{_report_name(self._scale)}"), self.results)]
        self.results.shards = len(run.mine)
        todo = self._without_complete(run)
        if todo and SUCCESS in run.sizes:
            run.folder.remove(SUCCESS)
        forget(todo, run)
        try:
            self._make(run, todo)
        finally:
            for written in filter(None, (run.folder, run.bad_folder)):
                written.tidy()
        self.results.check_failed()
        whole = self._whole(run)
        if whole:
            self._judge(whole, run)
            write_file(run.folder.path(SUCCESS), b"", self._options.timeout)
            self.success = True
        return Exit.OK

    def _without_complete(self, run: Prepared) -> Sequence[Shard]:
        if not self._scale.resume:
            return run.mine
        complete = set()
        for shard, report in complete_among(run.mine, run):
            complete.add(shard.name)
            self.results.take_earlier(report)
        return [shard for shard in run.mine if shard.name not in complete]

    def _make(self, run: Prepared, shards: Sequence[Shard]) -> None:
        progress = Progress(len(shards)) if is_terminal(2) and not self._quiet else None
        try:
            with closing(dispatch(run.plan, shards, self._scale)) as results:
                for result in results:
                    self.results.take(result, progress)
        finally:
            if progress:
                progress.erase()

    def _whole(self, run: Prepared) -> Results | None:
        # The results of all shards; none while those of other slices are missing. The last slice to end sees all.
        if self._scale.slice is None:
            return self.results
        now = replace(
            run, sizes=dict(run.folder.sizes()), bad_sizes=dict(run.bad_folder.sizes()) if run.bad_folder else {}
        )
        if not may_all_be_complete(now):
            return None
        whole = Results(self._name, self._commands, self._quiet)
        whole.shards = len(run.shards)
        for _, report in complete_among(run.shards, now):
            whole.take_earlier(report)
        if whole.made_before < whole.shards:
            return None
        self.reports.append((run.folder.path(f"{OWN_FOLDER}/report.json"), whole))
        return whole

    def _judge(self, whole: Results, run: Prepared) -> None:
        try:
            told = whole.judged(self._options, self._scale.bad_dir)
        except Fault:  # too many were bad or dropped, if not by the limits of an earlier run
            run.folder.remove(SUCCESS)
            raise
        if told and not self._quiet:
            say_line(f"{self._name}: {told}")


def _report_name(scale: ScaleOptions) -> str:
    return f"report-{scale.slice.number}-of-{scale.slice.of}.json" if scale.slice else "report.json"
