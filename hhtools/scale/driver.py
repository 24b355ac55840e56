"""A run over shards: which are to be made, who makes them, and when the whole is complete."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing

import orjson

from hhtools.scale.dispatch import dispatch
from hhtools.scale.folder import Folder, folder_at
from hhtools.scale.options import ScaleOptions
from hhtools.scale.pipeline import Pipeline
from hhtools.scale.plan import Plan, claim, describe, digest_of
from hhtools.scale.progress import Progress
from hhtools.scale.results import Results, check_totals
from hhtools.scale.resume import complete_among, refuse_strangers
from hhtools.scale.shards import OWN_FOLDER, SUCCESS, Shard, find_shards
from hhtools.stages import needs_all
from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.exits import COMPLETE, Exit, Fault
from hhtools.stream.files import report_file
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
    quiet = options.be_quiet()
    started = time.monotonic()
    drive = Drive(name, pipeline, scale, options, quiet)
    code = exit_code_of(name, drive, keep_to_oneself)
    counts = {**drive.results.counts(), "success": drive.success}
    seconds = time.monotonic() - started
    report = report_of(name, argv, [], counts, code=code, complete=code in COMPLETE, seconds=seconds)
    for path in filter(None, [drive.report_path, report_file(name, options)]):
        code = write_report(name, path, report, code, options.timeout)
    if not quiet and (options.verbose or is_terminal(2)):
        for line in drive.results.summaries():
            say_line(line)
    return code


class Drive:
    """One run over shards, up to the mark that all are complete.

    ``report_path`` is where the folder of the outputs has the report of the run, once that folder is its own.
    """

    def __init__(self, name: str, pipeline: Pipeline, scale: ScaleOptions, options: RunOptions, quiet: bool) -> None:
        self.results = Results(name, [step.command for step in pipeline.steps])
        self.success = False
        self.report_path: str | None = None
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
        _refuse_what_needs_all(self._pipeline)
        scale, options = self._scale, self._options
        folder = folder_at(str(scale.output_dir), options.timeout)
        bad_folder = folder_at(scale.bad_dir, options.timeout) if scale.bad_dir else None
        taken = [folder.place, *([bad_folder.place] if bad_folder else [])]
        shards = find_shards(options.paths, taken, scale.compress, options.timeout)
        plan, sizes = self._claimed(folder, bad_folder, shards)
        self.report_path = folder.path(f"{OWN_FOLDER}/{_report_name(scale)}")
        mine = shards[scale.slice.number :: scale.slice.of] if scale.slice else shards
        self.results.shards = len(mine)
        todo = self._without_complete(mine, folder, sizes, plan.digest)
        if todo:
            folder.remove(SUCCESS)
        try:
            self._make(plan, todo)
        finally:
            folder.tidy()
        self.results.check_failed()
        told = check_totals(self.results.totals, options, scale.bad_dir)
        if told and not self._quiet:
            say_line(f"{self._name}: {told}")
        if scale.slice is None or self._all_slices_are_complete(shards, folder, plan.digest):
            write_file(folder.path(SUCCESS), b"", options.timeout)
            self.success = True
        return Exit.OK

    def _claimed(
        self, folder: Folder, bad_folder: Folder | None, shards: Sequence[Shard]
    ) -> tuple[Plan, dict[str, int]]:
        scale, options = self._scale, self._options
        if scale.slice and (unknown := [shard for shard in shards if shard.version is None]):
            told = f"--slice: nobody can tell when {unknown[0].path} changes, and so when all slices are complete"
            raise Fault(Exit.USAGE, f"{told}; fetch it first")
        described = describe(
            self._pipeline,
            compress=scale.compress,
            max_line=options.max_line,
            repair_surrogates=options.repair_surrogates,
        )
        plan = Plan(
            self._pipeline,
            digest_of(described),
            folder.place,
            bad_folder.place if bad_folder else None,
            goes_on=bad_folder is not None or options.max_bad is not None,
            max_line=options.max_line,
            repair_surrogates=options.repair_surrogates,
            timeout=options.timeout,
        )
        sizes = dict(folder.sizes())
        claim(folder, plan, described, shards, sizes)
        refuse_strangers(shards, sizes, folder.place)
        return plan, sizes

    def _without_complete(
        self, shards: Sequence[Shard], folder: Folder, sizes: dict[str, int], digest: str
    ) -> Sequence[Shard]:
        if not self._scale.resume:
            return shards
        complete = set()
        for shard, report in complete_among(shards, folder, sizes, digest):
            complete.add(shard.name)
            self.results.take_earlier(report)
        return [shard for shard in shards if shard.name not in complete]

    def _make(self, plan: Plan, shards: Sequence[Shard]) -> None:
        if not shards:  # and no reason to start workers, or a Ray
            return
        progress = Progress(len(shards)) if is_terminal(2) and not self._quiet else None
        try:
            with closing(dispatch(plan, shards, self._scale)) as results:
                for result in results:
                    self.results.take(result, progress)
        finally:
            if progress:
                progress.erase()

    def _all_slices_are_complete(self, shards: Sequence[Shard], folder: Folder, digest: str) -> bool:
        # The last slice to end sees the reports of all.
        whole = Results(self._name, self.results.totals.commands)
        whole.shards = len(shards)
        for _, report in complete_among(shards, folder, dict(folder.sizes()), digest):
            whole.take_earlier(report)
        if whole.made_before < len(shards):
            return False
        check_totals(whole.totals, self._options, self._scale.bad_dir)
        content = orjson.dumps(whole.counts(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        write_file(folder.path(f"{OWN_FOLDER}/report.json"), content, self._options.timeout)
        return True


def _refuse_what_needs_all(pipeline: Pipeline) -> None:
    for step in pipeline.steps:
        if needs_all(step.stage):
            told = f"{step.command}: what it is asked for takes all records at once, and each shard is run by itself"
            raise Fault(Exit.USAGE, f"{told}; run it over one stream, without -O")


def _report_name(scale: ScaleOptions) -> str:
    return f"report-{scale.slice.number}-of-{scale.slice.of}.json" if scale.slice else "report.json"
