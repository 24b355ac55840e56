from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.outputs import Descriptor, Output, write_file
from tests.shell import ENVIRONMENT, SAMPLE, hh, open_descriptors, shell

ROWS = [b"1\n", b"2\n", b"3\n"]


def test_a_file_appears_on_commit(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    output = Output(str(path))
    output.write_all(ROWS)
    output.flush()
    assert not path.exists()
    output.commit()
    assert path.read_bytes() == b"1\n2\n3\n"
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_an_abandoned_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old\n")
    before = open_descriptors()
    output = Output(str(path))
    output.write_all(ROWS)
    output.flush()
    output.abandon()
    assert path.read_bytes() == b"old\n"
    assert os.listdir(tmp_path) == ["out.jsonl"]
    assert open_descriptors() == before


def test_the_mode_of_the_old_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old\n")
    path.chmod(0o640)
    write_file(str(path), b"new\n")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new\n", 0o640)


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old\n")
    (tmp_path / "link").symlink_to("target")
    write_file(str(tmp_path / "link"), b"new\n")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new\n"


def test_a_device_is_written_and_never_replaced() -> None:
    write_file("/dev/null", b"new\n")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_what_cannot_be_created_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="cannot be created: No such file or directory") as caught:
        Output(str(tmp_path / "none" / "out"))
    assert caught.value.code == Exit.NO_OUTPUT


def test_rows_that_were_not_taken_are_counted(tmp_path: Path) -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    output = Output(str(tmp_path / "out"))
    output._descriptor = Descriptor(descriptor)
    output.write_all(ROWS)
    with pytest.raises(Fault, match="write error: No space left on device"):
        output.flush()
    output.write_all(ROWS)
    output.flush()  # nothing is written behind the gap
    assert output.kept(6) == 0
    os.close(descriptor)


def test_a_full_disk_ends_the_run_with_its_own_code() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            ["hh-parse", str(SAMPLE)], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False, timeout=60
        )
    assert (done.returncode, done.stderr) == (74, b"hh-parse: write error: No space left on device\n")


def test_a_closed_standard_output_is_told(tmp_path: Path) -> None:
    done = shell(f"hh-parse {SAMPLE} >&-", tmp_path)
    assert (done.returncode, done.stderr) == (74, "hh-parse: standard output is closed\n")


def test_head_ends_a_pipe_in_silence(tmp_path: Path) -> None:
    done = shell(
        f"set +o pipefail; hh-parse {' '.join([str(SAMPLE)] * 200)} | head -n 1 > x; echo ${{PIPESTATUS[0]}}", tmp_path
    )
    assert (done.stdout, done.stderr) == ("141\n", "")


def test_a_reader_that_does_not_block_gets_every_byte(tmp_path: Path) -> None:
    """Standard output shared with a program that made it non-blocking, and a slow reader."""
    script = f"""
import fcntl, os, subprocess, sys, time
reader, writer = os.pipe()
fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
run = subprocess.Popen(["hh-parse", *["{SAMPLE}"] * 30], stdout=writer)
os.close(writer)
time.sleep(0.5)
size = 0
while piece := os.read(reader, 65536):
    size += len(piece)
sys.exit(run.wait() or print(size) or 0)
"""
    (tmp_path / "slow.py").write_text(script)
    done = shell("python slow.py", tmp_path, PYTHONUNBUFFERED="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) == 30 * len(hh("hh-parse", SAMPLE).stdout)
