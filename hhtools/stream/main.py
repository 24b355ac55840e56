"""The outermost layer of a console script: the only place that decides how the process ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from hhtools.stream.console import is_terminal, say, tell_bug
from hhtools.stream.exits import SIGNALLED, Exit

if TYPE_CHECKING:
    from hhtools.stream.command import FilterCommand


def run_and_exit(command: FilterCommand, argv: Sequence[str]) -> NoReturn:
    """Run a command and end the process with its exit code, or by the signal that ended it."""
    try:
        code = _run(command, argv)
    except KeyboardInterrupt:
        code = SIGNALLED + signal.SIGINT
    except Exception as error:
        code = tell_bug(command.name or "", error)
    if code > SIGNALLED:
        # A shell stops its loop when a command dies of ^C, and ignores a death by SIGPIPE: an exit code does neither.
        signal.signal(code - SIGNALLED, signal.SIG_DFL)
        os.kill(os.getpid(), code - SIGNALLED)
    sys.exit(code)


def _run(command: FilterCommand, argv: Sequence[str]) -> int:
    try:
        stage, options = command.read(argv)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.UsageError as error:
        say(f"{command.name}: {error.format_message()}\nTry '{command.name} --help' for help.")
        return Exit.USAGE
    if not options.paths and is_terminal(0):
        with click.Context(command, info_name=command.name) as context:
            say(command.get_help(context))
        return Exit.USAGE
    # Imported only now: `--help` costs what importing click costs.
    from hhtools.stream.filter import run_filter

    return run_filter(command, stage, options, argv)
