from __future__ import annotations

import json
import pickle
import signal
import subprocess
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from hhtools.commands.filter_singleturn import filter_singleturn
from hhtools.commands.sample import Reservoir, sample_by_hash
from hhtools.records import Dropped, Record
from hhtools.stages import chain, held_rows
from hhtools.stream.run import Run
from tests.shell import BIN, ENVIRONMENT, hh, jsonl, rows
from tests.test_reservoir import SAMPLES, WRONG


def numbered(count: int, sources: str = "") -> list[Record]:
    """Make records with an id, and with a source of one letter each."""
    return [{"id": number, **({"source": sources[number]} if sources else {})} for number in range(count)]


def sampled(stage: Reservoir, records: Iterable[Record]) -> list[int]:
    for record in records:
        stage(record)
    return [record["id"] for record in held_rows(stage)]


# -k


@pytest.mark.parametrize(("size", "seed", "ids"), SAMPLES.values(), ids=SAMPLES)
def test_so_many_records(size: int, seed: int, ids: list[int]) -> None:
    records = numbered(10)
    assert sampled(Reservoir(size, seed=seed), records) == ids
    done = hh("hh-sample", "-k", str(size), "--seed", str(seed), "-v", stdin=jsonl(*records))
    assert (done.returncode, [row["id"] for row in rows(done.stdout)]) == (0, ids)
    left_out = 10 - len(ids)
    dropped = f"{left_out} dropped (not-sampled {left_out})" if left_out else "0 dropped"
    told = f"hh-sample: 10 read, {len(ids)} used, {dropped}, 0 bad; {len(ids)} rows written\n"
    assert done.stderr.decode() == told


def test_so_many_of_each_value() -> None:
    records = numbered(18, "abbacb" * 3)
    argv = ["-k", "2", "--by", "source"]
    expected = [4, 7, 10, 12, 15, 17]
    assert sampled(Reservoir(2, by="source"), records) == expected
    assert [row["id"] for row in rows(hh("hh-sample", *argv, stdin=jsonl(*records)).stdout)] == expected
    # Taking the others away changes nothing.
    only = [record for record in records if record["source"] == "b"]
    assert sampled(Reservoir(2, by="source"), only) == [7, 17]


def test_it_holds_no_more_than_it_gives() -> None:
    stage = Reservoir(10)
    tracemalloc.start()
    for number in range(3000):
        stage({"text": str(number) * 1000})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000  # ten records have 40,000 bytes, all have 11,000,000
    assert len(stage.finish()) == 10
    assert held_rows(stage) == ()


def test_a_sample_under_way_can_be_sent_to_a_worker() -> None:
    stage, records = Reservoir(3, by="source"), numbered(18, "abbacb" * 3)
    for record in records[:9]:
        stage(record)
    copy = pickle.loads(pickle.dumps(stage))
    assert sampled(copy, records[9:]) == sampled(stage, records[9:])


# --rate

RATES: dict[str, tuple[float, int, list[int]]] = {
    "a fifth": (0.2, 0, [10, 20, 26, 30, 37]),
    "a tenth is part of it": (0.1, 0, [20, 30, 37]),
    "a fifth with another seed": (0.2, 1, [8, 17, 22, 26, 31, 39]),
    "none": (0, 0, []),
    "all": (1, 0, list(range(40))),
}


@pytest.mark.parametrize(("rate", "seed", "ids"), RATES.values(), ids=RATES)
def test_a_share_of_the_records(rate: float, seed: int, ids: list[int]) -> None:
    records = numbered(40)
    for record in records:
        result = sample_by_hash(record, rate=rate, seed=seed)
        if record["id"] in ids:
            assert result[0] is record
        else:
            assert isinstance(result, Dropped)
            assert result.reason == "not-sampled"
    done = hh("hh-sample", "--rate", str(rate), "--seed", str(seed), stdin=jsonl(*records))
    assert (done.returncode, done.stdout) == (0, jsonl(*[records[number] for number in ids]))


def test_neither_order_nor_files_nor_sources_make_a_difference(tmp_path: Path) -> None:
    records = numbered(400)
    once = rows(hh("hh-sample", "--rate", "0.3", stdin=jsonl(*records)).stdout)
    assert 90 < len(once) < 150  # 120, and three standard deviations are 28
    (tmp_path / "a").write_bytes(jsonl(*[{"source": "a", **record} for record in records[200:]]))
    (tmp_path / "b").write_bytes(jsonl(*[{**record, "source": "b"} for record in reversed(records[:200])]))
    again = rows(hh("hh-sample", "--rate", "0.3", tmp_path / "a", tmp_path / "b").stdout)
    assert {row["id"] for row in again} == {row["id"] for row in once}


# Both

AS_IT_STANDS = (
    b'{"messages" : [{"role":"user","content":"\\u00e9\\/ \xe2\x80\xa8"}], '
    b'"n":1.50, "n":1e2, "big":123456789012345678901234567890}'
)


@pytest.mark.parametrize("argv", [["-k", "9"], ["-k", "9", "--by", "n"], ["--rate", "1"]], ids=" ".join)
def test_the_bytes_of_a_record_are_kept(argv: Sequence[str]) -> None:
    given = b"[ " + AS_IT_STANDS + b" ,\n" + AS_IT_STANDS.replace(b", ", b",\r\n") + b"]"
    expected = AS_IT_STANDS + b"\n" + AS_IT_STANDS.replace(b", ", b",  ") + b"\n"
    assert hh("hh-sample", *argv, stdin=given).stdout == expected


def test_the_bytes_are_kept_when_stages_are_fused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes((AS_IT_STANDS + b"\n") * 3)
    run = Run(chain(filter_singleturn, Reservoir(2)), [str(path)])
    assert list(run.rows(lambda *_: None, lambda: None)) == [AS_IT_STANDS + b"\n"] * 2
    assert run.tally.counts()["used"] == 3  # the filter has used them, and what a later stage drops is its own


def test_an_early_end_gives_the_sample_of_what_came_before() -> None:
    done = hh("hh-sample", "-k", "3", stdin=jsonl(*numbered(10)) + b"7\n" + jsonl(*numbered(10)))
    assert (done.returncode, [row["id"] for row in rows(done.stdout)]) == (65, [1, 5, 9])
    assert done.stderr.startswith(b"hh-sample: stdin:11: not-object: ")


def test_records_held_when_a_signal_comes_are_accounted_for(tmp_path: Path) -> None:
    with subprocess.Popen(
        [BIN / "hh-sample", "-k", "2", "--max-bad", "1", "--report", tmp_path / "report"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        bufsize=0,
    ) as run:
        assert run.stdin
        assert run.stdout
        assert run.stderr
        run.stdin.write(jsonl(*numbered(5)) + b"7\n")
        assert run.stderr.readline().startswith(b"hh-sample: stdin:6: not-object: ")
        time.sleep(0.2)  # until it waits for more
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=10) == -signal.SIGTERM
        assert run.stdout.read().startswith(b"\x18hh-abort ")
    report = json.loads((tmp_path / "report").read_text())
    assert (report["read"], report["used"], report["dropped"], report["held"]) == (6, 0, {"not-sampled": 3}, 2)


@pytest.mark.parametrize(("record", "field", "told"), WRONG.values(), ids=WRONG)
def test_no_value_to_sample_by(record: Record, field: str, told: str) -> None:
    done = hh("hh-sample", "-k", "1", "--by", field, stdin=jsonl(record))
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.decode() == f"hh-sample: stdin:1: {told}\n"


def test_too_many_values(tmp_path: Path) -> None:
    given = jsonl(*numbered(1001), {"id": 0})
    done = hh("hh-sample", "-k", "1", "--by", "id", stdin=given)
    assert (done.returncode, done.stdout.count(b"\n")) == (65, 1000)
    assert b'stdin:1001: too-many-values: "id" has more than 1,000 values; sample by a field with fewer' in done.stderr
    done = hh("hh-sample", "-k", "1", "--by", "id", "--bad", tmp_path / "bad", stdin=given)
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 1000)
    assert [json.loads(entry["raw"]) for entry in rows((tmp_path / "bad").read_bytes())] == [{"id": 1000}]


USAGE: dict[str, tuple[list[str], str]] = {
    "no size": (["-v"], "give either -k N or --rate R"),
    "two sizes": (["-k", "1", "--rate", "0.1"], "give either -k N or --rate R"),
    "none at all": (["-k", "0"], "-k"),
    "a rate beyond 1": (["--rate", "1.1"], "not from 0 to 1"),
    "a negative rate": (["--rate", "-0.1"], "not from 0 to 1"),
    "a rate that is no number": (["--rate", "nan"], "not from 0 to 1"),
    "a rate of each value": (["--rate", "0.1", "--by", "source"], "--by goes with -k"),
    "a negative seed": (["-k", "1", "--seed", "-1"], "--seed"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-sample", *argv)
    assert done.returncode == 2
    assert message in done.stderr.decode()
