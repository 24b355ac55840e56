"""The options of a command that parts its input among the files of a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import click

from hhtools.stream.options import WriteOptions, bad_options, clobber_option, read_options, repair_option

if TYPE_CHECKING:
    from hhtools.records import Record


class Division(NamedTuple):
    """How records are parted: the names of all parts, and what names the one to which a record belongs."""

    parts: Sequence[str]
    part_of: Callable[[Record], str]


@dataclass(frozen=True)
class SplitOptions(WriteOptions):
    """How a split was asked for; one field for each of split_options()."""

    output_dir: str
    compress: str | None

    def file_of(self, part: str) -> str:
        """Name the file of a part, in the folder of all parts."""
        return f"{part}.jsonl.{self.compress}" if self.compress else f"{part}.jsonl"


def split_options() -> list[click.Parameter]:
    """Make the parameters of a command that writes the parts of its input into the files of a folder."""
    return [
        click.Option(
            ["-O", "--output-dir"],
            metavar="DIR",
            required=True,
            help="Write into the folder DIR, made if need be, all files whole or none.",
        ),
        click.Option(["--compress"], type=click.Choice(["gz", "zst"]), help="Compress the files, and name them so."),
        *bad_options(),
        *read_options(),
        repair_option(),
        clobber_option("files that exist, or keep them"),
    ]
