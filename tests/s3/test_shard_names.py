"""Objects as shards: their versions, and what the outputs of any key are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from hhtools.scale.shards import find_shards, version_of
from hhtools.stream.exits import Fault
from hhtools.stream.s3 import client_for
from tests.s3.conftest import Store


def names_of(*paths: str) -> list[str]:
    return [shard.name for shard in find_shards(paths, ["/out"], None, 60)]


@pytest.fixture
def bucket(moto: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Lead this process to a bucket; clients that it has made for another one are forgotten."""
    for name, value in moto.environment.items():
        monkeypatch.setenv(name, value)
    client_for.cache_clear()
    return moto


def test_objects_are_named_below_the_prefix_they_share(bucket: Store) -> None:
    for key in ("hh/b.jsonl.gz", "hh/a/train.jsonl.gz", "hh/a/x+y %41?.jsonl", "hhh.jsonl"):
        bucket.put(key, b"{}\n")
    shards = find_shards([bucket.url("hh/**/*.jsonl*")], [f"s3://{bucket.bucket}/out"], "gz", 60)
    assert [(shard.path.removeprefix(bucket.url("")), shard.name) for shard in shards] == [
        ("hh/a/train.jsonl.gz", "a/train.jsonl.gz"),
        ("hh/a/x+y %41?.jsonl", "a/x+y %41?.jsonl.gz"),
        ("hh/b.jsonl.gz", "b.jsonl.gz"),
    ]
    assert {shard.version for shard in shards} == {"3 8a80554c91d9fca8acb82f023de02f11"}
    assert version_of(bucket.url("hhh.jsonl"), 60) == shards[0].version
    assert names_of(bucket.url("hhh.jsonl"), bucket.url("hh/b.jsonl.gz")) == ["hh/b.jsonl", "hhh.jsonl"]
    assert names_of(bucket.url("*.jsonl")) == ["hhh.jsonl"]


KEYS: dict[str, tuple[str, str]] = {
    "an empty part": ("hh//a.jsonl", " would both become a.jsonl; rename one of them"),
    "the folder above": ("hh/../a.jsonl", "/hh/../a.jsonl: no output can have this name, '../a.jsonl'"),
    "what git would obey": ("hh/.git/config.jsonl", "no output can have this name, '.git/config.jsonl'"),
    "what a terminal would obey": ("hh/\x1b[2J.jsonl", "no output can have this name"),
    "the mark": ("hh/_hh/a.jsonl", "no output can have this name, '_hh/a.jsonl'"),
    "below the outputs": ("hh/out/a.jsonl", "/hh/out/a.jsonl: lies below s3://"),
}


@pytest.mark.parametrize("case", KEYS)
def test_keys_that_no_output_can_have_are_refused(case: str, bucket: Store) -> None:
    key, told = KEYS[case]
    bucket.put("hh/a.jsonl", b"{}\n")
    bucket.put(key, b"{}\n")
    with pytest.raises(Fault) as raised:
        find_shards([bucket.url("hh/**/*.jsonl")], [bucket.url("hh/out")], None, 60)
    assert (raised.value.code, told in raised.value.message) == (2, True), raised.value.message


def test_places_of_every_kind_go_into_one_folder(bucket: Store, tmp_path: Path) -> None:
    bucket.put("hh/a.jsonl", b"{}\n")
    (tmp_path / "y.ndjson").write_bytes(b"")
    assert names_of(bucket.url("hh/*"), str(tmp_path / "y.ndjson"), "https://host/b.jsonl") == [
        "https:/host/b.jsonl",
        f"s3:/{bucket.bucket}/hh/a.jsonl",
        f"{str(tmp_path)[1:]}/y.jsonl",
    ]
