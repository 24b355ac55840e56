"""hh-run from a bucket into a bucket: the promises of a folder on disk, against real servers of S3."""

from __future__ import annotations

import gzip
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.s3.conftest import KEYS, Store
from tests.scale.engines import Running, running, wait_for
from tests.scale.shards import LINES
from tests.shell import Done, hh, rows

PIPE = "hh-parse | hh-unpack-kto --for trl"
POISON = b'{"chosen": 1}\n'
INPUTS = {"a": LINES, "b c/+%41": LINES[:9], "d/e": []}
"""The keys of inputs, without what they begin and end with, and the lines in them."""


def put(store: Store, name: str, *lines: bytes) -> None:
    store.put(f"in/{name}.jsonl.gz", gzip.compress(b"".join(lines), mtime=0))


def expected(*lines: bytes) -> bytes:
    """Give the rows that the shell's commands make of lines."""
    return hh("hh-unpack-kto", "--for", "trl", stdin=hh("hh-parse", stdin=b"".join(lines)).stdout).stdout


def words(store: Store, *options: str) -> list[str | Path]:
    return [PIPE, store.url("in/**/*.jsonl.gz"), "-O", store.url("out/"), *options]


def run(store: Store, *options: str) -> Done:
    done = store.hh("hh-run", *words(store, "-j2", *options))
    assert_no_secret(store, done.stderr)
    return done


def keys_of(store: Store, folder: str = "") -> list[str]:
    """Give the keys of all objects below a folder."""
    found: list[str] = Store.keys(store)
    return [key for key in found if key.startswith(folder)]


def outputs(store: Store, folder: str = "out/") -> dict[str, bytes]:
    """Give the objects below a folder, without what hh-run keeps for itself."""
    return {key.removeprefix(folder): store.content(key) for key in keys_of(store, folder) if "/_hh/" not in key}


def kept(store: Store) -> list[str]:
    return [key.removeprefix("out/_hh/") for key in keys_of(store, "out/_hh/")]


def shards_told(store: Store) -> Any:
    return json.loads(store.content("out/_hh/report.json"))["shards"]


def assert_no_secret(store: Store, told: bytes) -> None:
    for text in (told, *(store.content(key) for key in keys_of(store) if "/_hh/" in key)):
        for secret in (KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"], "hunter2"):
            assert secret.encode() not in text


def test_objects_become_objects_and_only_what_changed_is_made_again(store: Store) -> None:
    for name, lines in INPUTS.items():
        put(store, name, *lines)
    done = run(store)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    whole = {f"{name}.jsonl": expected(*lines) for name, lines in INPUTS.items()}
    assert outputs(store) == {"_SUCCESS": b"", **whole}
    assert kept(store) == ["plan.json", "report.json", *(f"reports/{name}.json" for name in sorted(whole))]
    assert store.pending_uploads() == 0
    assert shards_told(store) == {"all": 3, "made": 3, "made_before": 0, "failed": []}

    assert run(store).returncode == 0
    assert shards_told(store) == {"all": 3, "made": 0, "made_before": 3, "failed": []}

    put(store, "d/e", *LINES[9:12])
    store.client.delete_object(Bucket=store.bucket, Key="out/a.jsonl")
    assert run(store).returncode == 0
    assert shards_told(store) == {"all": 3, "made": 2, "made_before": 1, "failed": []}
    assert outputs(store) == {"_SUCCESS": b"", **whole, "d/e.jsonl": expected(*LINES[9:12])}

    other = store.hh("hh-run", "hh-parse", store.url("in/**/*.jsonl.gz"), "-O", store.url("out"))
    assert other.returncode == 73
    assert f"{store.url('out')}: has the outputs of another pipeline ({PIPE}" in other.stderr.decode()
    gone = store.hh("hh-run", PIPE, store.url("in/a.jsonl.gz"), "-O", store.url("out"))
    assert gone.returncode == 73
    assert "and no input becomes that now; name all inputs again" in gone.stderr.decode()
    assert outputs(store)["d/e.jsonl"] == expected(*LINES[9:12])


def test_a_poisoned_object_fails_alone(store: Store) -> None:
    put(store, "a", *LINES)
    put(store, "poison", *LINES[:3], POISON, *LINES)
    store.put("in/cut.jsonl.gz", gzip.compress(b"".join(LINES))[:-9])
    done = run(store)
    assert done.returncode == 74
    why = 'wrong-type: "chosen" is a whole number, not a string; --bad-dir DIR sets such records aside'
    assert sorted(done.stderr.decode().splitlines()) == [
        "hh-run: 2 of 3 shards failed; the report of the run names them, and the others are complete",
        f"hh-run: cut.jsonl failed (74): {store.url('in/cut.jsonl.gz')}: compressed input ends early",
        f"hh-run: poison.jsonl failed (65): {store.url('in/poison.jsonl.gz')}:4: {why}",
    ]
    assert (outputs(store), store.pending_uploads()) == ({"a.jsonl": expected(*LINES)}, 0)
    put(store, "cut", *LINES)
    put(store, "poison", *LINES)
    assert run(store).returncode == 0
    assert list(outputs(store)) == ["_SUCCESS", "a.jsonl", "cut.jsonl", "poison.jsonl"]
    assert shards_told(store) == {"all": 3, "made": 2, "made_before": 1, "failed": []}

    put(store, "poison", POISON)
    assert run(store).returncode == 65
    assert list(outputs(store)) == ["a.jsonl", "cut.jsonl", "poison.jsonl"]  # the old one, and no mark of success


def test_bad_records_are_set_aside_in_objects(store: Store) -> None:
    put(store, "a", *LINES, POISON)
    put(store, "b", *LINES)
    done = run(store, "--bad-dir", store.url("bad"))
    assert (done.returncode, done.stderr.decode()) == (
        0,
        f"hh-run: hh-parse: 1 bad (wrong-type 1) of 81 records, set aside below {store.url('bad')}\n",
    )
    ((name, content),) = outputs(store, "bad/").items()
    (entry,) = rows(content)
    assert (name, entry["source"], entry["line"]) == ("a.jsonl", store.url("in/a.jsonl.gz"), 41)
    put(store, "a", *LINES)
    assert run(store, "--bad-dir", store.url("bad")).returncode == 0
    assert outputs(store, "bad/") == {}


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (["--report", "in/a.jsonl.gz"], "is an input"),
        (["--report", "out/a.jsonl"], "lies below -O"),
        (["--bad-dir", "out/bad"], "are not apart"),
    ],
    ids=["a report over an input", "a report among outputs", "bad records among outputs"],
)
def test_what_would_destroy_objects_is_refused(moto: Store, option: list[str], told: str) -> None:
    put(moto, "a", *LINES)
    done = run(moto, option[0], moto.url(option[1]))
    assert (done.returncode, told in done.stderr.decode()) == (2, True)
    assert moto.keys() == ["in/a.jsonl.gz"]
    assert gzip.decompress(moto.content("in/a.jsonl.gz")) == b"".join(LINES)


def test_a_wrong_secret_is_not_told(gateway: Store) -> None:
    put(gateway, "a", *LINES)
    done = gateway.hh("hh-run", *words(gateway), AWS_SECRET_ACCESS_KEY="hunter2")
    assert done.returncode == 77
    assert_no_secret(gateway, done.stderr)


def kill_driver(driver: Running) -> None:
    driver.process.kill()


def kill_worker(driver: Running) -> None:
    (worker,) = [pid for pid in driver.others() if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(worker, signal.SIGKILL)


def terminate_driver(driver: Running) -> None:
    driver.process.terminate()


@pytest.mark.parametrize(
    ("strike", "code", "pending"),
    [(kill_driver, -signal.SIGKILL, 0), (kill_worker, 0, 1), (terminate_driver, -signal.SIGTERM, 0)],
    ids=["kill -9 of the driver", "kill -9 of a worker", "TERM"],
)
def test_no_half_object_is_ever_seen(store: Store, tmp_path: Path, strike: Any, code: int, pending: int) -> None:
    put(store, "a", *LINES)
    put(store, "large", *LINES * 400)
    store.put("out/_SUCCESS", b"")  # of a run over other inputs
    with running(words(store, "-j1"), tmp_path, **store.environment) as driver:
        wait_for(lambda: "out/_hh/reports/a.jsonl.json" in keys_of(store) and store.pending_uploads(), driver)
        strike(driver)
        ended, told = driver.end()
        assert (ended, told) == (code, "")
        wait_for(driver.is_over)
    whole = {"a.jsonl": expected(*LINES), "large.jsonl": expected(*LINES * 400)}
    # What a killed process has begun to upload is not seen; the bucket's lifecycle rule removes it.
    assert store.pending_uploads() == pending
    assert outputs(store) == ({"_SUCCESS": b"", **whole} if code == 0 else {"a.jsonl": whole["a.jsonl"]})
    done = run(store)
    assert (done.returncode, done.stderr) == (0, b"")
    assert outputs(store) == {"_SUCCESS": b"", **whole}
