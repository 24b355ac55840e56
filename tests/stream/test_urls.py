from __future__ import annotations

import pytest

from hhtools.stream import urls
from hhtools.stream.exits import Exit, Fault
from tests.shell import hh

KNOWN = "give a file, or a URL of file, hf, http, https, s3"
HUB_SHAPE = "names no file of a dataset; give hf://datasets/OWNER/NAME[@REVISION]/PATH"
REFUSED = {
    "hdfs:///data/x": f"hdfs:///data/x: hdfs:// cannot be opened; {KNOWN}",
    "ssh://me:secret@host/x": f"ssh://host/x: ssh:// cannot be opened; {KNOWN}",
    "viewfs://host/x": f"viewfs://host/x: viewfs:// cannot be opened; {KNOWN}",
    "webhdfs://host/x": f"webhdfs://host/x: webhdfs:// cannot be opened; {KNOWN}",
    "sftp://host/x": f"sftp://host/x: sftp:// cannot be opened; {KNOWN}",
    "scp://host/x": f"scp://host/x: scp:// cannot be opened; {KNOWN}",
    "ftp://host/x": f"ftp://host/x: ftp:// cannot be opened; {KNOWN}",
    "s3://KEY:secret@bucket/x": "s3://bucket/x: no keys in a URL; give them in the environment (AWS_PROFILE, ...)",
    "HDFS://me:secret@h/x": "hdfs://h/x: hdfs:// cannot be opened; give a file, or a URL of file, hf, http, https, s3",
    "file:///a%00b": "file:///a%00b: names no file; give file:///PATH",
    "file://": "file://: names no file; give file:///PATH",
    "s3://bucket": "s3://bucket: names no object; give s3://BUCKET/KEY",
    "s3://bucket/": "s3://bucket/: names no object; give s3://BUCKET/KEY",
    "hf://Anthropic/hh-rlhf/x": f"hf://Anthropic/hh-rlhf/x: {HUB_SHAPE}",
    "hf://datasets/Anthropic/hh-rlhf": f"hf://datasets/Anthropic/hh-rlhf: {HUB_SHAPE}",
    "hf://datasets/Anthropic/hh-rlhf@main": f"hf://datasets/Anthropic/hh-rlhf@main: {HUB_SHAPE}",
    "hf://datasets/a/b/../../x": f"hf://datasets/a/b/../../x: {HUB_SHAPE}",
    "hf://datasets/a/b@%2E%2E/x": f"hf://datasets/a/b@%2E%2E/x: {HUB_SHAPE}",
    "hf://datasets/../b/x": f"hf://datasets/../b/x: {HUB_SHAPE}",
    "hf://me:secret@datasets/a/b/x": f"hf://datasets/a/b/x: {HUB_SHAPE}",
    "file://host/x": "file://host/x: is on another host; give file:///PATH",
}


@pytest.mark.parametrize(("url", "told"), REFUSED.items())
def test_what_is_refused_is_refused_before_anything_is_read(url: str, told: str) -> None:
    with pytest.raises(Fault) as caught:
        urls.check_url(url)
    assert (caught.value.code, caught.value.message) == (Exit.USAGE, told)
    done = hh("hh-parse", "/nonexistent", url)
    assert (done.returncode, done.stderr.decode()) == (2, f"hh-parse: {told}\n")
    assert b"secret" not in done.marker


@pytest.mark.parametrize("option", ["-o", "--bad", "--report"])
def test_what_cannot_be_written_is_refused(option: str) -> None:
    done = hh("hh-parse", option, "https://me:secret@host/x?sig=secret")
    assert done.returncode == 2
    assert done.stderr == b"hh-parse: https://host/x: https:// cannot be written; give a file, or a URL of file, s3\n"


def test_half_a_password_that_was_not_escaped_is_not_told() -> None:
    assert urls.redacted("https://me:SEK/RET@host/x") == "https://..."
    assert urls.redacted("HTTPS://me:SEK#RET@host/x") == "https://..."
    assert urls.redacted("https://me:SEK%2FRET@host:8080/x?y") == "https://host:8080/x"
    assert urls.redacted("http://[::1]:80/x") == "http://[::1]:80/x"


def test_the_name_in_a_file_url_is_bytes() -> None:
    assert urls.without_file_scheme("file:///caf%E9") == "/caf\udce9"


def test_only_a_double_slash_makes_a_url() -> None:
    assert [urls.is_url(path) for path in ("s3:key", "run:1.jsonl", "a/b://c", "C://x")] == [False] * 4


PLACES = {
    "hf://datasets/Anthropic/hh-rlhf/a/b.gz": ("Anthropic/hh-rlhf", "main", "a/b.gz"),
    "hf://datasets/a/b@v1.0/why?.gz": ("a/b", "v1.0", "why?.gz"),
    "hf://datasets/a/b@refs/pr/3/x/y": ("a/b", "refs/pr/3", "x/y"),
    "hf://datasets/a/b@refs/convert/parquet/x": ("a/b", "refs/convert/parquet", "x"),
    "hf://datasets/a/b@feature%2Fx/y": ("a/b", "feature/x", "y"),
    "hf://datasets/a/b/x@y/z": ("a/b", "main", "x@y/z"),
}


@pytest.mark.parametrize(("url", "place"), PLACES.items())
def test_a_place_on_the_hub_is_read_from_a_url(url: str, place: tuple[str, str, str]) -> None:
    assert urls.hub_place(url) == place
