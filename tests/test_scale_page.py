"""What docs/scale.md shows is what happens."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.pages import blocks_of, sessions_of
from tests.scale.works import processes_in, soon
from tests.shell import BIN, ENVIRONMENT, shell

PAGE = (Path(__file__).parents[1] / "docs" / "scale.md").read_text()
ARRAYS = {"SLURM_ARRAY_TASK_ID": "/data/kto", "JOB_COMPLETION_INDEX": "s3://bucket/kto"}


@pytest.fixture
def shards(data_folder: Path) -> Path:
    """Give the folder with the shards of the page in ``raw``."""
    assert shell(sessions_of(PAGE)[0][0], data_folder).returncode == 0
    return data_folder


def test_console_sessions(data_folder: Path) -> None:
    assert len(sessions_of(PAGE)) == 6
    for command, printed in sessions_of(PAGE):
        done = shell(command, data_folder)
        assert (done.returncode, done.stderr + done.stdout) == (0, printed), command


@pytest.mark.parametrize("variable", ARRAYS)
def test_the_last_job_of_an_array_completes_it(variable: str, shards: Path) -> None:
    (block,) = [block for block in blocks_of(PAGE, "sh") if variable in block]
    command = block.splitlines()[-1].replace("/data/hh", "raw").replace("s3://bucket/hh", "raw")
    command = command.replace(ARRAYS[variable], "kto").replace("/64", "/3")
    for index, complete in enumerate([False, True, True]):  # there are two shards
        done = shell(command, shards, **{variable: str(index)})
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert (shards / "kto" / "_SUCCESS").exists() == complete


def test_the_rule_of_a_bucket_is_json() -> None:
    (rule,) = json.loads(blocks_of(PAGE, "json")[0])["Rules"]
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] > 0


@contextmanager
def in_a_terminal(command: str, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a node of Ray while the block runs, from when it has started; then interrupt it, as ^C does."""
    log = folder / "node.log"
    with log.open("wb") as told:
        node = subprocess.Popen(
            shlex.split(command), cwd=folder, env=environment, stdout=told, stderr=told, start_new_session=True
        )
    try:
        soon(lambda: "Ray runtime started." in log.read_text() or node.poll() is not None, 60)
        assert node.poll() is None, log.read_text()
        yield
        node.send_signal(signal.SIGINT)
        soon(lambda: processes_in(node.pid) == [], 60)
    finally:
        for pid in processes_in(node.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        node.wait(timeout=10)


@pytest.mark.skipif(not find_spec("ray"), reason="Ray is not installed: make test-ray")
def test_two_nodes_of_ray_on_one_machine(shards: Path) -> None:
    (block,) = [block for block in blocks_of(PAGE, "sh") if "ray start" in block]
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        head, node, run = block.replace("6379", str(found.getsockname()[1])).splitlines()
    folder = tempfile.mkdtemp(prefix="hh-")  # short: the names of sockets have a limit
    environment = {**ENVIRONMENT, "HOME": folder, "PATH": f"{BIN}:/usr/bin:/bin"}
    try:
        with (
            in_a_terminal(f"{head} --temp-dir={folder}", shards, environment),
            in_a_terminal(node, shards, environment),
        ):
            done = shell(run, shards, HOME=folder)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert shell("hh-run 'hh-parse | hh-unpack-kto --for trl' 'raw/*.jsonl.gz' -O kto", shards).returncode == 0
    assert shell("diff -r kto on-ray -x _hh", shards).stdout == ""
