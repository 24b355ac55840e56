"""hh-check: rows for a trainer -> what is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import partial

import click

from hhtools.checks.checker import Checker
from hhtools.checks.formats import FORMATS
from hhtools.stream.command import Job, reader_command
from hhtools.stream.exits import Exit
from hhtools.stream.options import ReadOptions


def _known_format(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if value in FORMATS:
        return value
    near = [name for name in FORMATS if name.startswith(f"{value}-")] or difflib.get_close_matches(value, FORMATS)
    raise click.BadParameter(f"{value!r} is no format; there is {', '.join(near or FORMATS)}", ctx, param)


@reader_command(
    meanings={
        Exit.OK: "the trainer can read the rows; there may be warnings",
        Exit.BAD_RECORD: "the trainer cannot read the rows, or would learn something wrong",
    }
)
@click.option(
    "--for",
    "format_name",
    callback=_known_format,
    metavar="FORMAT",
    required=True,
    help=f"Who is to read the rows: {', '.join(FORMATS)}.",
)
@click.option(
    "--max-chars", type=click.IntRange(min=1), metavar="N", help="Take a longer prompt with its answer for an error."
)
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
def main(format_name: str, max_chars: int | None, strict: bool) -> Job:
    """Rows for a trainer in, what that trainer would trip over out, as FILE:LINE: kind: what was found.

    With an error, the trainer crashes or learns something wrong without a word; with a warning it works, but
    probably not as was meant. The first ten findings of each kind are shown, and at the end how many there are
    and what to do about them. Nothing is written if there are none.

    Examples:
        hh-parse helpful-base.jsonl.gz | hh-unpack-kto --for trl -o train.jsonl && hh-check --for trl-kto train.jsonl
        hh-parse helpful-base.jsonl.gz | hh-unpack-kto --stagger 0 --for trl | hh-check --for trl-kto > findings.txt
    """
    return partial(_check, Checker(format_name, max_chars, strict))


def _check(checker: Checker, name: str, options: ReadOptions, argv: Sequence[str]) -> int:
    from hhtools.stream.check import run_check

    return run_check(checker, name, options, argv)
