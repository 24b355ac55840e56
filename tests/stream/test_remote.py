from __future__ import annotations

import functools
import gzip
import http.server
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hhtools.stream.remote import silence_transports
from tests.shell import SAMPLE, hh, jsonl, rows


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serve a folder over HTTP on loopback."""
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_url_is_read_as_a_file_is(server: str, tmp_path: Path) -> None:
    (tmp_path / "helpful-base.jsonl.gz").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "more.jsonl").write_bytes(gzip.decompress(SAMPLE.read_bytes()))
    done = hh("hh-parse", f"{server}/helpful-base.jsonl.gz", f"{server}/more.jsonl?download=true")
    assert done.returncode == 0
    assert [row["source"] for row in rows(done.stdout)] == ["helpful-base"] * 40 + ["more"] * 40


def test_no_secret_of_a_url_is_told(server: str, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"7\n")
    url = f"{server}/x.jsonl?X-Amz-Signature=hunter2"
    done = hh("hh-parse", "--bad", tmp_path / "bad", "--report", tmp_path / "report", url)
    for told in (done.stderr, (tmp_path / "bad").read_bytes(), (tmp_path / "report").read_bytes()):
        assert b"hunter2" not in told
        assert f"{server}/x.jsonl".encode() in told or told is done.stderr


def test_a_file_url_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl({"messages": [{"role": "user", "content": "q"}]}))
    assert hh("hh-filter-singleturn", path.as_uri()).stdout == path.read_bytes()


def test_a_worker_silences_the_transports_for_each_task_at_no_growing_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """It added a handler each time, after a look at all of those before: tasks took longer and longer."""
    monkeypatch.setattr(logging.getLogger("s3transfer"), "handlers", [])
    monkeypatch.setattr(logging.getLogger("s3transfer"), "propagate", True)
    for _ in range(3):
        silence_transports()
    assert len(logging.getLogger("s3transfer").handlers) == 1
    assert not logging.getLogger("s3transfer").propagate
