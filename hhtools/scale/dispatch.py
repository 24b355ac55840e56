"""Shards -> what came out of them, by way of an engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice

from hhtools.scale.engines import WorkerDied
from hhtools.scale.options import ScaleOptions
from hhtools.scale.plan import Plan
from hhtools.scale.shards import Shard
from hhtools.scale.work import Failed, Made, make_shards
from hhtools.stream.exits import Exit
from hhtools.stream.names import name_of

_Task = list[Shard]
_Result = list[Made | Failed]
_Engine = Callable[
    [Callable[[_Task], _Result], Iterator[_Task]], Generator[tuple[_Task, _Result | WorkerDied], None, None]
]


def dispatch(plan: Plan, shards: Sequence[Shard], scale: ScaleOptions) -> Generator[Made | Failed, None, None]:
    """Have shards made by the engine that the options name; give each result as it comes, in any order.

    When the generator is closed, all workers are ended.

    Raises:
        Fault: 75 and 78, when the engine cannot be reached or is not installed; 74 when no worker can be started.
    """
    suspects: _Task = []
    with closing(_engine(scale)(partial(make_shards, plan), _tasks(shards, scale.shards_per_task))) as results:
        for task, result in results:
            if not isinstance(result, WorkerDied):
                yield from result
            elif len(task) > 1:
                suspects += task
            else:
                told = f"{name_of(task[0].path)}: {result.message}, {result.attempts} times"
                yield Failed(task[0].name, Exit.IO, told)
    if suspects:  # each by itself, and only the one that it was fails
        yield from dispatch(plan, suspects, replace(scale, shards_per_task=1))


def _engine(scale: ScaleOptions) -> _Engine:
    if scale.engine == "ray":
        from hhtools.scale.ray_engine import run_on_ray

        return partial(run_on_ray, workers=scale.processes, address=scale.address)
    from hhtools.scale.local_engine import run_locally

    return partial(run_locally, workers=scale.processes or _processors())


def _processors() -> int:
    # Those that this process may use, where that can be told: a container or a batch system may give it a few.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tasks(shards: Sequence[Shard], size: int) -> Iterator[_Task]:
    waiting = iter(shards)
    while task := list(islice(waiting, size)):
        yield task
