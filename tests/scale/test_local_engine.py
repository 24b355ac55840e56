from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from hhtools.scale import serve
from hhtools.scale.engines import InWorker, WorkerDied
from hhtools.scale.local_engine import run_locally
from hhtools.stream.exits import Exit, Fault
from tests.scale.works import (
    Shard,
    divide,
    exit_with,
    find_fault,
    is_alive,
    left_in,
    let_go,
    make_function,
    pid_after,
    pids_of,
    soon,
    square,
    write_shard,
    write_unheeding,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def none_is_left() -> Iterator[None]:
    """See to it that no test leaves a worker."""
    yield
    assert multiprocessing.active_children() == []


@pytest.fixture
def shards(tmp_path: Path) -> list[Shard]:
    return [Shard(str(tmp_path), name) for name in ("a", "b", "c")]


def meanwhile(act: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


# What comes out


@pytest.mark.parametrize("workers", [1, 3])
def test_every_task_has_its_result(workers: int) -> None:
    results = dict(run_locally(square, range(50), workers=workers))
    assert results == {number: number * number for number in range(50)}


def test_no_tasks_need_no_worker() -> None:
    assert list(run_locally(square, [], workers=2)) == []


def test_results_come_as_they_are_done(shards: list[Shard]) -> None:
    a, b, c = shards
    for shard in (b, c):
        let_go(shard)
    results = run_locally(write_shard, shards, workers=2)
    assert [next(results), next(results)] == [(b, "b"), (c, "c")]
    let_go(a)
    assert list(results) == [(a, "a")]


def test_tasks_are_taken_as_workers_become_free() -> None:
    """Also from an iterable without an end."""
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    results = run_locally(square, tasks(), workers=3)
    for done, _ in enumerate(islice(results, 40), 1):
        assert taken <= done + 3
    assert taken >= 40
    results.close()


def test_workers_work_at_the_same_time_and_again() -> None:
    pids = [pid for _, pid in run_locally(pid_after, [0.3] * 6, workers=2)]
    assert len(set(pids)) == 2
    assert os.getpid() not in pids


def test_a_worker_that_is_not_needed_any_more_ends_at_once(shards: list[Shard]) -> None:
    a, b, _ = shards
    let_go(b)
    results = run_locally(write_shard, [a, b], workers=2)
    assert next(results) == (b, "b")
    assert not is_alive(pids_of(b)[0])
    let_go(a)
    assert list(results) == [(a, "a")]


def test_large_tasks_and_results_pass() -> None:
    tasks = ["x" * 3_000_000, "y" * 3_000_000]
    assert sorted(run_locally(str.upper, tasks, workers=2)) == [(task, task.upper()) for task in tasks]


def test_workers_have_the_environment_and_nothing_of_standard_input_and_output(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys\n"
        "from hhtools.scale.local_engine import run_locally\n"
        "from tests.scale.works import look_around\n"
        "if __name__ == '__main__':\n"
        "    print(list(run_locally(look_around, ['HH_DEBUG', 'HH_QUIET'], workers=1)))\n"
        "    print(sys.stdin.read())\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "HH_DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, script], input=b"mine", capture_output=True, env=environment, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"[('HH_DEBUG', ('', '1')), ('HH_QUIET', ('', None))]\nmine\n"


def test_no_workers_do_no_work() -> None:
    with pytest.raises(ValueError, match="0 workers do no work"):
        next(run_locally(square, [1], workers=0))


# Deaths


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_task_whose_worker_is_killed_is_tried_again(
    signum: signal.Signals, shards: list[Shard], tmp_path: Path
) -> None:
    a, b, c = shards

    def kill() -> None:
        soon(lambda: pids_of(a) and pids_of(b))
        os.kill(pids_of(a)[0], signum)
        soon(lambda: len(pids_of(a)) == 2)
        for shard in shards:
            let_go(shard)

    killer = meanwhile(kill)
    results = run_locally(write_shard, shards, workers=2)
    assert sorted(results) == [(a, "a"), (b, "b"), (c, "c")]
    killer.join()
    assert [len(pids_of(shard)) for shard in shards] == [2, 1, 1]
    assert left_in(tmp_path) == ["a", "b", "c"]
    assert (tmp_path / "a").read_text() == "one\ntwo\n"


def test_a_worker_may_die_while_it_is_given_its_task() -> None:
    def kill() -> None:
        soon(multiprocessing.active_children)
        multiprocessing.active_children()[0].kill()

    killer = meanwhile(kill)
    task = "x" * 100_000_000
    assert list(run_locally(len, [task], workers=1)) == [(task, 100_000_000)]
    killer.join()


def test_a_task_that_kills_its_workers_is_given_up_and_the_others_are_done(tmp_path: Path) -> None:
    shards = [Shard(str(tmp_path), name, deaths) for name, deaths in (("a", 0), ("b", 3), ("c", 2), ("d", 0))]
    for shard in shards:
        let_go(shard)
    a, b, c, d = shards
    assert sorted(run_locally(write_shard, shards, workers=2), key=lambda done: done[0].name) == [
        (a, "a"),
        (b, WorkerDied(3, "its worker was killed by SIGKILL (out of memory?)")),
        (c, "c"),
        (d, "d"),
    ]
    assert [len(pids_of(shard)) for shard in shards] == [1, 3, 3, 1]


def test_a_task_that_ends_its_worker_is_given_up() -> None:
    results = sorted(run_locally(exit_with, [0, 7], workers=1))
    assert results == [(code, WorkerDied(3, f"its worker ended with exit code {code}")) for code in (0, 7)]


# Errors


def test_what_comes_out_of_the_work_ends_the_run(capfd: pytest.CaptureFixture[str]) -> None:
    results = run_locally(divide, [2, 0, *[1] * 1000], workers=1)
    assert next(results) == (2, 0.5)
    with pytest.raises(ZeroDivisionError) as raised:
        next(results)
    assert isinstance(raised.value.__cause__, InWorker)
    assert "return 1 / number" in str(raised.value.__cause__)
    assert list(results) == []
    assert capfd.readouterr() == ("", "")


def test_an_error_that_pickle_does_not_carry_is_told() -> None:
    with pytest.raises(RuntimeError, match=r"^Fault: no disk$"):
        list(run_locally(find_fault, ["no disk"], workers=1))


def test_a_result_that_pickle_does_not_carry_is_an_error() -> None:
    with pytest.raises((AttributeError, RuntimeError), match="lambda"):
        list(run_locally(make_function, ["x"], workers=1))


def test_an_error_of_the_tasks_ends_the_workers(shards: list[Shard], tmp_path: Path) -> None:
    def tasks() -> Iterator[Shard]:
        yield shards[0]
        soon(lambda: pids_of(shards[0]))
        raise Fault(Exit.NETWORK, "the listing broke off")

    with pytest.raises(Fault, match="the listing broke off"):
        list(run_locally(write_shard, tasks(), workers=2))
    assert left_in(tmp_path) == []


def test_a_worker_that_cannot_start_is_the_fault_of_no_task(tmp_path: Path) -> None:
    script = tmp_path / "script.py"  # without `if __name__ == "__main__"`, so that its workers try to have workers
    script.write_text(
        "from hhtools.scale.local_engine import run_locally\n"
        "from tests.scale.works import square\n"
        "print(list(run_locally(square, [1], workers=1)))\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, env={"PYTHONPATH": str(ROOT)}, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"\nRuntimeError: a worker process could not start: its worker ended with exit code 1\n" in done.stderr


def test_more_workers_than_the_system_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/dev/fd"))) + 12, hard))
    try:
        with pytest.raises(Fault, match="cannot start another worker: Too many open files; ask for fewer") as raised:
            list(run_locally(pid_after, [0.1] * 100, workers=100))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert raised.value.code == Exit.IO


# The end


def test_closing_ends_the_workers_whole(shards: list[Shard], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What they have half written is removed, and nothing is printed."""
    a, b, c = shards
    let_go(a)
    results = run_locally(write_shard, shards, workers=2)
    assert next(results) == (a, "a")
    soon(lambda: pids_of(b) and pids_of(c))
    assert len(left_in(tmp_path)) == 3
    results.close()
    assert left_in(tmp_path) == ["a"]
    assert not any(is_alive(pid) for shard in shards for pid in pids_of(shard))
    assert capfd.readouterr() == ("", "")


def test_a_worker_that_does_not_heed_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "GRACE", 0.2)
    shard = Shard(str(tmp_path), "a")

    def tasks() -> Iterator[Shard]:
        yield shard
        soon(lambda: pids_of(shard))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run_locally(write_unheeding, tasks(), workers=2))
    assert not is_alive(pids_of(shard)[0])


def driving(shards: list[Shard], work: str = "write_shard") -> subprocess.Popen[bytes]:
    """Start a driver in a group of its own, and wait until two shards are half written."""
    folder = Path(shards[0].folder)
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.scale.driver", "local", work, json.dumps(shards)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        soon(lambda: sum(len(pids_of(shard)) for shard in shards) == 2)
    except BaseException:
        driver.kill()
        raise
    assert len(left_in(folder)) == 2
    return driver


def test_workers_of_a_killed_driver_end_whole(shards: list[Shard], tmp_path: Path) -> None:
    with driving(shards) as driver:
        driver.kill()
        pids = [pid for shard in shards for pid in pids_of(shard)]
        soon(lambda: not any(map(is_alive, pids)), seconds=10)
        assert left_in(tmp_path) == []
        assert driver.communicate(timeout=30) == (b"", b"")  # at the end of the last process that has these open


def test_workers_of_a_killed_driver_that_do_not_heed_are_killed(shards: list[Shard]) -> None:
    with driving(shards, "write_unheeding") as driver:
        driver.kill()
        pids = [pid for shard in shards for pid in pids_of(shard)]
        soon(lambda: not any(map(is_alive, pids)), seconds=serve.GRACE + 10)
        assert driver.communicate(timeout=30) == (b"", b"")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["to the driver", "to the group"])
def test_a_signal_ends_all_whole(
    signum: signal.Signals, send: Callable[[int, int], None], shards: list[Shard], tmp_path: Path
) -> None:
    with driving(shards) as driver:
        send(driver.pid, signum)
        assert driver.wait(timeout=30) == -signum
        assert not any(is_alive(pid) for shard in shards for pid in pids_of(shard))
        assert left_in(tmp_path) == []
        assert driver.communicate(timeout=30) == (b"", b"")


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGHUP])
def test_workers_leave_it_to_the_driver_what_a_signal_means(signum: signal.Signals, shards: list[Shard]) -> None:
    with driving(shards[:2]) as driver:
        for shard in shards[:2]:
            os.kill(pids_of(shard)[0], signum)
        for shard in shards[:2]:
            let_go(shard)
        printed, told = driver.communicate(timeout=30)
        assert (driver.returncode, told) == (0, b"")
        assert sorted(map(json.loads, printed.splitlines())) == [[list(shard), shard.name] for shard in shards[:2]]
        assert [len(pids_of(shard)) for shard in shards[:2]] == [1, 1]
