"""hh-show: records of preference data -> text or a page for people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from hhtools.reservoir import UniformSample
from hhtools.stream.command import Job, reader_command
from hhtools.stream.exits import Exit
from hhtools.stream.options import ReadOptions

if TYPE_CHECKING:
    from hhtools.stream.view import Placed, Sample

MIN_WIDTH = 20


@reader_command(
    meanings={
        Exit.OK: "all that was asked for is shown, or the pager was left",
        Exit.BAD_RECORD: "a record was bad: it is shown with its reason, and all others are shown, too",
    }
)
@click.option("-k", "size", type=click.IntRange(min=1), metavar="N", help="Show a uniform sample of N records.")
@click.option("--by", metavar="FIELD", help="With -k, show N records of each value of FIELD, such as source.")
@click.option("--seed", type=click.IntRange(min=0), metavar="S", help="With -k, show another sample.  [default: 0]")
@click.option(
    "--width",
    type=click.IntRange(min=MIN_WIDTH),
    metavar="N",
    help="Lay text out in N columns; two answers stand side by side from 80 on.  [default: the terminal's, or 80]",
)
@click.option("--html", "page", metavar="FILE", help="Write one page of HTML to FILE.html, whole or not at all.")
def main(size: int | None, by: str | None, seed: int | None, width: int | None, page: str | None) -> Job:
    """Pairs and any other records in, the same out, laid out for people: the prompt, then both answers side by side.

    It takes raw HH-RLHF rows, what hh-parse makes of them, SteerLM records, and rows for trainers; any other
    object is shown as it is. Words that differ are coloured, or between {+ +} and [- -] where there is no colour
    (NO_COLOR, FORCE_COLOR). On a terminal, $PAGER or less shows it page by page. A sample (-k) is that of
    hh-sample; without one, all records are shown as they come.

    Examples:
        hh-show -k 3 --by source helpful-base.jsonl.gz harmless-base.jsonl.gz > examples.txt
        hh-show -n 20 --html pairs.html helpful-base.jsonl.gz && ls -l pairs.html > page.txt
        zcat helpful-base.jsonl.gz | hh-parse | hh-unpack-kto --for trl | hh-show -n 4 --width 100 > rows.txt
    """
    if size is None and (by, seed) != (None, None):
        raise click.UsageError(f"{'--by' if by is not None else '--seed'} goes with -k: it says what to sample")
    if page is not None and width is not None:
        raise click.UsageError("--width is for text: a page of --html fits itself to its reader's screen")
    if page is not None and page != "-" and not page.endswith((".html", ".htm")):
        # Left out, FILE would be the first input, and that would be gone.
        raise click.UsageError(f"--html {page}: the page's name has to end in .html")
    sample: UniformSample[Placed] | None = None if size is None else UniformSample(size, by=by, seed=seed or 0)
    return partial(_show, sample, width, page)


def _show(
    sample: Sample | None,
    width: int | None,
    page: str | None,
    name: str,
    options: ReadOptions,
    argv: Sequence[str],
) -> int:
    from hhtools.stream.pager import terminal_width, wants_color
    from hhtools.stream.show import run_show

    if page is not None:
        from hhtools.show.html import HtmlView

        return run_show(HtmlView(), sample, page, name, options, argv)
    from hhtools.show.text import TextView

    return run_show(
        TextView(width or max(MIN_WIDTH, terminal_width()), wants_color()), sample, None, name, options, argv
    )
