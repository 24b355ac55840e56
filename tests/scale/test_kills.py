"""Workers, and the driver itself, killed by their pids: what is there is whole, and the next run completes it."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections.abc import Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.faults.machine import Ended, Machine, Strike
from tests.scale.engines import ENGINES, is_idle, readers_of, running, wait_for
from tests.scale.shards import LINES, outputs, strays, write_inputs
from tests.shell import hh

PIPE = "hh-parse | hh-unpack-kto --for trl"
BAD = b'{"chosen": 1}\n'
INPUTS = {
    "a.jsonl": b"".join(LINES),
    "large.jsonl": BAD + b"".join(LINES) * 400 + BAD,
    "m/b.jsonl": BAD + b"".join(LINES[:9]),
    "m/c.jsonl": b"",
    "z.jsonl": b"".join(LINES[:5]),
}
WORDS: list[str | Path] = [PIPE, "in/**/*.jsonl", "-O", "out", "--bad-dir", "bad"]

each_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Give the outputs that the shell's commands make, one input after the other."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write_inputs(folder, INPUTS)
    made = {}
    for name in INPUTS:
        parsed = hh("hh-parse", folder / "in" / name, "--bad", "/dev/null").stdout
        made[name] = hh("hh-unpack-kto", "--for", "trl", stdin=parsed).stdout
    assert len(made["large.jsonl"]) > 10 << 20
    return made


def check_complete(folder: Path, undisturbed: Mapping[str, bytes]) -> None:
    """Check that all is there, once, and nothing else."""
    assert outputs(folder / "out") == undisturbed
    assert strays(folder / "out") == []
    assert (folder / "out" / "_SUCCESS").read_bytes() == b""
    bad = outputs(folder / "bad")
    assert {name: content.count(b"\n") for name, content in bad.items()} == {"large.jsonl": 2, "m/b.jsonl": 1}


def check_whole(folder: Path, undisturbed: Mapping[str, bytes]) -> None:
    """Check that whatever is there to be seen is whole."""
    seen = {name: data for name, data in outputs(folder / "out").items() if not name.rpartition("/")[2].startswith(".")}
    assert seen == {name: undisturbed[name] for name in seen}
    for report in (folder / "out" / "_hh" / "reports").rglob("[!.]*.json"):
        made = json.loads(report.read_bytes())
        assert made["bytes"] == len(undisturbed[made["shard"]])
        assert made["shard"] in seen


def report_in(folder: Path) -> Any:
    return json.loads((folder / "out" / "_hh" / "report.json").read_bytes())


def is_half_written(folder: Path) -> bool:
    return any((folder / "out").glob(".large.jsonl.*.tmp")) and any((folder / "bad").glob(".large.jsonl.*.tmp"))


@each_engine
def test_the_shard_of_a_killed_worker_is_made_by_another(
    engine: list[str], tmp_path: Path, undisturbed: Mapping[str, bytes]
) -> None:
    write_inputs(tmp_path, INPUTS)
    with running([*WORDS, *engine], tmp_path) as run:
        wait_for(lambda: is_half_written(tmp_path), run)
        (worker,) = readers_of(tmp_path / "in" / "large.jsonl")
        os.kill(worker, signal.SIGKILL)
        code, told = run.end()
        assert (code, told) == (0, "hh-run: hh-parse: 3 bad (wrong-type 3) of 16057 records, set aside below bad\n")
        wait_for(run.is_over)
    check_complete(tmp_path, undisturbed)
    assert report_in(tmp_path)["shards"] == {"all": 5, "made": 5, "made_before": 0, "failed": []}


@each_engine
@pytest.mark.parametrize(("options", "deaths"), [([], 3), (["--shards-per-task", "3"], 6)], ids=["one", "three a task"])
def test_a_shard_that_kills_each_worker_fails_alone(
    engine: list[str], options: list[str], deaths: int, tmp_path: Path, undisturbed: Mapping[str, bytes]
) -> None:
    write_inputs(tmp_path, INPUTS)
    poison, killed = tmp_path / "in" / "large.jsonl", set()
    ended = threading.Event()

    def kill_its_readers() -> None:
        while not ended.wait(0.002):
            for pid in readers_of(poison):
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)

    killer = threading.Thread(target=kill_its_readers)
    with running([*WORDS, *engine, *options], tmp_path) as run:
        killer.start()
        code, told = run.end()
        ended.set()
        killer.join()
        wait_for(run.is_over)
    lines = [
        f"hh-run: large.jsonl failed (74): {poison}: its worker was killed by SIGKILL (out of memory?), 3 times",
        "hh-run: 1 of 5 shards failed; the report of the run names them, and the others are complete",
    ]
    assert (code, told.splitlines(), len(killed)) == (74, lines, deaths)
    assert outputs(tmp_path / "out") == {name: data for name, data in undisturbed.items() if name != "large.jsonl"}
    assert (strays(tmp_path / "out"), list(outputs(tmp_path / "bad"))) == ([], ["m/b.jsonl"])
    assert not (tmp_path / "out" / "_SUCCESS").exists()
    (failed,) = report_in(tmp_path)["shards"]["failed"]
    assert (failed["shard"], failed["exit"]) == ("large.jsonl", 74)

    with running([*WORDS, *engine], tmp_path) as run:
        assert run.end()[0] == 0
    check_complete(tmp_path, undisturbed)
    assert report_in(tmp_path)["shards"] == {"all": 5, "made": 1, "made_before": 4, "failed": []}


def kill_and_run_again(engine: list[str], folder: Path, undisturbed: Mapping[str, bytes], moment: Any) -> None:
    write_inputs(folder, INPUTS)
    with running([*WORDS, *engine], folder) as run:
        moment(run)
        run.process.kill()
        run.end()
        wait_for(run.is_over)
    check_whole(folder, undisturbed)
    with running([*WORDS, *engine], folder) as run:
        code, told = run.end()
        assert (code, told.count("\n")) == (0, 1)
        wait_for(run.is_over)
    check_complete(folder, undisturbed)


@each_engine
def test_after_the_driver_is_killed_in_mid_shard_the_next_run_completes(
    engine: list[str], tmp_path: Path, undisturbed: Mapping[str, bytes]
) -> None:
    kill_and_run_again(engine, tmp_path, undisturbed, lambda run: wait_for(lambda: is_half_written(tmp_path), run))


@each_engine
@pytest.mark.parametrize("seed", range(5))
def test_after_the_driver_is_killed_at_random_the_next_run_completes(
    engine: list[str], seed: int, tmp_path: Path, undisturbed: Mapping[str, bytes]
) -> None:
    moment = random.Random(seed).uniform(0, 1.5)
    kill_and_run_again(engine, tmp_path, undisturbed, lambda _run: threading.Event().wait(moment))


@pytest.mark.parametrize("remainder", [0, 1], ids=["every other call", "and those between"])
def test_after_the_driver_is_killed_at_any_of_its_calls_the_next_run_completes(
    machine: Machine, remainder: int, tmp_path: Path
) -> None:
    """The plan, the reports, the mark of success: none of the driver's own files is ever half a file."""
    words = ["hh-run", "hh-parse", "in/*", "-O", "out", "-j1"]
    lines = {"a.jsonl": LINES[:5], "b.jsonl": LINES[5:7]}
    whole = {name: hh("hh-parse", "--source", name[0], stdin=b"".join(some)).stdout for name, some in lines.items()}
    stages = set()
    for number in count(1 + remainder, 2):
        folder = tmp_path / str(number)
        write_inputs(folder, {name: b"".join(some) for name, some in lines.items()})
        ended = machine.run(folder, words, strike=Strike("any", number, "kill before"))
        if ended.counted < number:
            break
        assert ended.codes == [-signal.SIGKILL]
        wait_for(partial(is_idle, folder))
        check_whole(folder, whole)
        stages.add(tuple(path.name for path in sorted((folder / "out").rglob("[!.]*")) if path.is_file()))
        assert machine.run(folder, words) == Ended([0], [""], 0)
        assert (outputs(folder / "out"), strays(folder / "out")) == (whole, [])
    assert ended.codes == [0]
    assert {(), ("_SUCCESS", "plan.json", "report.json", "a.jsonl.json", "b.jsonl.json", "a.jsonl", "b.jsonl")} < stages


@each_engine
@pytest.mark.parametrize("to_all", [False, True], ids=["the driver", "all processes"])
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_whole_run(
    engine: list[str], signum: signal.Signals, to_all: bool, tmp_path: Path, undisturbed: Mapping[str, bytes]
) -> None:
    """^C reaches all processes of a terminal, a batch system tells one or all."""
    write_inputs(tmp_path, INPUTS)
    with running([*WORDS, *engine], tmp_path) as run:
        wait_for(lambda: is_half_written(tmp_path), run)
        (os.killpg if to_all else os.kill)(run.process.pid, signum)
        assert run.end() == (-signum, "")
        wait_for(run.is_over)
    check_whole(tmp_path, undisturbed)
    assert strays(tmp_path / "out") == []
    assert "large.jsonl" not in [*outputs(tmp_path / "out"), *outputs(tmp_path / "bad")]
    assert not (tmp_path / "out" / "_SUCCESS").exists()
    report = report_in(tmp_path)
    assert (report["exit"], report["complete"]) == (128 + signum, False)
    with running([*WORDS, *engine], tmp_path) as run:
        assert run.end()[0] == 0
    check_complete(tmp_path, undisturbed)


@each_engine
def test_a_second_interrupt_leaves_nobody_behind(
    engine: list[str], tmp_path: Path, undisturbed: Mapping[str, bytes]
) -> None:
    write_inputs(tmp_path, INPUTS)
    with running([*WORDS, *engine], tmp_path) as run:
        wait_for(lambda: is_half_written(tmp_path), run)
        for _ in range(2):
            os.killpg(run.process.pid, signal.SIGINT)
            threading.Event().wait(0.01)
        assert run.end() == (-signal.SIGINT, "")
        wait_for(run.is_over)
    check_whole(tmp_path, undisturbed)
    with running([*WORDS, *engine], tmp_path) as run:
        assert run.end()[0] == 0
    check_complete(tmp_path, undisturbed)


def test_an_interrupt_while_workers_start_shows_no_traceback(tmp_path: Path) -> None:
    write_inputs(tmp_path, {"a.jsonl": LINES[0], "b.jsonl": LINES[1]})
    codes = set()
    for moment in range(12):
        out = tmp_path / f"out-{moment}"
        with running(["hh-parse", "in/*", "-O", out, "-j2"], tmp_path) as run:
            wait_for((out / "_hh" / "plan.json").exists, run)
            threading.Event().wait(moment * 0.025)
            os.killpg(run.process.pid, signal.SIGINT)
            code, told = run.end()
            codes.add(code)
            assert told == ""
            wait_for(run.is_over)
    assert -signal.SIGINT in codes <= {0, -signal.SIGINT}
