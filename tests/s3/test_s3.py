"""Every promise about s3://, against real servers: a Ceph gateway (make test-s3) and moto's."""

from __future__ import annotations

import gzip
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.columnar import parquet_of
from tests.s3.conftest import Store
from tests.s3.cutting_proxy import Cut, CuttingProxy
from tests.shell import BIN, ENVIRONMENT, SAMPLE, hh, jsonl, rows

OLD = jsonl(*[{"messages": [{"role": "user", "content": f"old {number}"}]} for number in range(20_000)])
NEW = jsonl(*[{"messages": [{"role": "user", "content": f"new {number}"}]} for number in range(20_000)])
COLUMNS = parquet_of(*rows(OLD), row_group_size=1000, compression="none")
PART = 16 << 20


# What works


def test_the_main_job_runs_from_s3_to_s3(store: Store) -> None:
    raw = store.put("hh/helpful-base/train.jsonl.gz", SAMPLE.read_bytes())
    assert store.hh("hh-parse", raw, "-o", store.url("pairs.jsonl.gz")).returncode == 0
    done = store.hh("hh-unpack-kto", "--carry", "source", store.url("pairs.jsonl.gz"), "-o", store.url("kto.jsonl"))
    assert (done.returncode, done.stderr) == (0, b"")
    local = hh("hh-unpack-kto", "--carry", "source", stdin=hh("hh-parse", "--source", "helpful-base", SAMPLE).stdout)
    assert store.content("kto.jsonl") == local.stdout
    assert {row["source"] for row in rows(local.stdout)} == {"helpful-base"}
    assert store.pending_uploads() == 0


def test_the_end_of_an_object_is_verified(store: Store, tmp_path: Path) -> None:
    url = store.put("x.jsonl", OLD)
    store.hh("hh-filter-singleturn", url, "--report", tmp_path / "report")
    (report,) = rows((tmp_path / "report").read_bytes().replace(b"\n", b""))
    assert report["inputs"] == [{"name": url, "bytes": len(OLD), "records": 20_000, "end": "verified"}]


def test_a_pattern_names_objects_in_the_order_of_their_bytes(store: Store) -> None:
    for key in ("hh/b-10.jsonl", "hh/b-9.jsonl", "hh/B.jsonl", "hh/deep/b.jsonl", "hhh.jsonl"):
        store.put(key, jsonl({"messages": [{"role": "user", "content": key}]}))
    done = store.hh("hh-filter-singleturn", store.url("hh/*.jsonl"))
    assert [row["messages"][0]["content"] for row in rows(done.stdout)] == [
        "hh/B.jsonl",
        "hh/b-10.jsonl",
        "hh/b-9.jsonl",
    ]
    done = store.hh("hh-filter-singleturn", store.url("**/b.jsonl"))
    assert [row["messages"][0]["content"] for row in rows(done.stdout)] == ["hh/deep/b.jsonl"]


def test_columns_are_read_in_parts(store: Store, tmp_path: Path) -> None:
    url = store.put("ultrafeedback/train.parquet", COLUMNS)
    done = store.hh("hh-filter-singleturn", url, "--report", tmp_path / "report")
    assert (done.returncode, rows(done.stdout), done.stderr) == (0, rows(OLD), b"")
    assert b'"end": "verified"' in (tmp_path / "report").read_bytes()
    with through_proxy(store, Cut(after=30_000, times=2)) as proxy:
        done = store.hh("hh-filter-singleturn", url, AWS_ENDPOINT_URL=proxy.url)
    assert (done.returncode, rows(done.stdout), proxy.cuts) == (0, rows(OLD), 2)


def test_two_versions_of_columns_are_never_spliced(store: Store) -> None:
    url = store.put("x.parquet", COLUMNS)
    cut = Cut(after=30_000, meanwhile=lambda: store.put("x.parquet", COLUMNS + b" "))
    with through_proxy(store, cut) as proxy:
        done = store.hh("hh-filter-singleturn", url, AWS_ENDPOINT_URL=proxy.url)
    assert done.returncode == 74
    assert done.stderr.decode().startswith(f"hh-filter-singleturn: {url}: changed while it was being read; ")
    made = rows(done.stdout)
    assert made == rows(OLD)[: len(made)]


def test_a_key_that_looks_like_a_pattern_is_that_key(store: Store) -> None:
    store.put("whyX.jsonl", NEW)
    store.put("why?.jsonl", OLD)
    assert store.hh("hh-filter-singleturn", store.url("why?.jsonl")).stdout == OLD


def test_a_pattern_that_matches_nothing_is_reported(store: Store, tmp_path: Path) -> None:
    done = store.hh("hh-parse", store.url("none-*"), "--report", tmp_path / "report")
    assert (done.returncode, (tmp_path / "report").exists()) == (66, True)


def test_an_object_larger_than_a_part_arrives(store: Store) -> None:
    large = OLD * 24
    assert len(large) > PART
    done = store.hh("hh-filter-singleturn", "-o", store.url("large.jsonl"), stdin=large)
    assert done.returncode == 0
    assert store.content("large.jsonl") == large


def test_nothing_is_written_as_an_empty_object(store: Store) -> None:
    assert store.hh("hh-filter-singleturn", "-o", store.url("empty.jsonl")).returncode == 0
    assert store.content("empty.jsonl") == b""
    assert store.hh("hh-filter-singleturn", store.url("empty.jsonl")).returncode == 0


def test_an_input_may_be_replaced_by_its_output(store: Store) -> None:
    url = store.put("x.jsonl", OLD + jsonl({"messages": [{"role": "user", "content": "q"}] * 2}))
    assert store.hh("hh-filter-singleturn", url, "-o", url).returncode == 0
    assert store.content("x.jsonl") == OLD


@pytest.mark.parametrize("key", ["a b/c+d.jsonl", "why?#1.jsonl", "caf\u00e9.jsonl", "a@b/%41.jsonl"])
def test_any_key_is_that_key(store: Store, key: str) -> None:
    assert store.hh("hh-filter-singleturn", "-o", store.url(key), stdin=OLD).returncode == 0
    assert store.keys() == [key]
    assert store.hh("hh-filter-singleturn", store.url(key)).stdout == OLD


def test_a_split_writes_several_objects_or_none(store: Store) -> None:
    command = ["hh-split", "--test", "0.25", "--compress", "gz", "-O", store.url("parts/")]
    store.put("parts/train.jsonl.gz", OLD)
    done = store.hh(*command, stdin=NEW + b"7\n")
    assert (done.returncode, store.keys(), store.pending_uploads()) == (65, ["parts/train.jsonl.gz"], 0)
    assert store.content("parts/train.jsonl.gz") == OLD
    done = store.hh(*command, stdin=NEW)
    assert (done.returncode, done.stderr, store.pending_uploads()) == (0, b"", 0)
    train, test = (gzip.decompress(store.content(f"parts/{part}.jsonl.gz")) for part in ("train", "test"))
    assert sorted((train + test).splitlines()) == sorted(NEW.splitlines())
    assert 4600 < test.count(b"\n") < 5400
    assert store.hh("hh-split", "--test", "0.25", "-O", f"s3://{store.bucket}", stdin=b"").returncode == 0
    assert store.content("train.jsonl") == store.content("test.jsonl") == b""


def test_bad_records_and_reports_go_to_s3_too(store: Store) -> None:
    done = store.hh(
        "hh-filter-singleturn",
        "--bad",
        store.url("bad.jsonl"),
        "--report",
        store.url("report.json"),
        stdin=b"7\n" + OLD,
    )
    assert (done.returncode, done.stdout) == (0, OLD)
    assert done.stderr.decode() == (
        f"hh-filter-singleturn: 1 bad (not-object 1) of 20001 records, set aside in {store.url('bad.jsonl')}\n"
    )
    assert [entry["raw"] for entry in rows(store.content("bad.jsonl"))] == ["7"]
    assert b'"read": 20001' in store.content("report.json")


def test_folders_of_reports_and_bad_records_can_be_on_s3(store: Store) -> None:
    reports, bad = store.url("reports/"), store.url("bad")
    done = store.hh("hh-filter-singleturn", stdin=b"7\n" + OLD, HH_REPORT_DIR=reports, HH_BAD_DIR=bad)
    assert done.returncode == 0
    bad_key, report_key = store.keys()
    assert re.fullmatch(r"bad/hh-filter-singleturn\..+\.\d+\.jsonl", bad_key)
    assert re.fullmatch(r"reports/hh-filter-singleturn\..+\.\d+\.json", report_key)


# What is refused


def test_what_is_not_there(store: Store) -> None:
    for argv, code, told in (
        ([store.url("none")], 66, f"{store.url('none')}: there is no such object"),
        (["s3://no-such-bucket-x/a"], 66, "s3://no-such-bucket-x/a: there is no such bucket"),
        ([store.url("none-*")], 66, f"{store.url('none-*')}: matches no object"),
        (["-o", "s3://no-such-bucket-x/a"], 73, "s3://no-such-bucket-x/a: there is no such bucket"),
    ):
        done = store.hh("hh-filter-singleturn", *argv)
        assert (done.returncode, done.stderr.decode()) == (code, f"hh-filter-singleturn: {told}\n")


@pytest.mark.parametrize("option", [[], ["-o"]], ids=["read", "write"])
@pytest.mark.parametrize(
    ("secret", "key", "code"),
    [("hunter2", "AKTEST", "SignatureDoesNotMatch"), ("SKTESTSECRET", "hunter2", "InvalidAccessKeyId")],
)
def test_wrong_keys_are_told_without_their_text(
    gateway: Store, option: list[str], secret: str, key: str, code: str
) -> None:
    url = gateway.put("x.jsonl", OLD)
    done = gateway.hh("hh-filter-singleturn", *option, url, AWS_SECRET_ACCESS_KEY=secret, AWS_ACCESS_KEY_ID=key)
    told = f"hh-filter-singleturn: {url}: access denied ({code}); check the credentials and the bucket's policy\n"
    assert (done.returncode, done.stderr.decode()) == (77, told)
    assert b"hunter2" not in done.marker


def test_no_credentials_at_all(moto: Store) -> None:
    bare = partial(hh, AWS_ENDPOINT_URL=moto.endpoint, AWS_EC2_METADATA_DISABLED="true")
    done = bare("hh-filter-singleturn", moto.url("x"))
    assert done.returncode == 77
    assert done.stderr.decode() == (
        f"hh-filter-singleturn: {moto.url('x')}: no AWS credentials found; set AWS_PROFILE, "
        "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n"
    )
    done = bare("hh-filter-singleturn", moto.url("x"), AWS_PROFILE="nobody")
    assert done.returncode == 77
    assert b"the AWS configuration cannot be used: The config profile (nobody) could not be found" in done.stderr


def test_a_name_that_cannot_be_a_bucket(moto: Store) -> None:
    done = moto.hh("hh-filter-singleturn", "s3://not a bucket/x")
    assert done.returncode == 2
    assert b"s3://not a bucket/x: is no valid bucket and key" in done.stderr


@pytest.mark.parametrize("option", [[], ["-o"]], ids=["read", "write"])
def test_no_server_is_network_trouble(moto: Store, option: list[str]) -> None:
    done = moto.hh("hh-filter-singleturn", *option, "s3://bucket/x", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert done.returncode == 75
    assert done.stderr == (
        b"hh-filter-singleturn: s3://bucket/x: network trouble (EndpointConnectionError); try again\n"
    )


def test_an_object_that_exists_is_kept(store: Store) -> None:
    url = store.put("x.jsonl", OLD)
    done = store.hh("hh-filter-singleturn", "--no-clobber", "-o", url, stdin=NEW)
    assert done.returncode == 73
    assert done.stderr.endswith(b": cannot be created: it exists, and --no-clobber keeps it\n")
    assert (store.content("x.jsonl"), store.pending_uploads()) == (OLD, 0)


@pytest.mark.parametrize("rows_after", [NEW, b""], ids=["rows", "no rows"])
def test_an_object_that_appears_meanwhile_is_kept_where_the_store_can(moto: Store, rows_after: bytes) -> None:
    """The upload is completed on condition; Ceph's gateway of this age does not heed it, AWS and moto do."""
    with running(moto, "--no-clobber", "-o", moto.url("x.jsonl")) as run:
        assert run.stdin is not None
        run.stdin.write(rows_after)
        run.stdin.flush()
        wait_for_upload(moto)
        moto.put("x.jsonl", OLD)
        _, told = run.communicate()
    assert run.returncode == 73
    assert b": cannot be created: it has appeared meanwhile, and --no-clobber keeps it; " in told
    assert (moto.content("x.jsonl"), moto.pending_uploads()) == (OLD, 0)


# What goes wrong on the way


def test_a_bad_record_leaves_the_old_object(store: Store) -> None:
    url = store.put("x.jsonl", OLD)
    done = store.hh("hh-filter-singleturn", "-o", url, stdin=NEW + b"7\n")
    assert done.returncode == 65
    assert done.stderr.decode().endswith(f"; {url} is left as it was\n")
    assert (store.content("x.jsonl"), store.pending_uploads()) == (OLD, 0)


def test_a_truncated_archive_gives_all_it_holds_and_no_object(store: Store) -> None:
    url = store.put("x.jsonl.gz", gzip.compress(OLD)[:-4])
    done = store.hh("hh-filter-singleturn", url)
    assert (done.returncode, done.stdout) == (74, OLD)
    assert store.hh("hh-filter-singleturn", url, "-o", store.url("out")).returncode == 74
    assert (store.keys(), store.pending_uploads()) == (["x.jsonl.gz"], 0)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_aborts_the_upload(store: Store, signum: signal.Signals) -> None:
    url = store.put("x.jsonl", OLD)
    with running(store, "-o", url) as run:
        assert run.stdin is not None
        run.stdin.write(NEW * 24)  # more than a part
        run.stdin.flush()
        wait_for_upload(store)
        run.send_signal(signum)
        run.wait(30)
    assert run.returncode == -signum
    assert (store.content("x.jsonl"), store.pending_uploads()) == (OLD, 0)


def test_an_interrupted_file_of_bad_records_is_never_half_a_record(store: Store) -> None:
    """A part is on its way when the signal comes: there is no object, or one of whole lines."""
    bad = b'"' + b"x" * 1000 + b'"\n'
    with running(store, "--bad", store.url("bad.jsonl")) as run:
        assert run.stdin is not None
        run.stdin.write(bad * 14_000 + OLD)
        run.stdin.flush()
        wait_for_upload(store)
        run.send_signal(signal.SIGTERM)
        run.stdin.close()
        run.wait(30)
    assert run.returncode == -signal.SIGTERM
    keys = store.keys()
    if "bad.jsonl" in keys:
        assert all(entry["reason"] == "not-object" for entry in rows(store.content("bad.jsonl")))
    assert store.pending_uploads() == 0


@pytest.mark.parametrize("size", [0, 1, 24], ids=["at the start", "in the first part", "in the second part"])
def test_after_kill_9_nothing_has_appeared(store: Store, size: int) -> None:
    url = store.put("x.jsonl", OLD)
    with running(store, "-o", url) as run:
        assert run.stdin is not None
        run.stdin.write(NEW * size)
        run.stdin.flush()
        wait_for_upload(store)
        run.kill()
    assert store.content("x.jsonl") == OLD
    assert store.pending_uploads() == 1  # the bucket's lifecycle rule removes it: README, "Reliability: Output"


@contextmanager
def through_proxy(store: Store, cut: Cut) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(store.address, cut)
    yield proxy
    proxy.close()


def test_a_connection_that_breaks_is_taken_up_where_it_broke(store: Store) -> None:
    url = store.put("x.jsonl", OLD)
    with through_proxy(store, Cut(after=300_000, times=2)) as proxy:
        done = store.hh("hh-filter-singleturn", url, AWS_ENDPOINT_URL=proxy.url)
    assert (done.returncode, done.stdout, done.stderr, proxy.cuts) == (0, OLD, b"", 2)


def test_a_server_that_stalls_is_left_and_asked_again(store: Store) -> None:
    url = store.put("x.jsonl", OLD)
    with through_proxy(store, Cut(after=300_000, stall=3)) as proxy:
        done = store.hh("hh-filter-singleturn", url, "--timeout", "1", AWS_ENDPOINT_URL=proxy.url)
    assert (done.returncode, done.stdout, proxy.cuts) == (0, OLD, 1)


def test_two_versions_of_an_object_are_never_spliced(store: Store) -> None:
    url = store.put("x.jsonl", OLD)
    cut = Cut(after=300_000, meanwhile=lambda: store.put("x.jsonl", NEW))
    with through_proxy(store, cut) as proxy:
        done = store.hh("hh-filter-singleturn", url, AWS_ENDPOINT_URL=proxy.url)
    assert done.returncode == 74
    told = rf"hh-filter-singleturn: {url}: changed while it was being read; read it again from the start; \d+ bytes had"
    assert re.match(told, done.stderr.decode())
    assert OLD.startswith(done.stdout)
    assert done.stdout


def test_a_store_that_does_not_know_ranges_loses_nothing(moto: Store) -> None:
    url = moto.put("x.jsonl", OLD)
    with through_proxy(moto, Cut(after=300_000, without_range=True)) as proxy:
        done = moto.hh("hh-filter-singleturn", url, AWS_ENDPOINT_URL=proxy.url)
    assert done.returncode in {0, 74}
    assert done.stdout == OLD if done.returncode == 0 else OLD.startswith(done.stdout)


@contextmanager
def running(store: Store, *argv: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command whose standard input stays open."""
    environment = {**ENVIRONMENT, **store.environment}
    with subprocess.Popen(
        [str(BIN / "hh-filter-singleturn"), *argv], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as run:
        yield run
        run.kill()


def wait_for_upload(store: Store) -> None:
    """Wait until an upload is under way."""
    for _ in range(1000):
        if store.pending_uploads():
            return
    raise AssertionError("no upload has begun")
