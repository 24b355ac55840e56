"""hh-recipe: the Hugging Face Hub -> the files that trainers read, from the download to train.jsonl."""

from __future__ import annotations

import os
import re
import shlex
import sys
from functools import partial
from typing import NamedTuple

import click

from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.descriptors import standard_output
from hhtools.stream.exits import Exit
from hhtools.stream.options import is_quiet_asked, quiet_option
from hhtools.stream.script import Command
from hhtools.stream.signals import end_whole


class Recipe(NamedTuple):
    """What a recipe makes: the folder that recipes.mk calls by a name, and the other split."""

    folder: str
    other_split: str


RECIPES = {"kto": Recipe("KTO", "test"), "dpo": Recipe("DPO", "test"), "steerlm": Recipe("STEERLM", "validation")}

MEANINGS = {
    Exit.OK: "all files are there",
    Exit.BAD_RECORD: "a command of the recipe stopped at a bad record",
    Exit.NO_INPUT: "the Hub has no such revision or file",
    Exit.MISSING_EXTRA: "make or bash is missing, or make is older than 3.82",
}


@partial(Command, shared=[quiet_option()], meanings=MEANINGS)
@click.argument("recipe", type=click.Choice(list(RECIPES)))
@click.option("-O", "--output-dir", metavar="DIR", default=".", help="Put the files into DIR.  [default: .]")
@click.option(
    "--downloads",
    metavar="DIR",
    help="Keep what is fetched in folders of DIR, which recipes may share.  [default: the -O folder]",
)
@click.option(
    "--for", "format_name", metavar="FORMAT", help="Of kto and dpo: the trainer, as in hh-unpack-kto and hh-to-dpo."
)
@click.option(
    "--compat", type=click.Choice(["nemo-aligner"]), help="Of kto and steerlm: the very rows of NeMo-Aligner's scripts."
)
@click.option(
    "--revision",
    metavar="REV",
    help="Of kto and dpo: take this branch, tag or commit of HH-RLHF, whatever its checksums.",
)
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, metavar="N", help="Do N things at once.  [default: 1]")
@click.option("--print", "print_only", is_flag=True, help="Write the lines for a shell, instead of running them.")
def main(
    recipe: str,
    output_dir: str,
    downloads: str | None,
    format_name: str | None,
    compat: str | None,
    revision: str | None,
    jobs: int,
    print_only: bool,
    quiet: bool,
) -> int:
    """Datasets of the Hugging Face Hub in, train.jsonl and test.jsonl (of steerlm: validation.jsonl) out.

    kto and dpo are made of HH-RLHF's four subsets of preferences, 80 MB; steerlm, which are rows for a reward model by
    regression, of OASST1 and HelpSteer. What is fetched stays in folders beside the files: hh-rlhf, oasst, helpsteer.
    What broke off is gone on with, and what is there is not made again, unless other options were given. This runs
    GNU make on hhtools' recipes.mk, a page to copy. The exit code is that of the command that failed first.

    Examples:
        hh-recipe kto -j 4 -O kto
        hh-recipe dpo --for trl-text -O dpo
        hh-recipe kto --compat nemo-aligner --revision main --downloads data -O nemo
        hh-recipe steerlm --print > steerlm.sh
    """
    from hhtools.stream.make import PACKAGE, lines_of_make, make_command, make_environment, run_make

    folder = os.fsdecode(output_dir.encode())
    variables = {
        RECIPES[recipe].folder: ".",
        "DATA": "." if downloads is None else _from(folder, os.fsdecode(downloads.encode())),
        **_settings(recipe, format_name, compat, revision),
    }
    files = ["train.jsonl", f"{RECIPES[recipe].other_split}.jsonl"]
    goals = [f"{name}={value}" for name, value in variables.items()] + files
    environment = make_environment(os.path.dirname(os.path.realpath(sys.argv[0])))
    if print_only:
        command = make_command(PACKAGE / "recipes.mk", ["--dry-run", "--always-make", *goals])
        standard_output().write(_as_script(lines_of_make(command, environment), folder))
        return Exit.OK
    _create(folder)
    end_whole()
    if quiet:
        environment["HH_QUIET"] = "1"
    code = run_make(make_command(PACKAGE / "recipes.mk", ["--silent", f"-j{jobs}", *goals]), folder, environment)
    if not code and is_terminal(2) and not (quiet or is_quiet_asked()):
        say_line(f"hh-recipe: {' and '.join(os.path.join(folder, file) for file in files)} are there")
    return code


def _settings(recipe: str, format_name: str | None, compat: str | None, revision: str | None) -> dict[str, str]:
    from hhtools.formats import dpo, kto

    formats = {"kto": kto.FORMATS, "dpo": dpo.FORMATS}
    settings = {}
    if format_name is not None:
        if recipe not in formats:
            raise click.UsageError(f"--for: {recipe} has one form, that of NeMo-Aligner")
        if format_name not in formats[recipe]:
            raise click.UsageError(f"--for: {format_name!r} is not one of {', '.join(formats[recipe])}")
        settings[f"{RECIPES[recipe].folder}_OPTIONS"] = f"--for {format_name}"
    if compat is not None:
        if recipe == "dpo":
            raise click.UsageError("--compat: NeMo-Aligner has no such script for dpo")
        if format_name is not None:
            raise click.UsageError("--compat nemo-aligner gives fixed rows: --for does not go with it")
        settings["COMPAT"] = compat
    if revision is not None:
        if recipe == "steerlm":
            raise click.UsageError("--revision is one of HH-RLHF, of which steerlm is not made")
        if not re.fullmatch(r"[\w.+%/-]+", revision, re.ASCII):
            raise click.UsageError(
                "--revision: a branch, tag or commit; write other characters than A-z 0-9 ._+-/ as %XX"
            )
        settings["HH_RLHF"] = f"Anthropic/hh-rlhf@{revision}"
    return settings


def _from(folder: str, downloads: str) -> str:
    path = os.path.relpath(os.path.realpath(downloads), os.path.realpath(folder))
    if not re.fullmatch(r"[\w.+@,/-]+", path):
        raise click.UsageError(
            f"--downloads: make knows no names such as {path!r}: have letters, digits and ._+@,- in it"
        )
    return path


def _create(folder: str) -> None:
    from hhtools.stream.new_file import cannot_create

    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise cannot_create(folder, error) from None


def _as_script(lines: bytes, folder: str) -> bytes:
    name = shlex.quote(folder)
    return os.fsencode(f"( set -eo pipefail; export HH_CHECKED=1\nmkdir -p {name}; cd {name}\n") + lines + b")\n"
