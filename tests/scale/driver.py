"""A program that runs an engine as hh-run does: ``python -m tests.scale.driver ENGINE WORK TASKS``.

The work is one of ``tests.scale.works``, the tasks are a JSON array, an array in which is a Shard. It prints a line of
JSON for each task as it is done. The engine ray takes its cluster from RAY_ADDRESS.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from hhtools.scale.local_engine import run_locally
from hhtools.scale.ray_engine import run_on_ray
from hhtools.stream.main import keep_to_oneself, run_and_exit
from hhtools.stream.signals import end_whole
from tests.scale import works


def run() -> int:
    """Do what the command line says."""
    end_whole()
    engine, name, given = sys.argv[1:]
    work: Any = getattr(works, name)
    tasks: list[Any] = [works.Shard(*task) if isinstance(task, list) else task for task in json.loads(given)]
    if engine == "local":
        results = run_locally(work, tasks, workers=2)
    else:
        results = run_on_ray(work, tasks, workers=2, address=None)
    for task, result in results:
        print(json.dumps([task, result]), flush=True)
    return 0


if __name__ == "__main__":
    run_and_exit("driver", run, keep_to_oneself)
