"""A program that runs an engine as hh-run does: ``python -m tests.scale.driver ENGINE FOLDER NAME...``.

It writes the shards of these names in the folder, and a line for each on standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from hhtools.scale.engines import WorkerDied
from hhtools.scale.local_engine import run_locally
from hhtools.stream.main import keep_to_oneself, run_and_exit
from hhtools.stream.signals import end_whole
from tests.scale.works import Shard, write_shard, write_unheeding

ENGINES: dict[str, Callable[[list[Shard]], Iterator[tuple[Shard, str | WorkerDied]]]] = {
    "local": lambda shards: run_locally(write_shard, shards, workers=2),
    "local, unheeding": lambda shards: run_locally(write_unheeding, shards, workers=2),
}


def run() -> int:
    """Do what the command line says."""
    end_whole()
    engine, folder, *names = sys.argv[1:]
    shards = [Shard(folder, name) for name in names]
    for shard, result in ENGINES[engine](shards):
        print(shard.name, result, flush=True)
    return 0


if __name__ == "__main__":
    run_and_exit("driver", run, keep_to_oneself)
