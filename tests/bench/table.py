"""The results as Markdown: each ratio or peak beside its target, and whether the target was met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from tests.bench.jobs import (
    CLICK,
    COPY,
    DATASETS,
    FUSED,
    HELP,
    JQ,
    PACKED,
    PIPED,
    POLARS,
    RUN,
    RUN_WORK,
    STDLIB,
)
from tests.bench.measure import Cost, ratios

PEAK = 24.0
GROWTH = 2.0


class Goal(NamedTuple):
    """A ratio of CPU times, and what it is to be: at most or at least so much."""

    what: str
    program: str
    base: str
    most: float | None = None
    least: float | None = None


GOALS = (
    Goal("parse and unpack fused in one process / orjson decoding and encoding each line", FUSED, COPY, most=2.5),
    Goal("`hh-parse FILE \\| hh-unpack-kto` / fused", PIPED, FUSED, most=1.8),
    Goal("`hh-run 'hh-parse \\| hh-unpack-kto' FILE`, less its start-up / fused", RUN_WORK, FUSED, most=1.05),
    Goal("`hh-run 'hh-parse \\| hh-unpack-kto' FILE` / `hh-parse FILE \\| hh-unpack-kto`", RUN, PIPED, most=1),
    Goal("polars (streaming engine) / fused", POLARS, FUSED, least=2.5),
    Goal("jq / fused", JQ, FUSED, least=5),
    Goal("the standard library's json / fused", STDLIB, FUSED, least=2.2),
    Goal("Hugging Face datasets (batched map) / fused", DATASETS, FUSED, least=4),
    Goal("fused, `.gz` input / plain input", PACKED, FUSED, most=1.35),
    Goal("`hh-parse --help` / `python -c 'import click'`", HELP, CLICK, most=1.3),
)


def speed_table(costs: Mapping[str, Sequence[Cost]]) -> list[str]:
    """Give the ratios of all goals whose programs were measured."""
    lines = ["| CPU time of whole processes | ratio | lowest to highest | target | |", "|---|--:|--:|--:|---|"]
    return lines + [_speed_row(goal, costs) for goal in GOALS if goal.program in costs]


def memory_table(peaks: Mapping[str, tuple[float, float]]) -> list[str]:
    """Give the peak memory of each filter, for little and for much input."""
    lines = ["| peak memory, MiB | 10 MB of input | 1 GB of input | target | |", "|---|--:|--:|--:|---|"]
    target = f"at most {PEAK:g}, apart by {GROWTH:g}"
    for name, (little, much) in peaks.items():
        met = max(little, much) <= PEAK and abs(much - little) <= GROWTH
        lines.append(f"| `{name}` | {little:.1f} | {much:.1f} | {target} | {verdict(met)} |")
    return lines


def verdict(met: bool) -> str:
    """Say whether a target was met."""
    return "met" if met else "**missed**"


def _speed_row(goal: Goal, costs: Mapping[str, Sequence[Cost]]) -> str:
    found = ratios(costs[goal.program], costs[goal.base])
    ratio = round(median(found), 2)  # so that the verdict is on what the table shows
    met = (goal.most is None or ratio <= goal.most) and (goal.least is None or ratio >= goal.least)
    target = f"at least {goal.least:g}" if goal.most is None else f"at most {goal.most:g}"
    return f"| {goal.what} | {ratio:.2f} | {min(found):.2f} to {max(found):.2f} | {target} | {verdict(met)} |"
