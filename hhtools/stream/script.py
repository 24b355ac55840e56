"""What every console script of hhtools shares, whatever it does: its name, its help, its errors, its way out."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NoReturn, TypeVar

import click

from hhtools.stream.console import is_terminal, say
from hhtools.stream.exits import MEANINGS, Exit, Fault
from hhtools.stream.main import TellNext, keep_to_oneself, run_and_exit
from hhtools.stream.options import ReadOptions

Options = TypeVar("Options", bound=ReadOptions)

_EXAMPLES = "Examples:\n"
_HYPHEN = "\u2011"  # at which no line is broken


class _Formatter(click.HelpFormatter):
    """Breaks no line of help within a name that people copy, such as nemo-rl-dpo or --max-line."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms and what they mean."""
        super().write_dl([(term, meaning.replace("-", _HYPHEN)) for term, meaning in rows], col_max, col_spacing)

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text(text.replace("-", _HYPHEN))

    def getvalue(self) -> str:
        """Give all that was written."""
        return super().getvalue().replace(_HYPHEN, "-")


class _Context(click.Context):
    formatter_class = _Formatter


class Command(click.Command):
    """A console script of hhtools: a function with its own options, and what it shares with others.

    The function does what the command does, and gives the exit code; a subclass whose function gives something else to
    run overrides ``run``. ``meanings`` says what exit codes mean here, beside those that mean the same everywhere.
    """

    context_class = _Context
    environment: ClassVar[Mapping[str, str]] = {
        "HH_QUIET=1": "--quiet for every command of a pipe",
        "HH_DEBUG=1": "show the traceback of a bug",
    }

    def __init__(
        self, function: Callable[..., Any], shared: Sequence[click.Parameter] = (), meanings: Mapping[Exit, str] = {}
    ) -> None:
        own_options = list(reversed(getattr(function, "__click_params__", [])))
        super().__init__(
            name=command_name(function.__module__),
            params=[*own_options, *shared, _version_option()],
            help=inspect.getdoc(function),
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )
        self.meanings = {**MEANINGS, **meanings}
        self._function = function

    def __call__(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Run as a console script: read sys.argv, and exit or die by a signal."""
        argv = sys.argv[1:]
        run_and_exit(str(self.name), partial(self.run, argv), self.tell_next(argv))

    def run(self, argv: Sequence[str]) -> int:
        """Run a command line to its exit code.

        Raises:
            click.UsageError, Fault: which the outermost layer tells of.
        """
        with self.make_context(self.name, list(argv)) as context:
            code: int = self._made_of(context.params)
        return code

    def tell_next(self, _argv: Sequence[str]) -> TellNext:
        """Say how the next command of a pipe hears of an early end: not at all, where no rows are written."""
        return keep_to_oneself

    def take(self, argv: Sequence[str], shared: type[Options]) -> tuple[Any, Options]:
        """Turn a command line into what the function makes of its own options, and the options it shares.

        Raises:
            click.UsageError: for a wrong option or value. click.exceptions.Exit: after ``--help`` or ``--version``.
        """
        with self.make_context(self.name, list(argv)) as context:
            values = dict(context.params)
            options = shared.taken_from(values)
            return self._made_of(values), options

    def need_input(self, paths: Sequence[str]) -> None:
        """Show the help when nothing is named to be read, and a person sits where it would come from.

        Raises:
            Fault: 2.
        """
        if not paths and is_terminal(0):
            with _Context(self, info_name=self.name) as context:
                say(self.get_help(context))
            raise Fault(Exit.USAGE, "nothing to read: name a PATH, or - for the terminal")

    def _made_of(self, values: Mapping[str, Any]) -> Any:
        return self._function(**{field: _as_utf8(field, value) for field, value in values.items()})

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
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in sorted(self.meanings.items())])
        with formatter.section("Environment"):
            formatter.write_dl(list(self.environment.items()))


def command_name(module: str) -> str:
    """Give the name of the command that a module holds.

    >>> command_name("hhtools.commands.unpack_kto")
    'hh-unpack-kto'
    """
    return "hh-" + module.rpartition(".")[2].replace("_", "-")


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
