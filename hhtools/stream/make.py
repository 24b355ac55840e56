"""GNU make as a child: run to its end, or ended with all it has started, and the exit code of what failed in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

from hhtools.stream.exits import SIGNALLED, Exit, Fault
from hhtools.stream.new_file import cannot_create
from hhtools.stream.signals import Interrupted, held_off

PACKAGE = Path(__file__).parents[1]

_OF_AN_OUTER_MAKE = {"MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MAKEFILES", "BASH_ENV"}
_NOT_FOUND = {126, 127}  # by a shell


def make_command(makefile: Path, arguments: Sequence[str]) -> list[str]:
    """Give the command line that makes something of a makefile, whatever make itself would know how to make.

    Raises:
        Fault: 78 when there is no make.
    """
    make = shutil.which("gmake") or shutil.which("make")
    if make is None:
        told = "make is not installed; Debian: apt-get install make; macOS: brew install make"
        raise Fault(Exit.MISSING_EXTRA, told)
    return [make, "--no-builtin-rules", "--file", str(makefile), *arguments]


def make_environment(programs: str) -> dict[str, str]:
    """Give an environment in which no outer make disturbs make; commands are looked for in a folder first."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_AN_OUTER_MAKE}
    return {**environment, "PATH": os.pathsep.join(filter(None, [programs, environment.get("PATH", os.defpath)]))}


def lines_of_make(command: Sequence[str], environment: Mapping[str, str]) -> bytes:
    """Give what make writes, such as the lines for a shell that ``--dry-run`` asks for; it is run in this folder.

    Raises:
        Fault: 78 when make is too old for the makefile.
    """
    done = subprocess.run(  # noqa: S603
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise Fault(Exit.MISSING_EXTRA, "make does not understand the recipes")
    return done.stdout


def run_make(command: Sequence[str], folder: str, environment: Mapping[str, str]) -> int:
    """Run make in a folder and give 0, or the exit code of the first recipe that failed, as code_of tells it.

    All that make starts holds one end of a pipe open, so this returns, or raises, when all of it has ended. A signal
    is handed on to all of it.

    Raises:
        Fault: 73 when the folder cannot be entered. Interrupted: when a signal came.
    """
    told, telling = os.pipe()
    running = None
    with closing(open(told, encoding="ascii", errors="replace")) as codes:
        try:
            with held_off():
                running = _start(command, folder, {**environment, "HH_RECIPE_CODES": str(telling)}, telling)
            return code_of(codes.read(), running.wait())
        except Interrupted as asked:
            if running:
                _end(running, asked.signum, codes)
            raise


def _start(
    command: Sequence[str], folder: str, environment: Mapping[str, str], telling: int
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603
            command,
            cwd=folder,
            env={**environment, "BASH_ENV": str(PACKAGE / "recipes.sh")},
            stdin=subprocess.DEVNULL,
            pass_fds=[telling],
            start_new_session=True,  # a group of its own, which a signal reaches as a whole
        )
    except OSError as error:
        raise cannot_create(folder, error) from None
    finally:
        os.close(telling)


def _end(running: subprocess.Popen[bytes], signum: int, codes: IO[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signum)
    codes.read()
    running.wait()


def code_of(told: str, status: int) -> int:
    r"""Give the exit code for how make ended, and the codes of its recipes in the order in which they ended.

    Each line has the code of a recipe and those of the last pipe in it, of which the first command that failed is why,
    unless it died of SIGPIPE or the recipe has said ``exit``. What is no exit code of ours is 74. That no line is
    there, not even one of what a makefile asks a shell while it is read, is 78: make or bash is too old, or missing.

    >>> [int(code_of(told, 2)) for told in ("0 0\n74 65 74\n", "73 141 73\n", "73 1\n", "137 0 137\n", "127 127\n", "")]
    [65, 73, 73, 74, 78, 78]
    """
    if not status:
        return Exit.OK
    lines = [[int(code) for code in line.split()] for line in told.splitlines()]
    for code, *pipe in lines:
        if code:
            failed = [part for part in pipe if part not in (0, SIGNALLED + signal.SIGPIPE)]
            why = failed[0] if failed and code in pipe else code
            return why if why in set(Exit) else Exit.MISSING_EXTRA if why in _NOT_FOUND else Exit.IO
    return Exit.IO if lines else Exit.MISSING_EXTRA
