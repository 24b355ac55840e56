"""The options that commands share: of all that read records, of those that write them too, into one place or many."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import click

MAX_LINE = 16 << 20
"""How many bytes a line may have, unless told otherwise."""

TIMEOUT = 60
"""How many seconds a server may be silent, unless told otherwise."""

Limit = int | float
"""A count of records, or, as a float, a fraction of those read."""

_Options = TypeVar("_Options", bound="ReadOptions")


@dataclass(frozen=True)
class ReadOptions:
    """How a command that reads records was asked to; one field for each of read_options()."""

    paths: tuple[str, ...]
    report: str | None
    limit: int | None
    max_line: int
    timeout: int
    quiet: bool
    verbose: bool

    @classmethod
    def taken_from(cls: type[_Options], values: dict[str, Any]) -> _Options:
        """Take the shared options out of all that a command line gave."""
        return cls(**{field.name: values.pop(field.name) for field in fields(cls)})

    def written(self) -> dict[str, str | None]:
        """Give, by its field, each file that the options name to be written."""
        return {"report": self.report}

    def be_quiet(self) -> bool:
        """Tell whether only errors are to be told of: -q, or HH_QUIET for a whole pipe."""
        return self.quiet or (is_quiet_asked() and not self.verbose)


@dataclass(frozen=True)
class WriteOptions(ReadOptions):
    """How a command that writes records was asked to, wherever it writes them."""

    bad: str | None
    max_bad: Limit | None
    repair_surrogates: bool
    clobber: bool

    def written(self) -> dict[str, str | None]:
        """Give, by its field, each file that the options name to be written."""
        return {"bad": self.bad, **super().written()}

    def drop_limit(self) -> Limit | None:
        """Give how many records may be dropped: any number, in a command that drops none."""
        return None

    def marks_abort(self) -> bool:
        """Tell whether an early end shows on standard output: not if no rows are written there."""
        return False


@dataclass(frozen=True)
class RunOptions(WriteOptions):
    """How a run of a filter was asked for; one field for each of run_options()."""

    output: str | None
    max_drop: Limit | None
    abort_marker: bool

    def written(self) -> dict[str, str | None]:
        """Give, by its field, each file that the options name to be written."""
        return {"output": self.output, **super().written()}

    def drop_limit(self) -> Limit | None:
        """Give how many records may be dropped."""
        return self.max_drop

    def marks_abort(self) -> bool:
        """Tell whether an early end shows on standard output: somebody has to be reading rows there."""
        return self.abort_marker and self.output in (None, "-")


def is_quiet_asked() -> bool:
    """Tell whether HH_QUIET asks a whole pipe to be quiet."""
    return os.environ.get("HH_QUIET", "") not in ("", "0")


def read_options() -> list[click.Parameter]:
    """Make the parameters of every command that reads records."""
    return [
        click.Argument(["paths"], nargs=-1, metavar="[PATH]..."),
        click.Option(["--report"], metavar="FILE", help="Write the tally to FILE as JSON, on failure too."),
        click.Option(["-n", "--limit"], type=click.IntRange(min=0), metavar="N", help="Stop after N input records."),
        click.Option(
            ["--max-line"],
            type=click.IntRange(1, 1 << 31),
            default=MAX_LINE,
            metavar="BYTES",
            help="Take longer lines for bad.  [default: 16 MiB]",
        ),
        timeout_option(),
        quiet_option(),
        click.Option(["-v", "--verbose"], is_flag=True, help="Sum the run up in one line, as on a terminal."),
    ]


def timeout_option() -> click.Parameter:
    """Make the option of every command that may speak to a server."""
    return click.Option(
        ["--timeout"],
        type=click.IntRange(1, 86_400),
        default=TIMEOUT,
        metavar="SECONDS",
        help="Give up on a server that is silent for so long.  [default: 60]",
    )


def quiet_option() -> click.Parameter:
    """Make the option that silences a command."""
    return click.Option(["-q", "--quiet"], is_flag=True, help="Tell of errors only.")


def run_options() -> list[click.Parameter]:
    """Make the parameters that every filter has."""
    return [
        click.Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Write to FILE, whole or not at all; compressed if named .gz or .zst.",
        ),
        *bad_options(),
        click.Option(["--max-drop"], callback=_limit, metavar="LIMIT", help="Exit 3 if more than LIMIT were dropped."),
        *read_options(),
        repair_option(),
        clobber_option("an -o FILE that exists, or keep it"),
        click.Option(
            ["--abort-marker/--no-abort-marker"],
            default=True,
            help="End the output of a run that stops early with a line that is no JSON, or do not.",
        ),
    ]


def bad_options() -> list[click.Parameter]:
    """Make the parameters that say what becomes of bad records."""
    return [
        click.Option(["--bad"], metavar="FILE", help="Set bad records aside in FILE and go on."),
        click.Option(
            ["--max-bad"],
            callback=_limit,
            metavar="LIMIT",
            help="Go on past bad records; exit 3 if more than LIMIT were bad: a count (12) or a fraction (0.01).",
        ),
    ]


def repair_option() -> click.Option:
    """Make the parameter that says what becomes of lone surrogates."""
    return click.Option(
        ["--repair-surrogates"],
        is_flag=True,
        help="Take U+FFFD for each half of a character (a lone surrogate escape); the record is bad otherwise.",
    )


def clobber_option(what: str) -> click.Option:
    """Make the parameter that says what becomes of files that exist; ``what`` names them."""
    return click.Option(["--clobber/--no-clobber"], default=True, help=f"Replace {what} and exit 73.")


def refuse_without(flag: str, **options: object) -> None:
    """Refuse options that mean nothing without a flag; one of None was not given.

    Raises:
        click.UsageError: for the first that was given.
    """
    for name, value in options.items():
        if value is not None:
            raise click.UsageError(f"--{name.replace('_', '-')} means nothing without {flag}")


def _limit(ctx: click.Context, param: click.Parameter, value: str | None) -> Limit | None:
    if value is None:
        return None
    try:
        limit: Limit = float(value) if "." in value else int(value) if value.isdecimal() else -1
    except ValueError:
        limit = -1
    if limit < 0 or (isinstance(limit, float) and limit > 1):
        raise click.BadParameter(f"{value!r} is neither a count (12) nor, with a point, a fraction (0.01)", ctx, param)
    return limit
