from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from hhtools.scale.ray_engine import run_on_ray
from hhtools.stream.exits import Exit, Fault
from tests.scale.ray_cluster import ROOT, Cluster, cluster
from tests.scale.works import Shard, is_alive, left_in, let_go, pids_of, processes_in, soon, square

needs_ray = pytest.mark.skipif(not find_spec("ray"), reason="Ray is not installed: make test-ray")


@pytest.fixture
def shards(tmp_path: Path) -> list[Shard]:
    return [Shard(str(tmp_path), name) for name in ("a", "b", "c", "d")]


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """Give a cluster of a head and two nodes."""
    with cluster() as running:
        yield running


@pytest.fixture
def own() -> Iterator[dict[str, str]]:
    """Give the environment of a driver that starts a Ray of its own; see to it that nothing of that is left."""
    with tempfile.TemporaryDirectory(prefix="hh-", dir="/tmp") as folder:
        yield {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TMPDIR": folder}
        assert os.listdir(folder) == []


def on(cluster: Cluster, **environment: str) -> dict[str, str]:
    """Give the environment of a driver on a cluster."""
    return {**cluster.environment, "RAY_ADDRESS": cluster.address, **environment}


@contextmanager
def driving(work: str, tasks: Sequence[Any], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a driver; at the end, none of its processes may be left."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.scale.driver", "ray", work, json.dumps(tasks)],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**environment, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as driver:
        try:
            yield driver
            soon(lambda: processes_in(driver.pid) == [])
        finally:
            for pid in processes_in(driver.pid):
                os.kill(pid, signal.SIGKILL)


def driven(work: str, tasks: Sequence[Any], environment: dict[str, str]) -> tuple[int, list[Any], str]:
    """Run a driver to its end; give its exit code, its results in order of their tasks, and what it says."""
    with driving(work, tasks, environment) as driver:
        printed, told = driver.communicate(timeout=120)
    return driver.returncode, sorted(map(json.loads, printed.splitlines())), told.decode()


# Without a cluster


def test_ray_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Fault, match="the engine ray needs one more package: pip install ray") as raised:
        next(run_on_ray(square, [1], workers=1, address=None))
    assert raised.value.code == Exit.MISSING_EXTRA


ADDRESSES = {
    "127.0.0.1:1": (Exit.NETWORK, "127.0.0.1:1: no Ray cluster there: Connection refused"),
    "nonsense": (Exit.NETWORK, "nonsense: Invalid address format: nonsense"),
    "ray://127.0.0.1:1": (Exit.USAGE, "ray://127.0.0.1:1: give the HOST:PORT of the cluster's head, or auto"),
}


@needs_ray
@pytest.mark.parametrize(("address", "expected"), ADDRESSES.items(), ids=ADDRESSES)
def test_an_address_without_a_cluster(address: str, expected: tuple[int, str], own: dict[str, str]) -> None:
    code, told = expected
    assert driven("square", [1], {**own, "RAY_ADDRESS": address}) == (code, [], f"driver: {told}\n")


@needs_ray
def test_a_ray_of_its_own(own: dict[str, str]) -> None:
    """It prints nothing, and leaves nothing."""
    assert driven("square", list(range(30)), own) == (0, [[number, number * number] for number in range(30)], "")


@needs_ray
def test_a_worker_keeps_no_file_open_from_task_to_task(own: dict[str, str]) -> None:
    """One for each task: after some ten thousand, nothing could be opened any more."""
    code, results, told = driven("count_files", list(range(200)), own)
    assert (code, len(results), told) == (0, 200, "")
    counts = [count for _, count in results]
    assert max(counts) - min(counts) < 20


@needs_ray
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["to the driver", "to the group"])
def test_a_signal_ends_a_ray_of_its_own(
    signum: signal.Signals, send: Callable[[int, int], None], shards: list[Shard], tmp_path: Path
) -> None:
    with tempfile.TemporaryDirectory(prefix="hh-", dir="/tmp") as folder:
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TMPDIR": folder}
        with driving("write_shard", shards, environment) as driver:
            soon(lambda: sum(len(pids_of(shard)) for shard in shards) == 2, 60)
            send(driver.pid, signum)
            assert driver.wait(timeout=60) == -signum
            assert driver.communicate(timeout=30) == (b"", b"")
            soon(lambda: not any(is_alive(pid) for shard in shards for pid in pids_of(shard)))
            if signum == signal.SIGKILL and send is os.kill:
                # Ray's own agents take a minute to believe it.
                soon(lambda: processes_in(driver.pid) == [], 90)
        if signum != signal.SIGKILL:
            assert os.listdir(folder) == left_in(tmp_path) == []


# On a cluster


@needs_ray
def test_all_nodes_of_a_cluster_do_tasks_and_stay(running: Cluster) -> None:
    code, results, told = driven("pid_after", [0.5] * 6, on(running))
    nodes = [set(node.processes()) for node in running.nodes]
    assert (code, told, len(results)) == (0, "", 6)
    pids = {pid for _, pid in results}
    assert [bool(pids & node) for node in nodes] in ([False, True, True], [False, False, False])
    assert driven("square", [3], on(running)) == (0, [[3, 9]], "")


@needs_ray
def test_credentials_go_along_and_nothing_else(running: Cluster) -> None:
    names = ["AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "HH_DEBUG", "HH_QUIET", "MY_PASSWORD"]
    code, results, told = driven("look_around", names, on(running, **dict.fromkeys(names, "x")))
    assert (code, told) == (0, "")
    assert results == [[name, ["", "x" if number < 3 else None]] for number, name in enumerate(names)]


@needs_ray
def test_tasks_are_taken_as_there_is_room(running: Cluster) -> None:
    """Also from an iterable without an end; twice as many as there are CPUs, or as many as asked for."""
    script = """
from itertools import count, islice
from hhtools.scale.ray_engine import run_on_ray
from tests.scale.works import square

for workers, most in ((None, 4), (3, 3)):
    taken = 0
    def tasks():
        global taken
        while True:
            taken += 1
            yield taken
    results = run_on_ray(square, tasks(), workers=workers, address=None)
    ahead = [taken - done for done, _ in enumerate(islice(results, 40), 1)]
    results.close()
    print(max(ahead) + 1, most)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, env=on(running), timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"4 4\n3 3\n", b"")


@needs_ray
def test_a_task_whose_worker_is_killed_is_tried_again(running: Cluster, shards: list[Shard], tmp_path: Path) -> None:
    a = shards[0]
    with driving("write_shard", shards, on(running)) as driver:
        soon(lambda: pids_of(a))
        os.kill(pids_of(a)[0], signal.SIGKILL)
        soon(lambda: len(pids_of(a)) == 2)
        for shard in shards:
            let_go(shard)
        printed, told = driver.communicate(timeout=60)
    assert (driver.returncode, told) == (0, b"")
    assert sorted(map(json.loads, printed.splitlines())) == [[list(shard), shard.name] for shard in shards]
    assert [len(pids_of(shard)) for shard in shards] == [2, 1, 1, 1]
    assert left_in(tmp_path) == ["a", "b", "c", "d"]


@needs_ray
def test_a_task_that_kills_its_workers_is_given_up_and_the_others_are_done(running: Cluster, tmp_path: Path) -> None:
    shards = [Shard(str(tmp_path), name, deaths) for name, deaths in (("a", 0), ("b", 3), ("c", 2), ("d", 0))]
    for shard in shards:
        let_go(shard)
    assert driven("write_shard", shards, on(running)) == (
        0,
        [
            [list(shard), [3, "its worker died (out of memory?)"] if shard.name == "b" else shard.name]
            for shard in shards
        ],
        "",
    )
    assert [len(pids_of(shard)) for shard in shards] == [1, 3, 3, 1]


@needs_ray
def test_what_comes_out_of_the_work_ends_the_run(running: Cluster) -> None:
    code, _, told = driven("divide", [0, 1], on(running))
    assert (code, "ZeroDivisionError('division by zero')" in told, "Traceback" in told) == (1, True, False)
    code, _, told = driven("divide", [0, 1], on(running, HH_DEBUG="1"))
    assert (code, "return 1 / number" in told) == (1, True)


@needs_ray
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_to_the_driver_ends_its_tasks_and_not_the_cluster(
    signum: signal.Signals, running: Cluster, shards: list[Shard], tmp_path: Path
) -> None:
    with driving("write_shard", shards, on(running)) as driver:
        soon(lambda: sum(len(pids_of(shard)) for shard in shards) == 2)
        driver.send_signal(signum)
        assert driver.wait(timeout=60) == -signum
        assert driver.communicate(timeout=30) == (b"", b"")
    if signum != signal.SIGKILL:
        assert left_in(tmp_path) == []
    soon(lambda: not any(is_alive(pid) for shard in shards for pid in pids_of(shard)))
    assert driven("square", [3], on(running)) == (0, [[3, 9]], "")


@needs_ray
def test_a_token_that_is_wrong(running: Cluster) -> None:
    code, results, told = driven("square", [1], on(running, RAY_AUTH_TOKEN="0" * 64))
    assert (code, results) == (Exit.PERMISSION, [])
    assert told == (f"driver: {running.address}: Ray does not let us in: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN\n")


@needs_ray
def test_the_tasks_of_a_lost_node_are_done_on_another(shards: list[Shard], tmp_path: Path) -> None:
    with cluster() as losing, driving("write_shard", shards, on(losing)) as driver:
        soon(lambda: sum(len(pids_of(shard)) for shard in shards) == 2)
        begun = {node: [s for s in shards if set(pids_of(s)) & set(node.processes())] for node in losing.nodes}
        lost = next(node for node in losing.nodes if begun[node])
        os.kill(lost.raylet(), signal.SIGKILL)
        for shard in shards:
            let_go(shard)
        printed, told = driver.communicate(timeout=120)
    assert (driver.returncode, told) == (0, b"")
    assert sorted(map(json.loads, printed.splitlines())) == [[list(shard), shard.name] for shard in shards]
    assert left_in(tmp_path) == ["a", "b", "c", "d"]


@needs_ray
def test_nodes_with_another_hhtools_or_none(tmp_path: Path) -> None:
    package = tmp_path / "hhtools"
    package.mkdir()
    (package / "__init__.py").write_text('__version__ = "0.0.9"\n')
    python = ".".join(map(str, sys.version_info[:2]))
    with cluster(nodes=0, PYTHONPATH=str(tmp_path)) as running:
        code, results, told = driven("square", [1], on(running))
        assert (code, results) == (Exit.MISSING_EXTRA, [])
        assert f"has hhtools 0.0.9 on Python {python}, and here is 0.1.0 on Python {python}: install the same" in told
        (package / "__init__.py").write_text('raise ImportError("No module named hhtools")\n')
        code, results, told = driven("square", [1], on(running))
        assert (code, results) == (Exit.MISSING_EXTRA, [])
        assert "has no hhtools: install 0.1.0 there" in told
