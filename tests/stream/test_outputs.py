from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.outputs import Output, write_file
from tests.every_command import typed
from tests.shell import COMMANDS, ENVIRONMENT, FILTERS, SAMPLE, hh, open_descriptors, shell

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


def test_what_an_earlier_process_of_the_same_number_has_left_is_removed(tmp_path: Path) -> None:
    """In a container, processes have the same numbers in every run."""
    path = tmp_path / "out.jsonl"
    first = Output(str(path))
    (name,) = os.listdir(tmp_path)
    left = re.sub(r"[0-9a-f]{8}\.tmp$", "00000000.tmp", name)
    assert str(os.getpid()) in left
    (tmp_path / left).write_bytes(b"half")
    second = Output(str(path))
    assert name in os.listdir(tmp_path)
    assert left not in os.listdir(tmp_path)
    for number, output in enumerate((first, second)):
        output.write_all([b"%d\n" % number])
        output.commit()
        output.close()
    assert (os.listdir(tmp_path), path.read_bytes()) == (["out.jsonl"], b"1\n")


def test_an_abandoned_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old\n")
    before = open_descriptors()
    output = Output(str(path))
    output.write_all(ROWS)
    output.flush()
    output.close()
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


def test_rows_that_were_not_taken_are_counted() -> None:
    output = Output("/dev/full")
    output.write_all(ROWS)
    with pytest.raises(Fault, match="/dev/full: write error: No space left on device"):
        output.flush()
    output.write_all(ROWS)
    output.flush()  # nothing is written behind the gap
    assert output.kept(6) == 0


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


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "-"])
def test_standard_output_by_name_is_not_written_from_its_start_again(name: str, tmp_path: Path) -> None:
    done = shell(f"echo before > x; hh-parse {SAMPLE} -o {name} >> x; wc -l < x", tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("41", "")


def test_bad_records_and_a_report_may_go_to_standard_error(tmp_path: Path) -> None:
    script = (
        f"(cat {SAMPLE} | zcat; echo 7) | hh-parse -q --bad /dev/stderr --report /dev/stderr 2>> log > out; cat log"
    )
    (tmp_path / "log").write_text("before\n")
    done = shell(script, tmp_path)
    assert done.stdout.startswith('before\n{"source":"stdin","line":41,')
    assert '"used": 40,' in done.stdout


@pytest.mark.parametrize("command", FILTERS)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_nothing_takes_the_place_of_a_closed_descriptor(command: str, closed: str, tmp_path: Path) -> None:
    """With --bad, -o and --report, files are opened while 0, 1 or 2 is free."""
    (tmp_path / "x.jsonl").write_bytes(b"7\n8\n")
    named = shell(f"{typed(command)} --bad bad -o out --report report x.jsonl {closed}", tmp_path)
    assert named.returncode == 3
    assert [json.loads(line)["raw"] for line in (tmp_path / "bad").read_text().splitlines()] == ["7", "8"]
    assert json.loads((tmp_path / "report").read_text())["read"] == 2
    path = "x.jsonl" if "<" not in closed else ""
    piped = shell(f"{typed(command)} --bad bad --report report {path} {closed}", tmp_path)
    if "<" in closed or ">&-" in closed.split():
        assert piped.returncode == (74 if ">&-" in closed.split() else 66)
        assert not (tmp_path / "bad").read_text()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("argument", ["--help", "--version"])
@pytest.mark.parametrize(("redirect", "code"), [("> /dev/full", 74), (">&-", 74), ("| true", 141)])
def test_help_that_nobody_gets_is_no_success(
    command: str, argument: str, redirect: str, code: int, tmp_path: Path
) -> None:
    late = "sleep 0.2; " if "|" in redirect else ""
    done = shell(f"set +eo pipefail; ({late}{command} {argument}; echo $? > code) {redirect}", tmp_path)
    assert (tmp_path / "code").read_text() == f"{code}\n"
    assert "internal error" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_broken_pipe_for_bad_records_is_told(tmp_path: Path) -> None:
    done = shell("set +e; echo 7 | hh-parse --bad >(true) > out; echo $?", tmp_path)
    assert done.stdout in {"74\n", "3\n"}  # the reader may be gone before the write, or just behind it
