"""What becomes of the files of a split; tests/commands/test_split.py has which record goes where."""

from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.archives import zstd
from tests.every_command import peak_memory
from tests.faults.machine import Machine, Strike
from tests.shell import BIN, ENVIRONMENT, hh, jsonl, rows, shell

QUESTIONS = [{"prompt": f"question {number}", "id": number} for number in range(20)]
GIVEN = jsonl(*QUESTIONS)
SPLIT = ["hh-split", "--test", "0.25", "--validation", "0.25"]
IDS = {"train": [4, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19], "validation": [0, 2, 6, 12], "test": [1, 3, 5, 16]}
NEW = {f"{part}.jsonl": jsonl(*[QUESTIONS[number] for number in ids]) for part, ids in IDS.items()}
OLD = dict.fromkeys(NEW, b"old\n")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def with_old_files(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in OLD.items():
        (folder / name).write_bytes(content)
    return folder


# What works


def test_all_files_are_written_and_counted(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "if need be"
    done = hh(*SPLIT, "-O", folder, "-v", "--report", tmp_path / "report", stdin=GIVEN)
    assert (done.returncode, done.stdout, files(folder)) == (0, b"", NEW)
    assert done.stderr == (
        b"hh-split: 20 read, 20 used, 0 dropped, 0 bad; 20 rows written; train 12, validation 4, test 4\n"
    )
    report = json.loads((tmp_path / "report").read_bytes())
    assert (report["read"], report["used"], report["written"], report["complete"]) == (20, 20, 20, True)
    assert report["notes"] == {"train": 12, "validation": 4, "test": 4}


@pytest.mark.parametrize(("packing", "unpack"), [("gz", gzip.decompress), ("zst", zstd.decompress)])
def test_compressed_files_are_named_so_and_the_same_each_time(packing: str, unpack: Any, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        assert hh(*SPLIT, "--compress", packing, "-O", tmp_path / folder, stdin=GIVEN).returncode == 0
    assert files(tmp_path / "one") == files(tmp_path / "two")
    found = {name: unpack(content) for name, content in files(tmp_path / "one").items()}
    assert found == {f"{name}.{packing}": content for name, content in NEW.items()}


@pytest.mark.parametrize("stdin", [b"", b"\n", b"[]"], ids=["nothing", "a blank line", "an empty array"])
def test_a_part_without_records_is_an_empty_file(stdin: bytes, tmp_path: Path) -> None:
    assert hh(*SPLIT, "-O", tmp_path, stdin=stdin).returncode == 0
    assert files(tmp_path) == dict.fromkeys(NEW, b"")
    assert hh(*SPLIT, "-O", tmp_path, "--compress", "gz", stdin=stdin).returncode == 0
    assert gzip.decompress((tmp_path / "test.jsonl.gz").read_bytes()) == b""


def test_a_limit_stops_after_so_many_records(tmp_path: Path) -> None:
    assert hh(*SPLIT, "-n", "3", "-O", tmp_path, stdin=GIVEN[:200] + b"not JSON").returncode == 0
    assert {name: len(rows(content)) for name, content in files(tmp_path).items()} == {
        "train.jsonl": 0,
        "validation.jsonl": 2,
        "test.jsonl": 1,
    }


def test_many_inputs_are_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(jsonl(*QUESTIONS[:7]))
    (tmp_path / "b").write_bytes(gzip.compress(jsonl(*QUESTIONS[7:])))
    done = hh(*SPLIT, "-O", f"file://{tmp_path}/parts", tmp_path / "a", tmp_path / "b")
    assert (done.returncode, files(tmp_path / "parts")) == (0, NEW)


def test_old_files_are_replaced_or_kept(tmp_path: Path) -> None:
    with_old_files(tmp_path)
    (tmp_path / "train.jsonl").unlink()
    done = hh(*SPLIT, "--no-clobber", "-O", tmp_path, stdin=GIVEN)
    assert (done.returncode, sorted(files(tmp_path))) == (73, ["test.jsonl", "validation.jsonl"])
    assert b"validation.jsonl: cannot be created: it exists, and --no-clobber keeps it" in done.stderr
    assert hh(*SPLIT, "-O", tmp_path, stdin=GIVEN).returncode == 0
    assert files(tmp_path) == NEW


def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    small, large = (
        peak_memory([*SPLIT, "-O", str(tmp_path)], {"prompt": "q" * 100, "id": 1}, copies) for copies in (1000, 100_000)
    )
    assert large < small + 2048


# What does not


def test_a_bad_record_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    folder = with_old_files(tmp_path / "parts")
    done = hh(*SPLIT, "-O", folder, "--report", tmp_path / "report", stdin=GIVEN + b"7\n" + GIVEN)
    assert (done.returncode, files(folder)) == (65, OLD)
    told = "".join(f"; {folder}/{name} is left as it was" for name in NEW)
    assert done.stderr.decode().startswith("hh-split: stdin:21: not-object: ")
    assert done.stderr.decode().endswith(told + "\n")
    report = json.loads((tmp_path / "report").read_bytes())
    assert (report["read"], report["bad"], report["written"]) == (21, {"not-object": 1}, 0)


def test_bad_records_are_set_aside(tmp_path: Path) -> None:
    given = GIVEN + b"7\n{}\n"
    done = hh(*SPLIT, "-O", tmp_path / "parts", "--bad", tmp_path / "bad", stdin=given)
    assert (done.returncode, files(tmp_path / "parts")) == (0, NEW)
    assert [entry["reason"] for entry in rows((tmp_path / "bad").read_bytes())] == ["not-object", "missing-field"]
    done = hh(*SPLIT, "-O", tmp_path / "other", "--max-bad", "1", stdin=given)
    assert (done.returncode, files(tmp_path / "other")) == (3, {})
    done = hh(*SPLIT, "-O", tmp_path / "other", "--max-bad", "2", stdin=b"7\n{}\n")
    assert (done.returncode, b"nothing could be used" in done.stderr, files(tmp_path / "other")) == (3, True, {})


def test_bad_records_and_reports_of_a_pipe_go_into_folders(tmp_path: Path) -> None:
    folders = {"HH_BAD_DIR": str(tmp_path / "bad"), "HH_REPORT_DIR": str(tmp_path / "reports")}
    done = hh(*SPLIT, "-O", tmp_path / "parts", stdin=GIVEN + b"7\n", **folders)
    assert (done.returncode, files(tmp_path / "parts")) == (0, NEW)
    assert len(list((tmp_path / "bad").glob("hh-split.*.jsonl"))) == 1
    assert len(list((tmp_path / "reports").glob("hh-split.*.json"))) == 1


def test_an_early_end_upstream_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    folder = with_old_files(tmp_path / "parts")
    script = f"set +o pipefail; (echo '{{}}'; echo 7) | hh-sample --rate 1 | {' '.join(SPLIT)} -O parts --max-bad 9"
    done = shell(script, tmp_path)
    assert (done.returncode, files(folder)) == (74, OLD)
    assert "the program before this one stopped: hh-sample ended with exit code 65" in done.stderr


def test_a_cut_archive_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    folder = with_old_files(tmp_path)
    done = hh(*SPLIT, "-O", folder, stdin=gzip.compress(GIVEN)[:-9])
    assert (done.returncode, files(folder)) == (74, OLD)


# (what is typed behind hh-split --test ..., exit code, what is said)
REFUSALS = {
    "an output is an input": ("-O . train.jsonl", 2, "-O (train): ./train.jsonl is an input"),
    "an output by another name is an input": ("-O . link", 2, "-O (train): ./train.jsonl is an input"),
    "bad records among the parts": ("-O . --bad test.jsonl x", 2, "--bad and -O (test) name the same file"),
    "two parts in one file": ("-O linked x", 2, "-O (validation) and -O (train) name the same file"),
    "a folder that is a file": ("-O x x", 73, "-O: x: cannot be made: File exists"),
    "a folder that cannot be made": ("-O /proc/parts x", 73, "-O: /proc/parts: cannot be made"),
    "a part that is a folder": ("-O folders x", 73, "-O (train): folders/train.jsonl: is a folder"),
    "a folder of another scheme": ("-O https://host/parts x", 2, "https:// cannot be written"),
    "no such input": ("-O . nothing", 66, "nothing: cannot be opened"),
}


@pytest.mark.parametrize(("typed", "code", "message"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused(typed: str, code: int, message: str, tmp_path: Path) -> None:
    with_old_files(tmp_path)
    (tmp_path / "x").write_bytes(GIVEN)
    (tmp_path / "link").symlink_to("train.jsonl")
    (tmp_path / "folders" / "train.jsonl").mkdir(parents=True)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "validation.jsonl").symlink_to("train.jsonl")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    done = shell(f"{' '.join(SPLIT)} {typed}", tmp_path)
    assert done.returncode == code
    assert message in done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    assert all((tmp_path / name).read_bytes() == content for name, content in OLD.items())


def test_a_disk_that_is_full_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(GIVEN)
    done = shell(f"ulimit -f 0; {' '.join(SPLIT)} -O parts x", tmp_path)
    assert (done.returncode, files(tmp_path / "parts")) == (74, {})
    assert "train.jsonl: write error: File too large; parts/train.jsonl is left as it was" in done.stderr


@given(stdin=st.binary(max_size=40) | st.lists(st.sampled_from([GIVEN, b"7", b"", b"{}\n", b"\0"])).map(b"".join))
@settings(max_examples=30)
def test_no_traceback_for_any_bytes_on_standard_input(stdin: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("parts")
    done = hh(*SPLIT, "-O", folder, stdin=stdin)
    assert done.returncode in {0, 65, 66, 74}
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    assert sorted(files(folder)) == (sorted(NEW) if done.returncode == 0 else [])


# Faults of the machine, and signals

FAILURES = [("write", errno.ENOSPC), ("fsync", errno.EIO), ("open", errno.EMFILE), ("read", errno.EIO)]


def prepared(folder: Path) -> list[str]:
    """Make a folder with an input, and old files in another; give the command line of a split."""
    folder.mkdir()
    (folder / "x").write_bytes(GIVEN)
    with_old_files(folder / "parts")
    return [*SPLIT, "-O", "parts", "x"]


@pytest.mark.parametrize(("call", "error"), FAILURES, ids=[call for call, _ in FAILURES])
def test_what_fails_before_the_first_file_appears_leaves_them_all_as_they_were(
    machine: Machine, call: str, error: int, tmp_path: Path
) -> None:
    for number in count(1):
        folder = tmp_path / str(number)
        ended = machine.run(folder, prepared(folder), strike=Strike(call, number, "fail", error))
        if ended.counted < number:
            break
        if files(folder / "parts") == NEW:  # the folder could not be opened for its last fsync
            assert (call, ended.codes) in (("open", [74]), ("fsync", [74]))
            assert "parts/train.jsonl is complete all the same" in ended.told[0]
        elif "complete all the same" not in ended.told[0]:
            assert (ended.codes[0] in {66, 73, 74}, files(folder / "parts")) == (True, OLD)
    assert (ended.codes, files(folder / "parts")) == ([0], NEW)


def test_a_file_that_cannot_appear_is_told_apart_from_those_that_have(machine: Machine, tmp_path: Path) -> None:
    """The first part appears last: train.jsonl is new when all files are."""
    outcomes = []
    for number in (1, 2, 3):
        folder = tmp_path / str(number)
        ended = machine.run(folder, prepared(folder), strike=Strike("rename", number, "fail", errno.EIO))
        assert ended.codes == [74]
        found = files(folder / "parts")
        new = [name for name in NEW if found[name] == NEW[name]]
        assert found == {name: NEW[name] if name in new else OLD[name] for name in NEW}
        for name in NEW:
            state = "complete all the same" if name in new else "left as it was"
            assert f"; parts/{name} is {state}" in ended.told[0]
        outcomes.append(new)
    assert outcomes == [[], ["test.jsonl"], ["validation.jsonl", "test.jsonl"]]


@pytest.mark.parametrize("moment", ["kill before", "kill after"])
def test_after_kill_9_train_is_new_only_when_all_are(machine: Machine, moment: str, tmp_path: Path) -> None:
    """And the next run removes what the killed one has left."""
    found = []
    for number in count(1):
        folder = tmp_path / str(number)
        command_line = prepared(folder)
        ended = machine.run(folder, command_line, strike=Strike("any", number, moment))
        if ended.counted < number:
            break
        now = files(folder / "parts")
        found.append([name for name in NEW if now[name] == NEW[name]])
        assert all(now[name] in (OLD[name], NEW[name]) for name in NEW)
        assert machine.run(folder, command_line).codes == [0]
        assert files(folder / "parts") == NEW
    assert ended.codes == [0]
    assert found == sorted(found, key=len)
    assert [] in found
    assert all(new == list(NEW)[3 - len(new) :] for new in found)
    assert list(NEW) in found


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_all_files_as_they_were(signum: signal.Signals, tmp_path: Path) -> None:
    folder = with_old_files(tmp_path)
    with subprocess.Popen(
        [BIN / SPLIT[0], *SPLIT[1:], "--max-bad", "1", "-O", folder],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        bufsize=0,
    ) as run:
        assert run.stdin
        assert run.stderr
        run.stdin.write(GIVEN + b"7\n")
        assert b"not-object" in run.stderr.readline()
        time.sleep(0.2)  # until it waits for more
        run.send_signal(signum)
        assert run.wait(timeout=10) == -signum
    assert files(folder) == OLD


def test_a_signal_among_files_that_appear_together_waits_for_the_last() -> None:
    code = """
import os, signal
from hhtools.stream.signals import Interrupted, end_whole, held_off
end_whole()
try:
    with held_off():
        os.kill(os.getpid(), signal.SIGTERM)
        print("done whole")
except Interrupted as asked:
    print(asked)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["done whole", "ended by SIGTERM"]


def test_a_device_is_written_and_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "validation.jsonl")
    (tmp_path / "test.jsonl").symlink_to("/dev/null")
    script = f"(cat parts/validation.jsonl > seen &); {' '.join(SPLIT)} -O parts; wait; cat seen"
    (tmp_path / "x").write_bytes(GIVEN)
    folder = tmp_path / "y"
    folder.mkdir()
    (folder / "parts").symlink_to(tmp_path)
    with (tmp_path / "x").open("rb") as stdin:
        done = subprocess.run(
            ["/bin/bash", "-c", script], cwd=folder, env=ENVIRONMENT, stdin=stdin, capture_output=True, check=True
        )
    assert (folder / "seen").read_bytes() == NEW["validation.jsonl"]
    assert (tmp_path / "train.jsonl").read_bytes() == NEW["train.jsonl"]
    assert (tmp_path / "test.jsonl").is_symlink()
    assert done.stderr == b""
