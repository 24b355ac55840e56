"""hh-fetch: files of datasets on the Hugging Face Hub -> the same files in a folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, unquote

import click

from hhtools.hub import hh_rlhf
from hhtools.hub.checksums import Pins
from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.descriptors import standard_output
from hhtools.stream.exits import Exit
from hhtools.stream.globs import is_pattern
from hhtools.stream.options import is_quiet_asked, quiet_option, timeout_option
from hhtools.stream.script import Command
from hhtools.stream.signals import end_whole
from hhtools.stream.urls import HubPlace, hub_place

if TYPE_CHECKING:
    from hhtools.hub.catalogue import RemoteFile
    from hhtools.hub.download import Told

MEANINGS = {
    Exit.OK: "every file is there, and its checksum is right",
    Exit.NO_INPUT: "the Hub has no such repository, revision or file",
    Exit.IO: "a checksum is wrong, or a write failed",
    Exit.PERMISSION: "access must be asked for, or a token is missing or not accepted",
}


class FetchCommand(Command):
    """A command that speaks to the Hub."""

    environment: ClassVar[Mapping[str, str]] = {
        "HF_ENDPOINT": "the Hub to ask, instead of https://huggingface.co",
        "HF_TOKEN": "the token to log in with, instead of the one that hf auth login keeps in HF_HOME",
        **Command.environment,
    }


@partial(FetchCommand, shared=[timeout_option(), quiet_option()], meanings=MEANINGS)
@click.argument("repository", metavar="REPOSITORY")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("-O", "--output-dir", metavar="DIR", default=".", help="Put the files below DIR.  [default: .]")
@click.option(
    "--subset",
    "subsets",
    type=click.Choice([*hh_rlhf.PREFERENCES, hh_rlhf.RED_TEAM]),
    multiple=True,
    help="Of hh-rlhf: this part, and others if given again.  [default: the four of preferences]",
)
@click.option(
    "--split",
    type=click.Choice([*hh_rlhf.SPLITS, "validation"]),
    help="Of hh-rlhf: this split only; validation gives test.  [default: train and test]",
)
@click.option("--revision", metavar="REV", help="Take this branch, tag or commit, as @REV does.  [default: main]")
@click.option("--sha256", metavar="HEX", help="Refuse the one FILE unless this is its checksum.")
def main(
    repository: str,
    files: tuple[str, ...],
    output_dir: str,
    subsets: tuple[str, ...],
    split: str | None,
    revision: str | None,
    sha256: str | None,
    timeout: int,
    quiet: bool,
) -> int:
    """Files of a dataset on the Hugging Face Hub in, the same files below a folder out, checked and complete.

    REPOSITORY is OWNER/NAME or OWNER/NAME@REVISION, FILE a path in it or a quoted pattern of paths. hh-rlhf alone
    stands for the preference files of Anthropic/hh-rlhf, whose checksums are known here as well. A fetch
    that breaks off is gone on with, a file that is there and right is left alone, and the paths of all are written
    to standard output at the end.

    Examples:
        hh-fetch hh-rlhf --subset harmless-base --split train -O data > files.txt
        hh-fetch Anthropic/hh-rlhf@main helpful-base/test.jsonl.gz '*/train.jsonl.gz' -O data > files.txt
        hh-fetch hh-rlhf --subset red-team-attempts | xargs hh-parse > conversations.jsonl
    """
    quiet = quiet or is_quiet_asked()
    name, revision = _repository(repository, revision)
    places = _places(name, revision, files or _known_files(name, subsets, split))
    if files and (subsets or split):
        raise click.UsageError("--subset and --split choose files of hh-rlhf: give either them or FILE")
    if split == "validation" and not quiet:
        say_line("hh-fetch: hh-rlhf has no validation split: this is its test split")
    pins = _pins(name, revision, files, sha256)
    from hhtools.hub.fetch import fetch
    from hhtools.stream.remote import silence_transports

    silence_transports()
    end_whole()
    folder = os.fsdecode(output_dir.encode())
    watched = _Watch(folder) if is_terminal(2) and not quiet else _unwatched
    paths = fetch(places, folder, pins, timeout, watched)
    standard_output().write(b"".join(os.fsencode(path) + b"\n" for path in paths))
    return Exit.OK


def _repository(text: str, option: str | None) -> tuple[str, str | None]:
    name, at, revision = text.partition("@")
    if at and option is not None:
        raise click.UsageError("REPOSITORY@REVISION and --revision: give one of them")
    return hh_rlhf.REPOSITORY if name == hh_rlhf.NAME else name, unquote(revision) if at else option


def _known_files(name: str, subsets: tuple[str, ...], split: str | None) -> list[str]:
    if name != hh_rlhf.REPOSITORY:
        raise click.UsageError(f"name FILEs of {name}, such as '*.jsonl.gz'; '**/*' stands for all of them")
    if split and hh_rlhf.RED_TEAM in subsets:
        raise click.UsageError(f"{hh_rlhf.RED_TEAM} has no splits: leave --split out, or fetch it by itself")
    return hh_rlhf.paths(subsets, () if split is None else ("test" if split == "validation" else split,))


def _places(name: str, revision: str | None, paths: Sequence[str]) -> list[HubPlace]:
    start = f"hf://datasets/{name}@{quote('main' if revision is None else revision, safe='')}"
    if hub_place(f"{start}/x") is None:
        raise click.UsageError("REPOSITORY is OWNER/NAME or OWNER/NAME@REVISION of a dataset, or hh-rlhf")
    places = []
    for path in paths:
        place = hub_place(f"{start}/{path}")
        if place is None:
            raise click.UsageError(f"FILE is a path in the repository, without .. in it: {path}")
        places.append(place)
    return places


def _pins(name: str, revision: str | None, files: tuple[str, ...], sha256: str | None) -> Pins:
    if sha256 is not None:
        if len(files) != 1 or is_pattern(files[0]):
            raise click.UsageError("--sha256 is the checksum of one file: name one FILE, and no pattern")
        if not re.fullmatch("[0-9a-fA-F]{64}", sha256):
            raise click.UsageError("--sha256: a checksum is 64 hexadecimal digits")
        return Pins({files[0]: sha256.lower()}, "see where the checksum is from")
    if name == hh_rlhf.REPOSITORY and revision is None:
        return Pins(hh_rlhf.SHA256, f"to take it all the same, name the revision: {name}@main")
    return Pins({}, "")


class _Watch:
    """Shows how far each file has come, and says before the first in a folder what the card of the dataset says."""

    def __init__(self, folder: str) -> None:
        self._has_warned = any(os.path.exists(os.path.join(folder, path)) for path in hh_rlhf.paths((), ()))

    def __call__(self, file: RemoteFile) -> AbstractContextManager[Told]:
        from hhtools.hub.progress import progress

        if file.place.repository == hh_rlhf.REPOSITORY and not self._has_warned:
            say_line(hh_rlhf.NOTICE)
            self._has_warned = True
        return progress(file)


def _unwatched(_file: RemoteFile) -> AbstractContextManager[Told]:
    return nullcontext(lambda _count: None)
