"""What a run over shards starts from: the shards, the folders, what lies in them, and the plan that they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hhtools.scale.description import digest_of
from hhtools.scale.folder import Folder, folder_at
from hhtools.scale.options import ScaleOptions
from hhtools.scale.pipeline import Pipeline
from hhtools.scale.plan import Plan, claim, describe, refuse_strangers
from hhtools.scale.shards import Shard, find_shards, suffix_for
from hhtools.stages import needs_all
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.names import name_of
from hhtools.stream.options import RunOptions


@dataclass(frozen=True)
class Prepared:
    """A run that may begin: its folder is claimed for its plan, and nothing is made yet.

    ``shards`` are all, and ``mine`` those of this slice. ``sizes`` are those of all files in the folder, ``bad_sizes``
    those in the folder of bad records.
    """

    plan: Plan
    folder: Folder
    bad_folder: Folder | None
    shards: Sequence[Shard]
    mine: Sequence[Shard]
    sizes: Mapping[str, int]
    bad_sizes: Mapping[str, int]


def prepare(pipeline: Pipeline, scale: ScaleOptions, options: RunOptions) -> Prepared:
    """Find the shards, and make sure that the folders are those of this pipeline.

    Raises:
        Fault: 2 for what cannot be run shard by shard, 66 for inputs that are not there, 73 for a folder that has the
            outputs of others; 74, 75 or 77 when it cannot be looked at.
    """
    _refuse_what_needs_all(pipeline)
    folder = folder_at(str(scale.output_dir), options.timeout)
    bad_folder = None if scale.bad_dir is None else folder_at(scale.bad_dir, options.timeout, "--bad-dir")
    taken = [folder.place, *([bad_folder.place] if bad_folder else [])]
    shards = find_shards(options.paths, taken, scale.compress, options.timeout)
    if scale.slice and (unknown := [shard for shard in shards if shard.version is None]):
        told = f"--slice: nobody can tell when {name_of(unknown[0].path)} changes"
        raise Fault(Exit.USAGE, f"{told}, and so when all slices are complete; fetch it first")
    settings = {
        "compress": scale.compress,
        "max_line": options.max_line,
        "repair_surrogates": options.repair_surrogates,
    }
    described = describe(pipeline, **settings)
    plan = Plan(
        pipeline,
        digest_of([described["stages"], settings]),
        folder.place,
        bad_folder.place if bad_folder else None,
        goes_on=bad_folder is not None or options.max_bad is not None,
        max_line=options.max_line,
        repair_surrogates=options.repair_surrogates,
        timeout=options.timeout,
    )
    sizes = dict(folder.sizes())
    refuse_strangers(shards, sizes, suffix_for(scale.compress), folder.place)
    claim(folder, plan, described, shards, sizes)
    mine = shards[scale.slice.number :: scale.slice.of] if scale.slice else shards
    return Prepared(plan, folder, bad_folder, shards, mine, sizes, dict(bad_folder.sizes()) if bad_folder else {})


def _refuse_what_needs_all(pipeline: Pipeline) -> None:
    for step in pipeline.steps:
        if needs_all(step.stage):
            told = f"{step.command}: what it is asked for takes all records at once, and each shard is run by itself"
            raise Fault(Exit.USAGE, f"{told}; run it over one stream, without -O")
