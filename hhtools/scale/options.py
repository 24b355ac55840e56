"""The options of a run over many shards."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from hhtools.stream.options import RunOptions, refuse_without

ENGINES = ("local", "ray")


@dataclass(frozen=True)
class Slice:
    """One of several runs that share the shards among them, by its number from 0 on."""

    number: int
    of: int


@dataclass(frozen=True)
class ScaleOptions:
    """How a run over shards was asked for; one field for each of scale_options()."""

    output_dir: str | None
    compress: str | None
    bad_dir: str | None
    resume: bool
    engine: str | None
    processes: int | None
    address: str | None
    shards_per_task: int
    slice: Slice | None

    def refuse_without_shards(self) -> None:
        """Refuse options that mean nothing for one stream.

        Raises:
            click.UsageError: for the first that was given.
        """
        refuse_without(
            "-O DIR, which makes a shard of each PATH",
            compress=self.compress,
            bad_dir=self.bad_dir,
            no_resume=None if self.resume else True,
            engine=self.engine,
            processes=self.processes,
            address=self.address,
            shards_per_task=None if self.shards_per_task == 1 else self.shards_per_task,
            slice=self.slice,
        )

    def refuse_with_shards(self, options: RunOptions) -> None:
        """Refuse what means nothing for shards.

        Raises:
            click.UsageError: for the first that was given.
        """
        for flag, value, way_out in (
            ("-o", options.output, "each shard gets a file in DIR"),
            ("--bad", options.bad, "--bad-dir DIR gets a file for each shard"),
            ("-n", options.limit, "shards are read whole"),
            ("--no-clobber", None if options.clobber else "", "the files of other pipelines in DIR are never replaced"),
            ("--no-abort-marker", None if options.abort_marker else "", "no rows are written to standard output"),
        ):
            if value is not None:
                raise click.UsageError(f"{flag} does not go with -O: {way_out}")
        if not options.paths:
            raise click.UsageError("-O writes a file for each shard: name the shards, such as 'data/*.jsonl.gz'")
        if "-" in options.paths:
            raise click.UsageError("-: standard input is no shard, which has a name and can be read again")
        if self.address is not None and self.engine != "ray":
            raise click.UsageError("--address means nothing without --engine ray")


def scale_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command's function the options of a run over shards."""
    for option in reversed(_options()):
        function = option(function)
    return function


def _options() -> list[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    return [
        click.option(
            "-O", "--output-dir", metavar="DIR", help="Make a file of each PATH below DIR, or s3://BUCKET/DIR."
        ),
        click.option("--compress", type=click.Choice(["gz", "zst"]), help="Compress the files, and name them so."),
        click.option("--bad-dir", metavar="DIR", help="Set bad records aside below DIR, one file a shard, and go on."),
        click.option(
            "--resume/--no-resume", default=True, help="Leave out shards that are complete already, or do all again."
        ),
        click.option(
            "--engine",
            type=click.Choice(ENGINES),
            help="Where shards are made: on this machine, or by Ray.  [default: local]",
        ),
        click.option(
            "-j",
            "--processes",
            type=click.IntRange(min=1),
            metavar="N",
            help="Make N shards at a time.  [default: as many as there are processors]",
        ),
        click.option(
            "--address", metavar="HOST:PORT", help="Use this Ray cluster, instead of one started for the run."
        ),
        click.option(
            "--shards-per-task",
            type=click.IntRange(min=1),
            default=1,
            metavar="K",
            help="Give a process K shards at a time, for millions of small ones.  [default: 1]",
        ),
        click.option(
            "--slice",
            callback=_slice,
            metavar="I/N",
            help="Make only the I-th of every N shards, from 0/N to N-1/N, for arrays of jobs.",
        ),
    ]


def _slice(ctx: click.Context, param: click.Parameter, value: str | None) -> Slice | None:
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", value)
    if not found:
        raise click.BadParameter(f"{value!r} is not I/N, such as 0/8", ctx, param)
    index, count = map(int, found.groups())
    if index >= count:
        raise click.BadParameter(f"{value!r}: there are 0/N to N-1/N, so 0/8 to 7/8 of eight", ctx, param)
    return Slice(index, count)
