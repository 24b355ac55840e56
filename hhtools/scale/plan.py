"""What a folder of outputs is made by: one pipeline, with one set of options, for as long as the folder is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson

import hhtools
from hhtools.scale.description import digest_of, form_of
from hhtools.scale.folder import Folder
from hhtools.scale.pipeline import Pipeline
from hhtools.scale.shards import OWN_FOLDER, Shard
from hhtools.stream.exits import Exit, Fault, FileExists
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


Described = dict[str, object]


def describe(pipeline: Pipeline, **options: object) -> Described:
    """Say what decides on the bytes of an output, beside its input.

    The stages are described by what they are made of, as a chat template is more than its file's name.
    """
    stages = digest_of(form_of(pipeline.steps))
    return {"pipeline": pipeline.text, "version": hhtools.__version__, "stages": stages, **options}


def claim(folder: Folder, plan: Plan, described: Described, shards: Sequence[Shard], sizes: Mapping[str, int]) -> None:
    """Make a folder that of a plan, or see that it is already.

    Raises:
        Fault: 73 when it has the outputs of another plan, or files that outputs would replace.
    """
    content = orjson.dumps(described, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if _FILE not in sizes:
        taken = [shard.name for shard in shards if shard.name in sizes]
        if taken:
            told = f"{plan.output_dir}: has a {taken[0]} that hh-run has not made"
            raise Fault(Exit.NO_OUTPUT, f"{told}; move it away, or give -O another folder")
        with suppress(FileExists):  # another run has been quicker
            write_file(folder.path(_FILE), content, plan.timeout, clobber=False)
    found = _read(folder)
    if _is_same(found, described):
        return
    if any(name.startswith(f"{OWN_FOLDER}/reports/") for name in sizes) and not _is_older(found, described):
        raise Fault(Exit.NO_OUTPUT, f"{plan.output_dir}: {_difference(found, described)}")
    write_file(folder.path(_FILE), content, plan.timeout)  # nothing in it is complete, or all is made again


def refuse_strangers(shards: Sequence[Shard], sizes: Mapping[str, int], suffix: str, output_dir: str) -> None:
    """Make sure that a folder has no files which would pass for outputs, and are none: of shards that are gone, say.

    Raises:
        Fault: 73.
    """
    names = {shard.name for shard in shards}
    for file in sizes:
        if file.endswith(suffix) and file not in names and not file.startswith(f"{OWN_FOLDER}/"):
            told = f"{output_dir}: has a {file}, and no input becomes that now"
            raise Fault(Exit.NO_OUTPUT, f"{told}; name all inputs again, move it away, or give -O another folder")


def _read(folder: Folder) -> Described:
    try:
        found = orjson.loads(folder.read(_FILE) or b"null")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_same(found: Described, described: Described) -> bool:
    return {**found, "pipeline": None} == {**described, "pipeline": None}  # which may be quoted in another way


def _is_older(found: Described, described: Described) -> bool:
    # What another version of hhtools has made is made again.
    return found.get("version") != described["version"] and found.get("pipeline") == described["pipeline"]


def _difference(found: Described, described: Described) -> str:
    if found.get("pipeline") == described["pipeline"]:
        told = "has the outputs of this pipeline with other options, another template, or another date in the template"
        return f"{told} (SOURCE_DATE_EPOCH sets it); give -O another folder, or remove this one"
    told = f"has the outputs of another pipeline ({found.get('pipeline', 'its _hh/plan.json cannot be read')})"
    return f"{told}; give -O another folder, or remove this one"
