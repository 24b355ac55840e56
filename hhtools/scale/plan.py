"""What a folder of outputs is made by: one pipeline, with one set of options, for as long as the folder is there."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from hhtools.scale.folder import Folder
from hhtools.scale.pipeline import Pipeline
from hhtools.scale.shards import OWN_FOLDER, Shard
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.outputs import write_file

_FILE = f"{OWN_FOLDER}/plan.json"


@dataclass(frozen=True)
class Plan:
    """All that a worker needs to know to make a shard, wherever it runs; picklable.

    ``digest`` stands for all that decides on the bytes of an output, beside its input and the version of hhtools.
    ``goes_on`` tells that bad records do not end a shard. The folders are absolute paths or URLs.
    """

    pipeline: Pipeline
    digest: str
    output_dir: str
    bad_dir: str | None
    goes_on: bool
    max_line: int
    repair_surrogates: bool
    timeout: int


def describe(pipeline: Pipeline, **options: object) -> bytes:
    """Write down what decides on the bytes of an output, beside its input and the version of hhtools.

    Raises:
        Fault: 66 when a file that the pipeline names cannot be read.
    """
    described = {"pipeline": pipeline.text, "files": _files_named_in(pipeline.text), **options}
    return orjson.dumps(described, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def claim(folder: Folder, plan: Plan, described: bytes, shards: Sequence[Shard], sizes: Mapping[str, int]) -> None:
    """Make a folder that of a plan, or see that it is already.

    Raises:
        Fault: 73 when it has the outputs of another plan, or files that outputs would replace.
    """
    found = folder.read(_FILE)
    if found is None:
        taken = [shard.name for shard in shards if shard.name in sizes]
        if taken:
            told = f"{plan.output_dir}: has a {taken[0]} that hh-run has not made"
            raise Fault(Exit.NO_OUTPUT, f"{told}; move it away, or give -O another folder")
        write_file(folder.path(_FILE), described, plan.timeout)
    elif found != described:
        raise Fault(
            Exit.NO_OUTPUT,
            f"{plan.output_dir}: has the outputs of another pipeline ({_told(found)}); give -O another folder, or "
            "remove this one",
        )


def _told(found: bytes) -> str:
    try:
        return str(orjson.loads(found)["pipeline"]) + ", or with other options: see _hh/plan.json"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "its _hh/plan.json cannot be read"


def _files_named_in(pipeline: str) -> dict[str, str]:
    # A chat template is part of the pipeline: with another one in the file of that name, other rows come out.
    values = {
        word.partition("=")[2] if word.startswith("--") and "=" in word else word for word in shlex.split(pipeline)
    }
    return {value: _digest_of(value) for value in sorted(values) if os.path.isfile(value)}


def digest_of(described: bytes) -> str:
    """Give a short name to what is written down."""
    return hashlib.sha256(described).hexdigest()[:16]


def _digest_of(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return digest_of(file.read())
    except OSError as error:
        raise Fault(Exit.NO_INPUT, f"{path}: cannot be read: {error.strerror}") from None
