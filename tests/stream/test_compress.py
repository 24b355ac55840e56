from __future__ import annotations

import gzip
import os
import socket
import time
import zlib
from pathlib import Path

import pytest

from tests.dialogues import pair
from tests.shell import FILTERS, SAMPLE, hh, jsonl, shell

RECORD = jsonl(pair())


@pytest.mark.parametrize(("name", "unpack"), [("x.jsonl.gz", "zcat"), ("x.jsonl.zst", "zstd -dc")])
def test_a_file_is_compressed_as_it_is_named(name: str, unpack: str, tmp_path: Path) -> None:
    if shell(f"command -v {unpack.split()[0]}", tmp_path).returncode:
        pytest.skip(f"{unpack.split()[0]} is not installed")
    plain = hh("hh-parse", SAMPLE).stdout
    packed = []
    for _ in range(2):
        assert hh("hh-parse", "-o", tmp_path / name, SAMPLE).returncode == 0
        packed.append((tmp_path / name).read_bytes())
        time.sleep(1.1)
    assert packed[0] == packed[1]
    assert len(packed[0]) < len(plain) / 2
    assert shell(f"{unpack} {name}", tmp_path).stdout.encode() == plain
    assert hh("hh-filter-singleturn", tmp_path / name, "-v").stderr.startswith(b"hh-filter-singleturn: 40 read, ")


def test_an_old_archive_is_kept_on_failure(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(b"old")
    assert hh("hh-filter-singleturn", "-o", path, stdin=RECORD + b"7\n").returncode == 65
    assert path.read_bytes() == b"old"


def test_no_clobber_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    assert hh("hh-filter-singleturn", "--no-clobber", "-o", path, stdin=RECORD).returncode == 0
    done = hh("hh-filter-singleturn", "--no-clobber", "-o", path, stdin=RECORD + RECORD)
    assert done.returncode == 73
    assert b"it exists, and --no-clobber keeps it" in done.stderr
    assert path.read_bytes() == RECORD


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    here = f"{zlib.crc32(socket.gethostname().encode()):08x}"
    there = f"{zlib.crc32(b'another'):08x}"
    stays = [
        f".x.jsonl.{here}.1.tmp",
        f".x.jsonl.{there}.999999999.tmp",
        f".y.jsonl.{here}.999999999.tmp",
        ".x.jsonl.tmp",
    ]
    goes = [f".x.jsonl.{here}.999999999.tmp", f".x.jsonl.{there}.888888888.tmp"]
    for name in stays + goes:
        (tmp_path / name).write_bytes(b"half")
    os.utime(tmp_path / goes[1], (0, 0))  # of another machine, and days old
    assert hh("hh-filter-singleturn", "-o", tmp_path / "x.jsonl", stdin=RECORD).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*stays, "x.jsonl"])


PIPE = "hh-parse {} | hh-filter-singleturn | hh-unpack-kto -o out.jsonl"


def test_a_checked_pipe_gives_the_same_rows(tmp_path: Path) -> None:
    written = []
    for checked in ("", "1"):
        done = shell(PIPE.format(SAMPLE), tmp_path, HH_CHECKED=checked)
        assert (done.returncode, done.stderr) == (0, "")
        written.append((tmp_path / "out.jsonl").read_bytes())
    assert written[0] == written[1]
    framed = shell(f"hh-parse {SAMPLE} | cat > framed", tmp_path, HH_CHECKED="1")
    assert framed.returncode == 0
    assert gzip.decompress((tmp_path / "framed").read_bytes()) == hh("hh-parse", SAMPLE).stdout


@pytest.mark.parametrize("delay", ["0", "0.02", "0.05", "0.1", "0.3", "0.6"])
def test_a_kill_upstream_is_heard_in_a_checked_pipe(delay: str, tmp_path: Path) -> None:
    """At any moment, from the very start."""
    first = f"(exec hh-parse - < fifo) & killed=$!; exec 3> fifo; zcat {SAMPLE} >&3; sleep {delay}; kill -9 $killed"
    script = (
        f"mkfifo fifo; set +e; ({first}; wait $killed 2> /dev/null) | hh-filter-singleturn | hh-unpack-kto -o out.jsonl"
    )
    done = shell(f"{script}; echo ${{PIPESTATUS[@]: -2}}", tmp_path, HH_CHECKED="1")
    assert done.stdout == "74 74\n"
    assert not (tmp_path / "out.jsonl").exists()
    assert "hh-unpack-kto: stdin" in done.stderr


@pytest.mark.parametrize("command", FILTERS)
def test_an_early_end_gives_its_reason_in_a_checked_pipe(command: str, tmp_path: Path) -> None:
    done = shell(f"set +e; {command} --nothing 2> told | hh-parse | cat > out", tmp_path, HH_CHECKED="1")
    assert f"{command} ended with exit code 2" in done.stderr


def test_a_slow_producer_is_served_at_once_through_a_frame(tmp_path: Path) -> None:
    slow = f"(zcat {SAMPLE} | head -n 1; sleep 2; echo 7)"
    script = f"{slow} | hh-parse 2> x | hh-filter-singleturn > out 2> y & sleep 1.2; wc -l < out; wait"
    assert shell(script, tmp_path, HH_CHECKED="1").stdout.split()[0] == "1"
