"""Parquet and Arrow, read as every command reads them."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from hhtools import read_pairs
from hhtools.stream.columns import column_lines
from hhtools.stream.feed import Feed
from hhtools.stream.sniff import columnar_form
from tests.columnar import arrow_file_of, arrow_stream_of, parquet_of
from tests.dialogues import transcript, user
from tests.shell import BIN, ENVIRONMENT, hh, rows, shell

# The fields of a message in the order of the alphabet, in which older versions of pyarrow put them.
ROWS = [{"messages": [{"content": f"q{number}", "role": "user"}], "n": number} for number in range(2500)]
LINES = b"".join(b'{"messages":[{"content":"q%d","role":"user"}],"n":%d}\n' % (n, n) for n in range(2500))
MARK = b"\xff\xff\xff\xff\0\0\0\0"

WHOLE = {
    "Parquet": parquet_of(*ROWS),
    "Parquet, several row groups": parquet_of(*ROWS, row_group_size=700),
    "Parquet, pages with checksums": parquet_of(*ROWS, write_page_checksum=True),
    "Parquet, zstd": parquet_of(*ROWS, compression="zstd"),
    "Parquet, version 1": parquet_of(*ROWS, version="1.0", data_page_version="1.0", use_dictionary=False),
    "Parquet, version 2": parquet_of(*ROWS, version="2.6", data_page_version="2.0"),
    "Arrow file": arrow_file_of(*ROWS),
    "Arrow file, small batches": arrow_file_of(*ROWS, rows=7),
    "Arrow file, zstd": arrow_file_of(*ROWS, compression="zstd"),
    "Arrow stream": arrow_stream_of(*ROWS),
    "Arrow stream, large batches": arrow_stream_of(*ROWS, rows=2500),
    "Arrow stream, lz4": arrow_stream_of(*ROWS, compression="lz4"),
    "Arrow streams, one after the other": arrow_stream_of(*ROWS[:1200]) + arrow_stream_of(*ROWS[1200:]),
}


def lines_of(data: bytes, max_line: int = 1 << 20) -> list[bytes]:
    feed = Feed("x", io.BytesIO(data))
    form = columnar_form(feed)
    assert form is not None
    return list(column_lines(feed, form, max_line))


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_every_row_is_a_line(data: bytes) -> None:
    assert b"".join(lines_of(data)) == LINES


@pytest.mark.parametrize(
    "data", [WHOLE["Parquet"], WHOLE["Arrow file"], WHOLE["Arrow stream"]], ids=["Parquet", "file", "stream"]
)
def test_a_command_reads_columns_as_it_reads_lines(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    done = hh("hh-filter-singleturn", "--report", tmp_path / "report", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, LINES, b"")
    report = json.loads((tmp_path / "report").read_text())
    assert (report["read"], report["inputs"][0]["records"], report["inputs"][0]["end"]) == (2500, 2500, "verified")
    assert report["inputs"][0]["bytes"] >= len(data)
    assert hh("hh-filter-singleturn", "-n", "3", path).stdout.count(b"\n") == 3
    assert shell(f"hh-filter-singleturn < {path}", tmp_path).stdout.encode() == LINES
    mixed = hh("hh-filter-singleturn", path, "-", path, stdin=LINES)
    assert mixed.stdout == LINES * 3


def test_a_pipe_of_arrow_is_read_as_it_comes() -> None:
    assert hh("hh-filter-singleturn", stdin=arrow_stream_of(*ROWS)).stdout == LINES
    with subprocess.Popen(
        [BIN / "hh-filter-singleturn"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        table = pa.Table.from_pylist(ROWS[:2])
        with ipc.new_stream(run.stdin, table.schema) as writer:
            for number in range(2):
                writer.write_batch(table.slice(number, 1).to_batches()[0])
                run.stdin.flush()
                assert rows(run.stdout.readline()) == [ROWS[number]]
        run.stdin.close()
        assert run.wait(60) == 0


def test_a_pipe_of_an_arrow_file_is_read_too() -> None:
    assert hh("hh-filter-singleturn", stdin=WHOLE["Arrow file"]).stdout == LINES


def test_parquet_cannot_come_through_a_pipe() -> None:
    done = hh("hh-filter-singleturn", stdin=WHOLE["Parquet"])
    assert (done.returncode, done.stdout) == (66, b"")
    told = "this is a Parquet file, whose index stands at its end, in a pipe or the like; save it to a file first"
    assert done.stderr.decode() == f"hh-filter-singleturn: stdin: {told}\n"


def test_records_are_marked_and_bad_ones_named_by_their_row(tmp_path: Path) -> None:
    good = {"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")}
    folder = tmp_path / "helpful-base"
    folder.mkdir()
    path = folder / "train.parquet"
    path.write_bytes(parquet_of(good, {**good, "rejected": None}, good))
    done = hh("hh-parse", "--bad", tmp_path / "bad", path)
    assert done.returncode == 0
    assert [row["source"] for row in rows(done.stdout)] == ["helpful-base", "helpful-base"]
    (bad,) = rows((tmp_path / "bad").read_bytes())
    assert (bad["line"], bad["reason"]) == (2, "wrong-type")
    assert json.loads(bad["raw"]) == {**good, "rejected": None}
    with pytest.raises(ValueError, match=r"train\.parquet:2: wrong-type"):
        list(read_pairs(path))


def test_a_row_that_is_too_long_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(parquet_of({"x": "a" * 12}, {"x": "a" * 13}))
    assert lines_of(path.read_bytes(), 20) == [b'{"x":"aaaaaaaaaaaa"}\n', b'{"x":"aaaaaaaaaaaaa"}']
    done = hh("hh-filter-singleturn", "--max-line", "20", "--max-bad", "2", path)
    assert [line.split(":")[3] for line in done.stderr.decode().splitlines()[:2]] == [
        " missing-field",
        " line-too-long",
    ]


PLAIN = parquet_of(*ROWS, row_group_size=1000, compression="none", use_dictionary=False, write_page_checksum=True)
FILE = WHOLE["Arrow file"]
STREAM = WHOLE["Arrow stream"]


def with_another_count(data: bytes) -> bytes:
    """Let the footer of PLAIN promise 2501 rows."""
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    place = data.index(b"\x88\x27", footer)  # 2500, as Thrift's compact protocol writes it
    return data[:place] + b"\x8a\x27" + data[place + 2 :]


# (data, how many rows come before the fault, what is told)
BROKEN: dict[str, tuple[bytes, int, str]] = {
    "Parquet, only its magic": (b"PAR1", 0, "the Parquet file is corrupt or ends early: "),
    "Parquet, cut": (PLAIN[:50_000], 0, "the Parquet file is corrupt or ends early: Parquet magic bytes not found"),
    "Parquet, last byte missing": (PLAIN[:-1], 0, "the Parquet file is corrupt or ends early: Parquet magic bytes"),
    "Parquet, a byte changed": (PLAIN.replace(b"q2222", b"q2922"), 2000, "the Parquet file is corrupt or ends early: "),
    "Parquet, fewer rows": (
        with_another_count(PLAIN),
        2500,
        "the Parquet file is corrupt: rows promised: 2501, found: 2500",
    ),
    "Arrow file, only its magic": (b"ARROW1", 0, "the Arrow file is corrupt or ends early: "),
    "Arrow file, cut": (FILE[:-10_000], 2000, "the Arrow file is corrupt or ends early: "),
    "Arrow file, cut in its index": (FILE[:-100], 2500, "the Arrow file is corrupt or ends early: it does not end"),
    "Arrow file, cut in its last word": (FILE[:-1], 2500, "the Arrow file is corrupt or ends early: it does not end"),
    "Arrow file, something behind": (FILE + b"x", 2500, "the Arrow file is corrupt or ends early: it does not end"),
    "Arrow file, its index gone": (
        FILE[: FILE.rindex(MARK) + 8],
        2500,
        "the Arrow file is corrupt or ends early: it do",
    ),
    "Arrow stream, only its magic": (MARK[:4], 0, "the Arrow stream is corrupt or ends early: "),
    "Arrow stream, cut in its schema": (STREAM[:40], 0, "the Arrow stream is corrupt or ends early: "),
    "Arrow stream, cut in a batch": (STREAM[:-100], 2000, "the Arrow stream is corrupt or ends early: "),
    "Arrow stream, without its end": (
        STREAM.removesuffix(MARK),
        2500,
        "the Arrow data ends early: it has no end mark",
    ),
    "Arrow stream, something behind": (
        STREAM + b"x",
        2500,
        "there is something else after the end of the Arrow stream",
    ),
    "Arrow stream, not UTF-8": (
        STREAM.replace(b"q2222", b"q\xff222"),
        2000,
        "the Arrow stream is corrupt or ends early: ",
    ),
}


@pytest.mark.parametrize(("data", "count", "told"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_told_after_the_rows_before_it(data: bytes, count: int, told: str, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(data)
    done = hh("hh-filter-singleturn", path)
    assert (done.returncode, done.stdout.count(b"\n")) == (74, count)
    assert LINES.startswith(done.stdout)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"hh-filter-singleturn: {path}: {told}")
    assert hh("hh-filter-singleturn", path, "-o", tmp_path / "out").returncode == 74
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "data", [WHOLE["Parquet, version 1"], WHOLE["Arrow file"], STREAM], ids=["Parquet", "file", "stream"]
)
def test_any_change_is_a_fault_or_bad_rows_but_no_crash(data: bytes, tmp_path: Path) -> None:
    """In a process of its own: what follows an offset out of its buffer dies of a signal."""
    (tmp_path / "data").write_bytes(data)
    code = """
import random, sys
from hhtools.stream.exits import Fault
from tests.stream.test_columns import lines_of
chance, data = random.Random(1), open(sys.argv[1], "rb").read()
ends = {"whole": 0, "fault": 0}
for _ in range(150):
    changed = bytearray(data)
    changed[chance.randrange(8, len(data))] = chance.randrange(256)
    try:
        ends["whole"] += len(lines_of(bytes(changed))) == 2500
    except Fault:
        ends["fault"] += 1
print(sum(ends.values()), all(ends.values()))
"""
    argv = [sys.executable, "-c", code, str(tmp_path / "data")]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "150 True\n", "")


UNREADABLE = {
    "a type": (
        pa.table({"x": pa.array([(1, 2, 3)], pa.month_day_nano_interval())}),
        "JSON has nothing for the type month_",
    ),
    "two columns of one name": (pa.table([[1], [2]], ["x", "x"]), "two columns have one name, of x, x"),
}


@pytest.mark.parametrize(("table", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_json_cannot_say_is_told(table: pa.Table, told: str, tmp_path: Path) -> None:
    path = tmp_path / "x.arrow"
    with ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    done = hh("hh-filter-singleturn", path)
    assert (done.returncode, done.stdout) == (66, b"")
    assert done.stderr.decode().startswith(f"hh-filter-singleturn: {path}: the Arrow file cannot be read: {told}")


def test_without_pyarrow_the_way_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError")
    path = tmp_path / "x.parquet"
    path.write_bytes(WHOLE["Parquet"])
    done = hh("hh-filter-singleturn", path, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (78, b"")
    told = "this Parquet file needs one more package: pip install pyarrow"
    assert done.stderr.decode() == f"hh-filter-singleturn: {path}: {told}\n"
    assert hh("hh-filter-singleturn", stdin=LINES, PYTHONPATH=str(tmp_path)).stdout == LINES


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_reading_of_columns(signum: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(parquet_of(*ROWS * 40))
    with subprocess.Popen(
        [BIN / "hh-filter-singleturn", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as run:
        assert run.stdout is not None
        first = os.read(run.stdout.fileno(), 10)  # the pipe is full soon, and the rest of the file unread
        run.send_signal(signum)
        written, told = run.communicate(timeout=60)
    assert run.returncode == -signum
    whole_rows = (first + written).partition(b"\x18")[0]
    assert whole_rows.endswith(b"\n")
    assert (LINES * 40).startswith(whole_rows)
    assert len(whole_rows) < len(LINES * 40)
    assert told == b""


def test_memory_does_not_grow_with_a_row_group(tmp_path: Path) -> None:
    """One row group of a column that does not compress: as large as the file."""
    letters = random.Random(1).randbytes(3000).hex()

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.parquet"
        texts = [letters[number % 1000 :] + letters[: number % 1000] for number in range(count)]
        table = pa.table({"messages": [[user(text)] for text in texts]})
        parquet.write_table(table, path, compression="none", use_dictionary=False)
        assert parquet.read_metadata(path).num_row_groups == 1
        code = """
import os, subprocess, sys
run = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(run.pid, 0)
print(usage.ru_maxrss if status == 0 else -1)
"""
        argv = [sys.executable, "-c", code, str(BIN / "hh-filter-singleturn"), str(path)]
        return int(subprocess.run(argv, capture_output=True, env=ENVIRONMENT, check=True).stdout)

    small, large = peak(1000), peak(24_000)  # 6 MB and 144 MB
    assert 0 < large < small + (64 << 10)
