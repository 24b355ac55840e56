"""hh-run: a pipeline of hhtools' filters, in one process or over many shards."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import click

from hhtools.records import Stage
from hhtools.scale.options import ScaleOptions, scale_options
from hhtools.stream.command import FilterCommand
from hhtools.stream.exits import Exit
from hhtools.stream.main import TellNext, keep_to_oneself
from hhtools.stream.options import RunOptions

MEANINGS = {
    Exit.OK: "every record was used, dropped on purpose, or set aside as asked; with -O, every shard is complete",
    Exit.TOO_MANY: "read to the end, but more records were bad or dropped than allowed; -o FILE is not written",
    Exit.BAD_RECORD: "stopped at a bad record; with -O, that shard failed and the others are complete",
    Exit.NETWORK: "network trouble, try again: with -O, what is complete is not done again",
}


_SHARDS = re.compile("-[qv]*O")  # before the options are understood


class RunCommand(FilterCommand):
    """A filter that is made of others, and that can write many files."""

    environment: ClassVar[Mapping[str, str]] = {
        **FilterCommand.environment,
        "HH_REPORT_DIR, HH_BAD_DIR": "--report and --bad for every command of a pipe, one file each in this folder; "
        "with -O, --bad-dir",
        "RAY_ADDRESS": "--address for --engine ray",
    }

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function, (), adds_source=False, passes_on=False)
        self.meanings |= MEANINGS

    def run(self, argv: Sequence[str]) -> int:
        """Run the pipeline over what the command line names, as one stream or shard by shard."""
        self.need_input(argv)
        (text, scale), options = self.take(argv, RunOptions)
        from hhtools.scale.pipeline import Pipeline

        pipeline = Pipeline(text)
        if scale.output_dir is None:
            scale.refuse_without_shards()
            self.need_input(options.paths)
            from hhtools.stream.filter import run_filter

            return run_filter(
                str(self.name),
                pipeline.fused(),
                options,
                argv,
                read_fields=pipeline.read_fields,
                adds_source=pipeline.adds_source,
            )
        scale.refuse_with_shards(options)
        from hhtools.scale.driver import run_shards

        return run_shards(str(self.name), pipeline, scale, options, argv)

    def tell_next(self, argv: Sequence[str]) -> TellNext:
        """Say how the next command of a pipe hears of an early end: by a marker, where rows would be."""
        return keep_to_oneself if any(map(_SHARDS.match, argv)) else super().tell_next(argv)

    def read(self, argv: Sequence[str]) -> tuple[Stage, RunOptions]:
        """Turn a command line into the stage of one stream and the options of its run; raises as ``take`` does."""
        from hhtools.scale.pipeline import Pipeline

        (text, _), options = self.take(argv, RunOptions)
        return Pipeline(text).fused(), options


@RunCommand
@click.argument("pipeline", metavar="PIPELINE")
@scale_options
def main(pipeline: str, **options: Any) -> tuple[str, ScaleOptions]:
    """Any records in, the rows of a whole pipeline of filters out, made in one process or, shard by shard, in many.

    PIPELINE is one argument, written as in the shell: 'hh-parse | hh-unpack-kto --for trl'. Only filters of
    hhtools and | stand in it; options of the run, such as --bad, stand behind it. Without -O, records come from
    the PATHs or standard input and rows go to standard output or -o FILE, as with any other filter.

    With -O, each PATH is a shard: it becomes a file of the same name below DIR, whole or not at all, made by one of -j
    processes, or on a Ray cluster. A run that was stopped goes on where it was; a shard that fails leaves the
    others alone. DIR/_SUCCESS appears when all shards are complete, DIR/_hh/report.json counts their records.

    Examples:
        zcat helpful-base.jsonl.gz | hh-run 'hh-parse | hh-unpack-kto' > train.jsonl
        hh-run 'hh-parse | hh-filter-singleturn | hh-to-dpo' helpful-base.jsonl.gz harmless-base.jsonl.gz -o dpo.jsonl
        hh-run 'hh-parse | hh-unpack-kto --for trl' '*-base.jsonl.gz' -O kto -j 2
        hh-run 'hh-parse' '*-base.jsonl.gz' -O pairs --compress gz --bad-dir bad --max-bad 0.01
    """
    return pipeline, ScaleOptions(**options)
