"""Whatever goes wrong on the way, a file appears whole and right, or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from hhtools.hub.checksums import Checksum
from hhtools.hub.part import Part
from tests.hub.loopback import LARGE, Faults, LoopbackHub, Refused, sha256
from tests.shell import BIN, ENVIRONMENT, Done, hh, shell

REPOSITORY = "Anthropic/hh-rlhf@main"
PART = f".large.gz.{sha256(LARGE)[:16]}.part"
HALF = 5 << 15


def fetch(hub: LoopbackHub, folder: Path, *argv: str) -> Done:
    return hh("hh-fetch", REPOSITORY, "large.gz", "-O", folder, *argv, HF_TOKEN="hf_secret", **hub.environment)


# (what goes wrong, how often the storage is asked from which byte on)
HEALS: dict[str, tuple[dict[str, Any], list[str | None]]] = {
    "nothing": ({}, [None]),
    "drops": ({"drop_after": 98_304, "times": 3}, [None, "bytes=98304-", "bytes=196608-", "bytes=294912-"]),
    "drops that bring little": (
        {"drop_after": 32_768, "times": 4},
        [None, *(f"bytes={32768 * n}-" for n in (1, 2, 3, 4))],
    ),
    "a server without ranges": (
        {"drop_after": 98_304, "ignore_range": True, "times": 1},
        [None, "bytes=98304-"],
    ),
    "silence": ({"drop_after": 98_304, "stall": 3, "times": 1}, [None, "bytes=98304-"]),
    "a flipped bit": ({"flip": True, "times": 1}, [None, None]),
    "an expired signature": ({"storage_refuses": 403, "times": 2}, [None, None, None]),
    "a storage in trouble": ({"storage_refuses": 503, "times": 1}, [None, None]),
    "a connection that is closed unanswered": ({"break_off_unanswered": True, "times": 1}, [None]),
    "a Hub in trouble": ({"refuse": Refused(503), "times": 1}, [None]),
    "a Hub that is asked too often": ({"refuse": Refused(429), "times": 1}, [None]),
}


@pytest.mark.parametrize(("faults", "gets"), HEALS.values(), ids=HEALS)
def test_what_heals_itself(hub: LoopbackHub, faults: dict[str, Any], gets: list[str | None], tmp_path: Path) -> None:
    hub.faults = Faults(**faults)
    done = fetch(hub, tmp_path, "--timeout", "1")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"{tmp_path}/large.gz\n", b"")
    assert (tmp_path / "large.gz").read_bytes() == LARGE
    assert os.listdir(tmp_path) == ["large.gz"]
    assert hub.gets() == gets


STAYS_WRONG: dict[str, tuple[dict[str, Any], int, str, list[str]]] = {
    "a flipped bit": (
        {"flip": True},
        74,
        f"came 2 times with another sha256 checksum than {sha256(LARGE)}: damaged on its way or on the server",
        [],
    ),
    "no ranges, and drops": (
        {"drop_after": HALF, "ignore_range": True},
        75,
        "the connection broke off; try again",
        [PART],
    ),
    "ranges that are others": (
        {"drop_after": HALF, "other_range": True, "times": 1},
        75,
        "the server gives other bytes than those it was asked for",
        [PART],
    ),
    "an expired signature": (
        {"storage_refuses": 403},
        75,
        "the storage of the Hub does not give it (403); try again",
        [],
    ),
}


@pytest.mark.parametrize(("faults", "code", "told", "left"), STAYS_WRONG.values(), ids=STAYS_WRONG)
def test_what_stays_wrong_is_never_published(
    hub: LoopbackHub, faults: dict[str, Any], code: int, told: str, left: list[str], tmp_path: Path
) -> None:
    hub.faults = Faults(**faults)
    done = fetch(hub, tmp_path)
    url = f"hf://datasets/Anthropic/hh-rlhf@{hub.main}/large.gz"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (code, b"", f"hh-fetch: {url}: {told}\n")
    assert os.listdir(tmp_path) == left
    hub.faults = Faults()
    assert fetch(hub, tmp_path).returncode == 0
    assert (tmp_path / "large.gz").read_bytes() == LARGE


# What lies there already

THERE = {
    "the file": (LARGE, []),
    "a flipped bit": (LARGE[:-1] + b"x", [None]),
    "half of it": (LARGE[:HALF], [None]),
    "another file": (b"other", [None]),
}


@pytest.mark.parametrize(("content", "gets"), THERE.values(), ids=THERE)
def test_only_what_is_right_is_left_alone(
    hub: LoopbackHub, content: bytes, gets: list[str | None], tmp_path: Path
) -> None:
    (tmp_path / "large.gz").write_bytes(content)
    assert fetch(hub, tmp_path).returncode == 0
    assert (tmp_path / "large.gz").read_bytes() == LARGE
    assert hub.gets() == gets


PARTS = {
    "a good one": (LARGE[:HALF], [f"bytes={HALF}-"]),
    "a whole one": (LARGE, []),
    "a spoiled one": (b"x" + LARGE[1:HALF], [f"bytes={HALF}-", None]),
    "too long a one": (LARGE + b"x", [None]),
}


@pytest.mark.parametrize(("content", "gets"), PARTS.values(), ids=PARTS)
def test_a_part_is_gone_on_with_or_found_out(
    hub: LoopbackHub, content: bytes, gets: list[str | None], tmp_path: Path
) -> None:
    (tmp_path / PART).write_bytes(content)
    assert fetch(hub, tmp_path).returncode == 0
    assert (tmp_path / "large.gz").read_bytes() == LARGE
    assert os.listdir(tmp_path) == ["large.gz"]
    assert hub.gets() == gets


def test_a_part_of_another_content_is_not_used_and_goes(hub: LoopbackHub, tmp_path: Path) -> None:
    (tmp_path / f".large.gz.{'0' * 16}.part").write_bytes(b"x" * HALF)
    (tmp_path / f".large.{'0' * 16}.part").write_bytes(b"of a file of another name")
    assert fetch(hub, tmp_path).returncode == 0
    assert sorted(os.listdir(tmp_path)) == [f".large.{'0' * 16}.part", "large.gz"]


def test_a_link_stays_and_what_it_points_to_is_replaced(hub: LoopbackHub, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "large.gz").symlink_to(tmp_path / "elsewhere" / "large.gz")
    assert fetch(hub, tmp_path).returncode == 0
    assert (tmp_path / "large.gz").is_symlink()
    assert (tmp_path / "elsewhere" / "large.gz").read_bytes() == LARGE


# Processes that die, and that meet


def start(hub: LoopbackHub, folder: Path) -> subprocess.Popen[bytes]:
    argv = [str(BIN / "hh-fetch"), REPOSITORY, "large.gz", "-O", str(folder)]
    return subprocess.Popen(
        argv, env={**ENVIRONMENT, **hub.environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def start_and_stall(hub: LoopbackHub, folder: Path) -> subprocess.Popen[bytes]:
    """Start a fetch, and return when half of the file is there and no more comes."""
    hub.faults = Faults(drop_after=HALF, times=1, stall=30)
    running = start(hub, folder)
    while not (folder / PART).exists() or (folder / PART).stat().st_size < HALF:
        assert running.poll() is None
        time.sleep(0.01)
    return running


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_fetch_that_is_killed_is_gone_on_with(hub: LoopbackHub, signum: signal.Signals, tmp_path: Path) -> None:
    with start_and_stall(hub, tmp_path) as running:
        running.send_signal(signum)
        assert running.communicate() == (b"", b"")
    assert running.returncode == -signum
    assert os.listdir(tmp_path) == [PART]
    assert fetch(hub, tmp_path).returncode == 0
    assert (tmp_path / "large.gz").read_bytes() == LARGE
    assert hub.gets() == [None, f"bytes={HALF}-"]
    hub.faults.released.set()


@pytest.mark.parametrize("first_dies", [False, True])
def test_two_fetches_of_one_file_share_it(hub: LoopbackHub, first_dies: bool, tmp_path: Path) -> None:
    with start_and_stall(hub, tmp_path) as first, start(hub, tmp_path) as second:
        if first_dies:
            first.kill()
        hub.faults.released.set()
        assert [first.wait(), second.wait()] == [-9 if first_dies else 0, 0]
    assert (tmp_path / "large.gz").read_bytes() == LARGE
    assert os.listdir(tmp_path) == ["large.gz"]
    assert hub.gets() == [None, f"bytes={HALF}-"]


def test_without_locks_each_process_has_a_part_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(_fd: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    part = Part(str(tmp_path / "large.gz"), Checksum("sha256", sha256(LARGE)), len(LARGE))
    part.add(LARGE)
    assert part.is_right()
    assert f"{PART}.{os.uname().nodename}.{os.getpid()}" in os.listdir(tmp_path)
    part.publish()
    part.close()
    assert (tmp_path / "large.gz").read_bytes() == LARGE


# Places that take no file


def test_a_full_disk_is_told_and_the_next_fetch_goes_on(hub: LoopbackHub, tmp_path: Path) -> None:
    limited = f"ulimit -f 160; exec hh-fetch {REPOSITORY} large.gz -O data"
    done = shell(limited, tmp_path, **hub.environment)
    assert (done.returncode, done.stderr) == (74, "hh-fetch: data/large.gz: write error: File too large\n")
    assert os.listdir(tmp_path / "data") == [PART]
    assert fetch(hub, tmp_path / "data").returncode == 0
    assert hub.gets() == [None, f"bytes={160 << 10}-"]


def test_what_cannot_be_created(hub: LoopbackHub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "large.gz").mkdir()
    for folder, target, told in [
        (tmp_path / "file", tmp_path / "file" / "large.gz", "File exists"),
        (tmp_path, tmp_path / "large.gz", "what is there is no file"),
    ]:
        done = fetch(hub, folder)
        assert (done.returncode, done.stderr.decode()) == (73, f"hh-fetch: {target}: cannot be created: {told}\n")
    assert sorted(os.listdir(tmp_path)) == ["file", "large.gz"]
