from __future__ import annotations

import gzip
import os
import subprocess
import time
from pathlib import Path

import pytest

from hhtools.records import Bad, Dropped, Record, Rows
from hhtools.stages import Settled
from hhtools.stream.exits import Bug, Fault, InputFault
from hhtools.stream.run import Run
from tests.dialogues import transcript
from tests.shell import BIN, ENVIRONMENT, hh, jsonl, shell

RAW = {"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")}


def by_kind(record: Record) -> Rows:
    """A stage of every kind of result, as the record asks."""
    kind = record["kind"]
    if kind == "bad":
        raise Bad("wrong-type", "as asked")
    if kind == "drop":
        return Dropped("as-asked")
    if kind == "bug":
        raise RuntimeError("as asked")
    if kind == "half":
        return [{"n": 1}, deep(300)]
    return {"same": [record], "two": [{"n": 1}, {"n": 2}], "none": []}[kind]


def deep(levels: int) -> Record:
    record: Record = {}
    for _ in range(levels):
        record = {"a": record}
    return record


def run_over(tmp_path: Path, *lines: bytes, limit: int | None = None) -> tuple[Run, list[bytes], list[str]]:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n".join(lines))
    run = Run(by_kind, [str(path)], limit=limit, max_line=100)
    bad: list[str] = []
    rows = list(run.rows(lambda why, _name, number, line: bad.append(f"{number} {why.reason} {line!r}"), lambda: None))
    return run, rows, bad


def test_every_record_is_counted_once(tmp_path: Path) -> None:
    kinds = [b'{"kind":"%s"}' % kind for kind in (b"same", b"two", b"none", b"drop", b"bad", b"half")]
    run, rows, bad = run_over(tmp_path, *kinds, b"", b" \r", b"Hi", b"x" * 200, b" " * 200, b'{"kind":"same"} ')
    assert rows == [b'{"kind":"same"}\n', b'{"n":1}\n{"n":2}\n', b'{"kind":"same"}\n']
    assert (run.tally.read, run.tally.used, run.tally.blank) == (10, 4, 2)
    assert run.tally.dropped == {"as-asked": 1}
    assert run.tally.bad == {"wrong-type": 1, "too-deep": 1, "bad-json": 1, "line-too-long": 2}
    assert [line.split()[0] for line in bad] == ["5", "6", "9", "10", "11"]
    assert run.rows_made == 4
    assert run.tally.held == 0


@pytest.mark.parametrize(("limit", "made"), [(0, 0), (1, 1), (2, 3), (9, 4)])
def test_a_limit_counts_records(tmp_path: Path, limit: int, made: int) -> None:
    run, _, _ = run_over(tmp_path, b"", b'{"kind":"same"}', b'{"kind":"two"}', b'{"kind":"same"}', limit=limit)
    assert run.rows_made == made
    assert run.tally.read == min(limit, 3)


def test_a_bug_names_its_record(tmp_path: Path) -> None:
    with pytest.raises(Bug, match=r"x\.jsonl:2: RuntimeError: as asked"):
        run_over(tmp_path, b'{"kind":"same"}', b'{"kind":"bug"}')


class Holding:
    """A stage that gives everything at the end."""

    def __init__(self) -> None:
        self.held: list[Record] = []

    def __call__(self, record: Record) -> Rows:
        self.held.append(record)
        return ()

    def finish(self) -> list[Record]:
        return self.held


def test_held_rows_come_before_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'[{"a":1},{"a":2},')
    run = Run(Holding(), [str(path), str(tmp_path / "x.json")])
    rows: list[bytes] = []
    with pytest.raises(InputFault, match="not closed"):
        rows.extend(run.rows(lambda *_: None, lambda: None))
    assert rows in ([], [b'{"a":1}\n', b'{"a":2}\n'])
    assert (run.tally.used, run.rows_made, run.inputs[0].end) == (2, 2, "not reached")


class Settling:
    """A stage that decides on every second record and the one before it, as that record says."""

    def __init__(self) -> None:
        self.held = 0

    def __call__(self, record: Record) -> Rows:
        if record.get("drop"):
            return Dropped("at-once")
        self.held += 1
        if self.held % 2:
            return Settled()
        return Settled([record], used=1, dropped=["later"])

    def finish(self) -> Settled:
        return Settled([{"last": True}] * (self.held % 2), used=self.held % 2)


def test_a_record_may_be_settled_later_but_must_be(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a":1}\n{"a":2}\n{"drop":true}\nHi\n{"a":3}\n')
    run = Run(Settling(), [str(path)])
    rows = list(run.rows(lambda *_: None, lambda: None))
    assert rows == [b'{"a":2}\n', b'{"last":true}\n']
    assert (run.tally.read, run.tally.used, run.rows_made) == (5, 2, 2)
    assert (run.tally.dropped, run.tally.bad) == ({"later": 1, "at-once": 1}, {"bad-json": 1})

    run = Run(lambda _: Settled(), [str(path)])
    with pytest.raises(Fault, match="accounting error"):
        list(run.rows(lambda *_: None, lambda: None))


class Delayed:
    """A stage that gives every record back when the next one comes, and a copy of it."""

    keeps_records = True

    def __init__(self) -> None:
        self.held: list[Record] = []

    def __call__(self, record: Record) -> Rows:
        given_back, self.held = self.held, [record, dict(record)]
        return given_back

    def finish(self) -> Rows:
        return self.held


def test_a_record_that_is_given_back_later_is_written_as_it_stood(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a": 1.50}\n{"a": 2.50}')
    run = Run(Delayed(), [str(path)], adds_source=True)
    rows = b"".join(run.rows(lambda *_: None, lambda: None))
    assert rows == b'{"a": 1.50}\n{"a":1.5,"source":"x"}\n{"a": 2.50}\n{"a":2.5,"source":"x"}\n'
    assert (run.tally.used, run.rows_made) == (2, 4)


def test_all_inputs_are_looked_for_before_the_first_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a":1}\n')
    run = Run(Holding(), [str(path), str(tmp_path / "none.jsonl")])
    with pytest.raises(Fault, match=r"none\.jsonl: cannot be opened"):
        list(run.rows(lambda *_: None, lambda: None))
    assert run.tally.read == 0


def test_a_fifo_is_opened_once(tmp_path: Path) -> None:
    for name in ("p", "q"):
        os.mkfifo(tmp_path / name)
    lines = jsonl(*[RAW] * 2000)
    (tmp_path / "x.jsonl").write_bytes(lines)
    script = "(cat x.jsonl > p; sleep 0.2; cat x.jsonl > q) & hh-parse p q | wc -l; wait"
    done = shell(script, tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("4000", "")


def test_an_input_that_does_not_block_is_read_to_its_end() -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with subprocess.Popen([BIN / "hh-parse"], stdin=reader, stdout=subprocess.PIPE, env=ENVIRONMENT) as run:
        os.close(reader)
        for _ in range(3):
            time.sleep(0.2)
            os.write(writer, jsonl(RAW))
        os.close(writer)
        assert run.stdout
        assert len(run.stdout.readlines()) == 3
        assert run.wait() == 0


def test_a_flipped_bit_is_not_blamed_on_the_json(tmp_path: Path) -> None:
    packed = gzip.compress(jsonl(*[{**RAW, "id": number * number} for number in range(3000)]))
    for place in range(200, len(packed) - 8, len(packed) // 12):
        path = tmp_path / "x.jsonl.gz"
        path.write_bytes(packed[:place] + bytes([packed[place] ^ 4]) + packed[place + 1 :])
        done = hh("hh-parse", path)
        assert done.returncode == 74
        assert b"corrupt" in done.stderr or b"ends early" in done.stderr


def test_a_slow_producer_is_served_at_once() -> None:
    """A row comes out before the next record has gone in, without any option."""
    with subprocess.Popen(
        [BIN / "hh-parse"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, bufsize=0
    ) as run:
        assert run.stdin
        assert run.stdout
        for _ in range(3):
            run.stdin.write(jsonl(RAW))
            assert os.read(run.stdout.fileno(), 65536).endswith(b"}\n")
        run.stdin.close()
        assert run.stdout.read() == b""
        assert run.wait() == 0
