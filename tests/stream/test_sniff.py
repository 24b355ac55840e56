from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from hhtools.stream.feed import Feed
from hhtools.stream.sniff import packing_of
from tests.shell import SAMPLE, hh

NO_DATA = {
    "bzip2": (b"BZh91AY&SY", 66, "this is a bzip2 file; give JSON Lines, plain, gzip or zstd"),
    "xz": (b"\xfd7zXZ\0\0", 66, "this is a xz file"),
    "zip": (b"PK\x03\x04\x14", 66, "this is a zip file"),
    "Parquet": (b"PAR1\x15\x04", 66, "this is a Parquet file"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", 66, 'run "git lfs pull"'),
    "HTML": (b"\n <!DOCTYPE html>\n<html>", 65, "this is an HTML page"),
    "UTF-16": ('{"a":1}\n'.encode("utf-16"), 65, "convert it with: iconv"),
    "UTF-16, no BOM": ('{"a":1}\n'.encode("utf-16-le"), 65, "convert it with: iconv"),
    "UTF-16, big": ('{"a":1}\n'.encode("utf-16-be"), 65, "convert it with: iconv"),
}


@pytest.mark.parametrize(("data", "code", "told"), NO_DATA.values(), ids=NO_DATA)
def test_what_is_no_data_has_its_own_message(data: bytes, code: int, told: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(data)
    for done, name in ((hh("hh-parse", path), str(path)), (hh("hh-parse", "--bad", "/dev/null", stdin=data), "stdin")):
        assert (done.returncode, done.stdout) == (code, b"")
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith(f"hh-parse: {name}: ")
        assert told in line


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.jsonl.zst"])
def test_an_empty_file_is_no_empty_archive(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"")
    done = hh("hh-parse", path)
    assert (done.returncode, done.stdout) == (74, b"")
    assert b"the file is empty" in done.stderr
    (tmp_path / "x.jsonl").write_bytes(b"")
    assert hh("hh-parse", tmp_path / "x.jsonl").returncode == 0


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.jsonl.zst"])
@pytest.mark.parametrize("start", [b"\x1f", b"\x1e\x8b\x08\0", b"\x28\xb5\x2f", b"\x28\xb5\x2f\xfc\n{}\n"])
def test_a_ruined_archive_is_no_bad_record(name: str, start: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(start)
    done = hh("hh-parse", "--bad", tmp_path / "bad", SAMPLE, path)
    assert (done.returncode, done.stdout.count(b"\n")) == (74, 40)
    assert done.stderr.decode() == (
        f"hh-parse: {path}: it is named as compressed, but begins neither as gzip or zstd nor as JSON: corrupt\n"
    )


@pytest.mark.parametrize("plain", [b"{}", b"\xef\xbb\xbf \n{}", b" \t[{}]", b"\n"])
def test_a_name_alone_is_no_ruin(plain: bytes) -> None:
    assert packing_of(Feed("x.gz", io.BytesIO(plain))) == "plain"


@pytest.mark.parametrize(
    ("data", "packing"),
    [
        (gzip.compress(b"", mtime=0), "gzip"),
        (b"\x28\xb5\x2f\xfd\x20\x00", "zstd"),
        (b"\x5f\x2a\x4d\x18\0\0", "zstd"),
        (b"version: 1", "plain"),
        (b"<a>", "plain"),
        (b"{}", "plain"),
        (b"", "plain"),
    ],
)
def test_packing(data: bytes, packing: str) -> None:
    feed = Feed("x", io.BytesIO(data))
    assert packing_of(feed) == packing
    assert feed.chunk() == data
