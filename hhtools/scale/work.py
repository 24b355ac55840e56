"""What a worker does: one shard after the other, each read, run and written whole, and then its report."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Sequence
from contextlib import closing
from typing import Any, NamedTuple

import orjson

import hhtools
from hhtools.scale.folder import folder_at
from hhtools.scale.plan import Plan
from hhtools.scale.shards import OWN_FOLDER, Shard, version_of
from hhtools.stream.bad_records import BadRecords, check_bad
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.files import SideFiles
from hhtools.stream.fused import counts_of, named_tallies
from hhtools.stream.names import name_of
from hhtools.stream.outputs import Output, write_file
from hhtools.stream.remote import silence_transports
from hhtools.stream.report import what_may_be_cut
from hhtools.stream.run import Run

_ANY_NUMBER = 1 << 62  # of bad records: they are counted over all shards, and not here


class Failed(NamedTuple):
    """A shard that could not be made: its output's name, the exit code that says why, and a line on it."""

    name: str
    code: int
    message: str


Made = dict[str, Any]
"""The report of a shard that is complete: what was read and written, and what became of every record."""


def report_name(name: str) -> str:
    """Name the report of a shard: when it is there, so is the output."""
    return f"{OWN_FOLDER}/reports/{name}.json"


def make_shards(plan: Plan, shards: Sequence[Shard]) -> list[Made | Failed]:
    """Make shards, one after the other; one that cannot be made does not keep the others from it."""
    silence_transports()
    return [_made_or_failed(plan, shard) for shard in shards]


def _made_or_failed(plan: Plan, shard: Shard) -> Made | Failed:
    try:
        return _make(plan, shard)
    except Fault as fault:
        return Failed(shard.name, int(fault.code), fault.message)
    except Exception as error:
        told = traceback.format_exc() if os.environ.get("HH_DEBUG") else f"internal error, please report it: {error!r}"
        return Failed(shard.name, int(Exit.BUG), f"{name_of(shard.path)}: {told}")


def _make(plan: Plan, shard: Shard) -> Made:
    began = time.monotonic()
    folder = folder_at(plan.output_dir, plan.timeout)
    stage = plan.pipeline.fused()
    run = Run(
        stage,
        [shard.path],
        max_line=plan.max_line,
        timeout=plan.timeout,
        read_fields=plan.pipeline.read_fields,
        adds_source=plan.pipeline.adds_source,
        repair_surrogates=plan.repair_surrogates,
    )
    output = Output(folder.path(shard.name), timeout=plan.timeout, tidies=False)
    with closing(output), closing(_bad_records(plan, shard)) as bad_records:
        output.write_all(run.rows(bad_records.take, _write_on))
        output.finish()
        bad_records.commit()
        check_bad(named_tallies(stage, run.tallies), None)  # a shard of which nothing can be used is the wrong file
        if version_of(shard.path, plan.timeout) != shard.version:
            raise Fault(Exit.IO, f"{name_of(shard.path)}: has changed since the run began; run again")
        output.commit()
    (given,) = run.inputs
    report = {
        "shard": shard.name,
        "input": {
            "name": given.name,
            "source": given.source,
            "version": shard.version,
            "bytes": given.bytes_read,
            "end": given.end,
        },
        "plan": plan.digest,
        "version": hhtools.__version__,
        "bytes": output.bytes_written,
        "bad_dir": plan.bad_dir,
        "bad_bytes": bad_records.bytes_written,
        "told": [*bad_records.told, *what_may_be_cut(run.inputs)],
        **counts_of(stage, run.tallies, run.rows_made),
        "seconds": round(time.monotonic() - began, 3),
    }
    content = orjson.dumps(report, option=orjson.OPT_APPEND_NEWLINE)
    write_file(folder.path(report_name(shard.name)), content, plan.timeout, tidies=False)
    return report


def _bad_records(plan: Plan, shard: Shard) -> BadRecords:
    path = folder_at(plan.bad_dir, plan.timeout).path(shard.name) if plan.bad_dir else None
    side = SideFiles(bad=path, bad_wanted=False, report=None)
    return BadRecords(
        "hh-run", side, _ANY_NUMBER if plan.goes_on else None, quiet=False, timeout=plan.timeout, whole=True
    )


def _write_on() -> None:
    """Hold rows back while the input is waited for: nobody reads them before the end."""
