"""The programs that are measured, and the proof that the peers among them do the very job of hhtools."""

from __future__ import annotations

import json
import os
import shutil
import sys
from itertools import zip_longest
from pathlib import Path

from tests.bench.measure import Command, Pipe, run

BIN = Path(sys.executable).parent
PROGRAMS = Path(__file__).parent / "programs"

COPY, FUSED, PIPED, PACKED = "orjson copy", "fused", "pipe", "fused, .gz"
POLARS, JQ, STDLIB, DATASETS = "polars", "jq", "json", "datasets"
RUN, RUN_START, RUN_WORK = "hh-run", "hh-run, nothing to read", "hh-run less its start-up"
PIPE_TEXT = "hh-parse | hh-unpack-kto"
HELP, CLICK = "hh-parse --help", "import click"


def copy(pairs: Path) -> Pipe:
    """Give the yardstick: every line decoded and encoded again."""
    return [_program("json_copy", pairs)]


def fused(pairs: Path) -> Pipe:
    """Give the program that parses and unpacks in one process."""
    return [_program("fused", pairs)]


def piped(pairs: Path) -> Pipe:
    """Give the pipe of the two commands."""
    return [[BIN / "hh-parse", pairs], [BIN / "hh-unpack-kto"]]


def fused_by_hh_run(pairs: Path) -> Pipe:
    """Give the command that runs the two in one process."""
    return [[BIN / "hh-run", PIPE_TEXT, pairs]]


def peers(pairs: Path) -> dict[str, Pipe]:
    """Give the other programs for the same job; jq only where it is installed."""
    programs: dict[str, Pipe] = {
        POLARS: [_program("polars_streaming", pairs)],
        JQ: [["jq", "-c", "-f", PROGRAMS / "kto.jq", pairs]],
        STDLIB: [_program("stdlib_json", pairs)],
        DATASETS: [_program("datasets_map", pairs)],
    }
    if not shutil.which("jq"):
        del programs[JQ]
    return programs


def start_up() -> dict[str, Pipe]:
    """Give what shows the cost of starting a command."""
    return {
        HELP: [[BIN / "hh-parse", "--help"]],
        CLICK: [[sys.executable, "-c", "import click"]],
        RUN_START: fused_by_hh_run(Path(os.devnull)),
    }


def feed(path: Path, size: int) -> Command:
    """Give the program that writes so many bytes of a file's lines."""
    return _program("feed", path, str(size))


def check(pairs: Path, made: Path) -> None:
    """Make sure that all give the rows of the fused program in its order, using ``made`` as their output.

    Raises:
        SystemExit: with the first row that differs.
    """
    expected = _rows(fused(pairs), made)
    if not expected:
        sys.exit("hhtools gives no rows: there is nothing to compare")
    for name, program in {PIPED: piped(pairs), RUN: fused_by_hh_run(pairs), **peers(pairs)}.items():
        for number, (row, wanted) in enumerate(zip_longest(_rows(program, made), expected), 1):
            if row != wanted:
                sys.exit(f"{name} does another job: its row {number} is\n{row}\nand that of hhtools\n{wanted}")


def _program(name: str, *arguments: Path | str) -> Command:
    return [sys.executable, PROGRAMS / f"{name}.py", *arguments]


def _rows(program: Pipe, made: Path) -> list[object]:
    run(program, made)
    with made.open("rb") as lines:
        return [json.loads(line) for line in lines]
