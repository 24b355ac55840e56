"""The outermost layer of a console script: the only place that decides how the process ends."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn

import click

from hhtools.stream.console import CLOSED, hold_standard_descriptors, say, say_line, tell_bug
from hhtools.stream.exits import COMPLETE, SIGNALLED, BrokenOutput, Exit, Fault, SameFile
from hhtools.stream.signals import Interrupted, die_at_once, heed

TellNext = Callable[[int, str], None]
"""Tells the next command of a pipe the exit code and the message of one that ends early."""


def keep_to_oneself(_code: int, _message: str) -> None:
    """Tell the next command nothing."""


def run_and_exit(name: str, run: Callable[[], int], tell_next: TellNext) -> NoReturn:
    """Run a command and end the process with the exit code that it gives, or by the signal that ended it."""
    hold_standard_descriptors()
    die_at_once()
    try:
        code = exit_code_of(name, partial(_with_help, name, run), tell_next)
        die_at_once()  # the interpreter, too, takes its time to end
    except Interrupted as asked:  # when all was done but this
        code = SIGNALLED + asked.signum
    if code > SIGNALLED:
        # A shell stops its loop when a command dies of ^C, and ignores a death by SIGPIPE: an exit code does neither.
        signal.signal(code - SIGNALLED, signal.SIG_DFL)
        os.kill(os.getpid(), code - SIGNALLED)
    sys.exit(code)


def exit_code_of(name: str, run: Callable[[], int], tell_next: TellNext) -> int:
    """Run something and give its exit code, whatever it raises; an error is told in a line, to people and programs."""
    try:
        return run()
    except BrokenOutput:
        return SIGNALLED + signal.SIGPIPE
    except click.UsageError as error:
        code, message = int(Exit.USAGE), " ".join(error.format_message().split())  # click lists choices line by line
        say_line(f"{name}: {message}")
        say(f"Try '{name} --help' for help.")
    except SameFile as fault:
        say_line(f"{name}: {fault.message}")
        return fault.code
    except Fault as fault:
        code, message = int(fault.code), fault.message
        say_line(f"{name}: {message}")
    except Interrupted as asked:
        heed()  # also when it came before anything was opened
        code, message = SIGNALLED + asked.signum, str(asked)
    except Exception as error:
        code, message = tell_bug(name, error), f"internal error: {error!r}"
    if code not in COMPLETE:
        tell_next(code, message)
    return code


def _with_help(name: str, run: Callable[[], int]) -> int:
    # Nothing but click's help and version is written through sys.stdout.
    try:
        code = run()
    except click.exceptions.Exit as ended:
        code = ended.exit_code
        if 1 in CLOSED:
            return _help_not_written(name, OSError(errno.EBADF, os.strerror(errno.EBADF)))
    except OSError as error:
        return _help_not_written(name, error)
    return code


def _help_not_written(name: str, error: OSError) -> int:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter tries once more at its end, and exits with 120
    if isinstance(error, BrokenPipeError):
        return SIGNALLED + signal.SIGPIPE
    say_line(f"{name}: write error: {error.strerror}")
    return Exit.IO
