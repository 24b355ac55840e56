"""The outermost layer of a console script: the only place that decides how the process ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from hhtools.stream.console import say, tell_bug
from hhtools.stream.exits import SIGNALLED, BrokenOutput, Exit, Fault


def run_and_exit(name: str, run: Callable[[], int]) -> NoReturn:
    """Run a command and end the process with the exit code that it gives, or by the signal that ended it."""
    code = exit_code_of(name, run)
    if code > SIGNALLED:
        # A shell stops its loop when a command dies of ^C, and ignores a death by SIGPIPE: an exit code does neither.
        signal.signal(code - SIGNALLED, signal.SIG_DFL)
        os.kill(os.getpid(), code - SIGNALLED)
    sys.exit(code)


def exit_code_of(name: str, run: Callable[[], int]) -> int:
    """Run a command and give its exit code, whatever it raises; an error is told in a line."""
    try:
        return run()
    except click.exceptions.Exit as ended:  # after --help or --version
        return ended.exit_code
    except click.UsageError as error:
        say(f"{name}: {error.format_message()}\nTry '{name} --help' for help.")
        return Exit.USAGE
    except Fault as fault:
        say(f"{name}: {fault.message}")
        return fault.code
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT
    except BrokenOutput:
        return SIGNALLED + signal.SIGPIPE
    except Exception as error:
        return tell_bug(name, error)
