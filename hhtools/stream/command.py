"""What makes a console script of a function that returns a stage: its options, its help, its way out."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import click

from hhtools.stream.console import is_terminal, say
from hhtools.stream.exits import MEANINGS, Exit, Fault
from hhtools.stream.main import keep_to_oneself, run_and_exit
from hhtools.stream.options import RunOptions, run_options

if TYPE_CHECKING:
    from hhtools.records import Stage

_EXAMPLES = "Examples:\n"
# Before the options are understood: whether nobody reads rows on standard output, or wants no marker there.
_NO_MARKER = re.compile("-[qv]*o|--output|--no-abort-marker")

_ENVIRONMENT = {
    "HH_REPORT_DIR, HH_BAD_DIR": "--report and --bad for every command of a pipe, one file each in this folder",
    "HH_QUIET=1": "--quiet for every command of a pipe",
    "HH_CHECKED=1": "frame what goes through pipes, so that even a kill -9 upstream is heard; set it for a whole pipe",
    "HH_DEBUG=1": "show the traceback of a bug",
}


class FilterCommand(click.Command):
    """A filter: records in, through the stage that its function returns, rows out.

    ``read_fields`` are the fields that the command reads itself; none of them may stand twice in a record.
    ``adds_source`` marks records that name no ``source`` with that of their file.
    """

    def __init__(self, make_stage: Callable[..., Stage], read_fields: Sequence[str], adds_source: bool) -> None:
        own_options = list(reversed(getattr(make_stage, "__click_params__", [])))
        super().__init__(
            name=command_name(make_stage.__module__),
            params=[*own_options, *run_options(), _version_option()],
            help=inspect.getdoc(make_stage),
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )
        self._make_stage = make_stage
        self.read_fields = read_fields
        self.adds_source = adds_source

    def __call__(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Run as a console script: read sys.argv, and exit or die by a signal."""
        argv = sys.argv[1:]
        marks_abort = not any(map(_NO_MARKER.match, argv))
        tell_next = partial(_mark_standard_output, str(self.name)) if marks_abort else keep_to_oneself
        run_and_exit(str(self.name), partial(self._run, argv), tell_next)

    def _run(self, argv: Sequence[str]) -> int:
        stage, options = self.read(argv)
        if not options.paths and is_terminal(0):
            with click.Context(self, info_name=self.name) as context:
                say(self.get_help(context))
            raise Fault(Exit.USAGE, "nothing to read: name a PATH, or - for the terminal")
        # Imported only now: `--help` costs what importing click costs.
        from hhtools.stream.filter import run_filter

        return run_filter(
            str(self.name), stage, options, argv, read_fields=self.read_fields, adds_source=self.adds_source
        )

    def read(self, argv: Sequence[str]) -> tuple[Stage, RunOptions]:
        """Turn a command line into a stage and the options of its run.

        Raises:
            click.UsageError: for a wrong option or value. click.exceptions.Exit: after ``--help`` or ``--version``.
        """
        with self.make_context(self.name, list(argv)) as context:
            given = dict(context.params)
            options = RunOptions(**{field: given.pop(field) for field in RunOptions._fields})
            for field, value in given.items():
                given[field] = _as_utf8(field, value)
            return self._make_stage(**given), options

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help: what goes in and comes out, usage, examples, options, exit codes, environment."""
        about, _, examples = (self.help or "").partition(_EXAMPLES)
        formatter.write_text(about.strip())
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line.strip()}\n" for line in examples.strip().splitlines()))
        self.format_options(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in MEANINGS.items()])
        with formatter.section("Environment"):
            formatter.write_dl(list(_ENVIRONMENT.items()))


def filter_command(
    *, read_fields: Sequence[str], adds_source: bool = False
) -> Callable[[Callable[..., Stage]], FilterCommand]:
    """Make a filter of a function that turns options into a stage and does nothing else."""
    return lambda make_stage: FilterCommand(make_stage, read_fields, adds_source)


def command_name(module: str) -> str:
    """Give the name of the command that a module holds.

    >>> command_name("hhtools.commands.unpack_kto")
    'hh-unpack-kto'
    """
    return "hh-" + module.rpartition(".")[2].replace("_", "-")


def _mark_standard_output(name: str, code: int, message: str) -> None:
    from hhtools.stream.abort import mark_output
    from hhtools.stream.outputs import Output

    mark_output(Output, name, code, message)


def _as_utf8(field: str, value: Any) -> Any:
    # What stands on the command line goes into rows, and those are UTF-8 in every locale.
    if isinstance(value, tuple):
        return tuple(_as_utf8(field, item) for item in value)
    if not isinstance(value, str):
        return value
    try:
        return os.fsencode(value).decode()
    except UnicodeDecodeError:
        raise click.UsageError(f"--{field}: the value is not UTF-8") from None


def _version_option() -> click.Option:
    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_tell_version, help="Show the version."
    )


def _tell_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        import hhtools

        click.echo(f"{ctx.info_name} {hhtools.__version__}")
        ctx.exit()
