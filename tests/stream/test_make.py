from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hhtools.stream.exits import Fault
from hhtools.stream.make import lines_of_make, make_command, make_environment, run_make
from tests.shell import ENVIRONMENT

HEAD = "SHELL := /bin/bash\n.SHELLFLAGS := -eo pipefail -c\nx := $(shell echo asked)\nall:\n\t@"

ENDS: dict[str, tuple[str, int]] = {
    "well": ("true | true", 0),
    "a command": ("(exit 66)", 66),
    "the first of a pipe that fails": ("(exit 65) | (cat; exit 74) | cat", 65),
    "not the one that nobody reads from any more": ("yes | (exit 73)", 73),
    "a code that the recipe gives": ("(exit 1) || exit 73", 73),
    "a second line": ("true\n\t@(exit 75)", 75),
    "a code of others": ("(exit 9)", 74),
    "a bug of ours": ("(exit 1)", 1),
    "a command that is killed": ("bash -c 'kill -9 $$$$' 2> /dev/null", 74),
    "a shell that is killed": ("kill -9 $$$$", 74),
    "a command that is not there": ("hh-nothing 2> /dev/null", 78),
}


@pytest.mark.parametrize(("recipe", "code"), ENDS.values(), ids=ENDS)
def test_the_code_is_that_of_what_failed(recipe: str, code: int, tmp_path: Path) -> None:
    makefile = tmp_path / "x.mk"
    makefile.write_text(f"{HEAD}{recipe}\n")
    assert run_make(make_command(makefile, ["all"]), str(tmp_path), make_environment("")) == code


def test_what_make_does_not_understand_is_78(tmp_path: Path) -> None:
    makefile = tmp_path / "x.mk"
    makefile.write_text("$(error too old)\n")
    assert run_make(make_command(makefile, ["all"]), str(tmp_path), make_environment("")) == 78
    with pytest.raises(Fault, match="make does not understand the recipes") as raised:
        lines_of_make(make_command(makefile, ["all"]), make_environment(""))
    assert raised.value.code == 78


def test_it_ends_when_all_that_make_has_started_has_ended(tmp_path: Path) -> None:
    """Even what outlives make, because it takes its time to end."""
    makefile = tmp_path / "x.mk"
    makefile.write_text(f"{HEAD}(trap '' TERM; touch began; sleep 1; touch ended) | cat\n")
    code = f"""
from pathlib import Path
from hhtools.stream.main import keep_to_oneself, run_and_exit
from hhtools.stream.make import make_command, make_environment, run_make
from hhtools.stream.signals import end_whole
def run():
    end_whole()
    return run_make(make_command(Path({str(makefile)!r}), ["all"]), {str(tmp_path)!r}, make_environment(""))
run_and_exit("hh-x", run, keep_to_oneself)
"""
    with subprocess.Popen([sys.executable, "-c", code], env=ENVIRONMENT, stderr=subprocess.PIPE) as run:
        while not (tmp_path / "began").exists():
            assert run.poll() is None
            time.sleep(0.02)
        run.terminate()
        assert run.wait(timeout=30) == -signal.SIGTERM
    assert (tmp_path / "ended").exists()
