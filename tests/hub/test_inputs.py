"""``hf://`` in any command: what is fetched once, what is asked again, what is read without any network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub.loopback import FILES, REPOSITORY, Faults, LoopbackHub, sha256
from tests.shell import ENVIRONMENT, Done, hh, rows

URL = f"hf://datasets/{REPOSITORY}"
TEST = f"{URL}/harmless-base/test.jsonl.gz"
NO_NETWORK = {"HF_ENDPOINT": "http://127.0.0.1:1"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def parse(hub: LoopbackHub, home: Path, *argv: str, **environment: str) -> Done:
    return hh("hh-parse", *argv, **{**hub.environment, "HF_HOME": str(home), **environment})


def blobs(home: Path) -> Path:
    return home / "hhtools" / "datasets" / REPOSITORY / "blobs"


def test_a_pattern_is_listed_once_and_read_in_order_with_its_sources(hub: LoopbackHub, home: Path) -> None:
    report = home.parent / "report"
    done = parse(hub, home, f"{URL}/*/t*.jsonl.gz", "--report", str(report))
    assert (done.returncode, done.stderr) == (0, b"")
    assert [row["source"] for row in rows(done.stdout)] == ["harmless-base"] * 80 + ["helpful-base"] * 120
    given = json.loads(report.read_bytes())["inputs"]
    assert [(entry["name"], entry["records"], entry["end"]) for entry in given] == [
        (f"{URL}@{hub.main}/harmless-base/test.jsonl.gz", 40, "verified"),
        (f"{URL}@{hub.main}/harmless-base/train.jsonl.gz", 40, "verified"),
        (f"{URL}@{hub.main}/helpful-base/test.jsonl.gz", 40, "verified"),
        (f"{URL}@{hub.main}/helpful-base/train.jsonl.gz", 80, "verified"),
    ]
    asked = hub.log()
    assert [line for line in asked if "/tree/" in line] == ["hub GET /api/datasets/REPO/tree/HASH?recursive=true"]
    assert len([line for line in asked if line.startswith("storage")]) == 2  # three of the files are the same


def test_plain_files_have_a_verified_end_too(hub: LoopbackHub, home: Path) -> None:
    done = hh("hh-filter-singleturn", f"{URL}/small.jsonl", HF_HOME=str(home), **hub.environment)
    assert (done.returncode, done.stdout) == (0, FILES["small.jsonl"])


def test_a_second_run_only_asks_whether_it_is_still_that(hub: LoopbackHub, home: Path) -> None:
    first = parse(hub, home, TEST)
    hub.asked.clear()
    assert parse(hub, home, TEST) == first
    assert hub.log() == ["hub HEAD /datasets/REPO/resolve/main/harmless-base/test.jsonl.gz"]


def test_a_file_of_a_commit_needs_no_hub(hub: LoopbackHub, home: Path) -> None:
    first = parse(hub, home, TEST)
    at_commit = TEST.replace(REPOSITORY, f"{REPOSITORY}@{hub.main}")
    assert parse(hub, home, at_commit, **NO_NETWORK) == first
    assert parse(hub, home, at_commit.replace("test", "train"), **NO_NETWORK).returncode == 75


def test_what_changes_is_fetched_and_what_does_not_is_not(hub: LoopbackHub, home: Path) -> None:
    parse(hub, home, TEST)
    old = hub.main
    hub.commit({**FILES, "README.md": b"changed"})
    hub.asked.clear()
    assert len(rows(parse(hub, home, TEST).stdout)) == 40
    assert hub.gets() == []
    hub.commit({**FILES, "harmless-base/test.jsonl.gz": FILES["helpful-base/train.jsonl.gz"]})
    assert len(rows(parse(hub, home, TEST).stdout)) == 80
    assert len(rows(parse(hub, home, TEST.replace(REPOSITORY, f"{REPOSITORY}@{old}"), **NO_NETWORK).stdout)) == 40


def test_a_spoiled_copy_is_never_read(hub: LoopbackHub, home: Path) -> None:
    first = parse(hub, home, TEST)
    (blob,) = blobs(home).iterdir()
    at_commit = TEST.replace(REPOSITORY, f"{REPOSITORY}@{hub.main}")
    for url in (TEST, at_commit):
        blob.write_bytes(blob.read_bytes()[:-1] + b"x")
        assert parse(hub, home, url) == first
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    done = parse(hub, home, at_commit, **NO_NETWORK)
    assert (done.returncode, done.stdout) == (75, b"")


def test_what_comes_wrong_is_never_read(hub: LoopbackHub, home: Path) -> None:
    hub.faults = Faults(flip=True)
    done = parse(hub, home, TEST)
    assert (done.returncode, done.stdout) == (74, b"")
    assert f"came 2 times with another sha256 checksum than {sha256(FILES['harmless-base/test.jsonl.gz'])}" in (
        done.stderr.decode()
    )
    assert list(blobs(home).iterdir()) == []


def test_a_fetch_that_broke_off_is_gone_on_with(hub: LoopbackHub, home: Path) -> None:
    content = FILES["helpful-base/train.jsonl.gz"]
    blobs(home).mkdir(parents=True)
    (blobs(home) / f".{sha256(content)[:50]}.{sha256(content)[:16]}.part").write_bytes(content[:1000])
    assert len(rows(parse(hub, home, f"{URL}/helpful-base/train.jsonl.gz").stdout)) == 80
    assert hub.gets() == ["bytes=1000-"]
    assert os.listdir(blobs(home)) == [sha256(content)]


def test_what_is_missing_is_found_out_before_the_first_record(hub: LoopbackHub, home: Path) -> None:
    done = parse(hub, home, TEST, f"{URL}/*/none*")
    assert (done.returncode, done.stdout) == (66, b"")
    assert done.stderr.decode() == f"hh-parse: {URL}@main/*/none*: matches no file\n"
    done = parse(hub, home, f"{URL}/none.jsonl")
    assert (done.returncode, done.stdout) == (66, b"")
    assert done.stderr.decode().startswith(f"hh-parse: {URL}@main/none.jsonl: there is no such file or folder; see ")


def test_a_cache_that_cannot_be_written_is_told(hub: LoopbackHub, home: Path) -> None:
    home.write_bytes(b"a file")
    done = parse(hub, home, TEST)
    assert done.returncode == 73
    assert done.stderr.startswith(f"hh-parse: {home}/hhtools/datasets/".encode())


def test_the_hub_cannot_be_written_to(hub: LoopbackHub, home: Path) -> None:
    done = parse(hub, home, "-o", f"{URL}/x.jsonl")
    assert done.returncode == 2
    assert b"hf:// cannot be written" in done.stderr


def test_python_reads_it_as_the_commands_do(hub: LoopbackHub, home: Path) -> None:
    code = f"from hhtools import read_pairs; print(len(list(read_pairs({TEST!r}))))"
    environment = {**ENVIRONMENT, **hub.environment, "HF_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "40\n"
