"""HTTP and HTTPS against a server that misbehaves in every way of the table."""

from __future__ import annotations

import gzip
import http.server
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from tests.columnar import parquet_of
from tests.shell import Done, hh, jsonl, rows

RECORD = {"messages": [{"role": "user", "content": "q"}]}
LINES = jsonl(*[RECORD] * 5000)
COLUMNS = parquet_of(*[RECORD] * 5000, row_group_size=1000)


class Faulty(http.server.BaseHTTPRequestHandler):
    """Answers each path in its own way; see the method of that name."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        name = self.path.strip("/").partition("?")[0].partition(".")[0].replace("-", "_")
        if name.isdecimal():
            self.begin(int(name), {"Content-Length": "0"})
        else:
            with suppress(OSError):
                getattr(self, name)()

    def begin(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for header, value in (headers or {}).items():
            self.send_header(header, value)
        self.end_headers()

    def promise(self, size: int = len(LINES)) -> None:
        self.begin(headers={"Content-Length": str(size)})

    def whole(self) -> None:
        self.promise()
        self.wfile.write(LINES)

    def encoded(self) -> None:
        packed = gzip.compress(LINES)
        self.begin(headers={"Content-Length": str(len(packed)), "Content-Encoding": "gzip"})
        self.wfile.write(packed)

    def short(self) -> None:
        self.promise()
        self.wfile.write(LINES[:-100])

    def reset(self) -> None:
        self.promise()
        self.wfile.write(LINES[: len(LINES) // 2])
        self.wfile.flush()
        time.sleep(0.2)  # a reset throws away what the other side has not read yet
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def stalls(self) -> None:
        self.promise()
        self.wfile.write(LINES[: len(LINES) // 2])
        time.sleep(3)

    def silent(self) -> None:
        time.sleep(3)

    def chunked(self, end: bytes = b"0\r\n\r\n") -> None:
        self.protocol_version = "HTTP/1.1"
        self.begin(headers={"Transfer-Encoding": "chunked"})
        self.wfile.write(b"%x\r\n%s\r\n" % (len(LINES), LINES) + end)
        self.close_connection = True

    def chunked_and_cut(self) -> None:
        self.chunked(b"")

    def unmeasured(self) -> None:
        self.begin()
        self.wfile.write(LINES)

    def unmeasured_and_packed(self) -> None:
        self.begin()
        self.wfile.write(gzip.compress(LINES))

    def unmeasured_packed_and_cut(self) -> None:
        self.begin()
        self.wfile.write(gzip.compress(LINES)[:-5])

    def columns(self) -> None:
        self.begin(headers={"Content-Length": str(len(COLUMNS))})
        self.wfile.write(COLUMNS)

    def columns_as_a_whole(self) -> None:
        self.begin(headers={"Content-Length": str(len(COLUMNS)), "Accept-Ranges": "none"})
        self.wfile.write(COLUMNS)

    def columns_in_parts(self) -> None:
        start = int(self.headers.get("Range", "bytes=0-").strip("bytes=-"))
        size = len(COLUMNS)
        part = {"Content-Length": str(size - start), "Content-Range": f"bytes {start}-{size - 1}/{size}"}
        self.begin(206 if "Range" in self.headers else 200, part)
        self.wfile.write(COLUMNS[start:])

    def piece(self) -> None:
        self.begin(206, {"Content-Length": "49", "Content-Range": f"bytes 0-48/{len(LINES)}"})
        self.wfile.write(LINES[:49])

    def circle(self) -> None:
        self.begin(302, {"Location": "/circle", "Content-Length": "0"})

    def moved(self) -> None:
        self.begin(302, {"Location": "/whole?sig=secret", "Content-Length": "0"})

    def to_file(self) -> None:
        self.begin(302, {"Location": "file:///etc/passwd", "Content-Length": "0"})

    def weaker(self) -> None:
        plain = getattr(self.server, "plain")  # noqa: B009
        self.begin(302, {"Location": f"{plain}/whole", "Content-Length": "0"})


@contextmanager
def serving(wrap: Callable[[socket.socket], socket.socket] | None = None, plain: str = "") -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Faulty) as running:
        if wrap:
            running.socket = wrap(running.socket)
        setattr(running, "plain", plain)  # noqa: B010
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"{'https' if wrap else 'http'}://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(scope="module")
def secure(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Serve HTTPS with a certificate of an authority of our own; give the URL and the authority's certificate."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusted = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    with serving(lambda bare: context.wrap_socket(bare, server_side=True), server) as url:
        yield url, trusted


def singleturn(url: str, *options: str, **environment: str) -> Done:
    return hh("hh-filter-singleturn", url, "--timeout", "1", *options, **environment)


@pytest.mark.parametrize("path", ["whole", "chunked", "moved", "encoded", "unmeasured-and-packed"])
def test_a_whole_body_is_read_to_its_verified_end(server: str, path: str, tmp_path: Path) -> None:
    done = singleturn(f"{server}/{path}", "--report", str(tmp_path / "report"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == LINES
    (report,) = rows((tmp_path / "report").read_bytes().replace(b"\n", b""))
    assert [given["end"] for given in report["inputs"]] == ["verified"]


def test_columns_are_read_in_parts(server: str, tmp_path: Path) -> None:
    done = singleturn(f"{server}/columns-in-parts.parquet", "--report", str(tmp_path / "report"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert rows(done.stdout) == [RECORD] * 5000
    assert b'"end": "verified"' in (tmp_path / "report").read_bytes()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("columns", "its server gives the whole only; download it first"),
        (
            "columns-as-a-whole",
            "this is a Parquet file, whose index stands at its end, in a pipe or the like; save it to a file first",
        ),
    ],
)
def test_columns_of_which_there_are_no_parts_are_refused(server: str, path: str, told: str) -> None:
    done = singleturn(f"{server}/{path}")
    assert (done.returncode, done.stdout) == (66, b"")
    assert done.stderr.decode() == f"hh-filter-singleturn: {server}/{path}: {told}\n"


BROKEN = {
    "short": (75, "the connection broke off; try again; "),
    "reset": (75, "the connection broke off; try again; "),
    "stalls": (75, "the server does not answer; try again, or allow more with --timeout; "),
    "chunked-and-cut": (75, "the connection broke off; try again; "),
    "unmeasured-packed-and-cut": (74, "compressed input ends early"),
}


@pytest.mark.parametrize(("path", "code", "told"), [(path, *told) for path, told in BROKEN.items()], ids=BROKEN)
def test_a_body_that_breaks_off_is_an_error_behind_what_had_come(
    server: str, path: str, code: int, told: str, tmp_path: Path
) -> None:
    done = singleturn(f"{server}/{path}")
    assert done.returncode == code
    assert done.stderr.decode().startswith(f"hh-filter-singleturn: {server}/{path}: {told}")
    assert LINES.startswith(done.stdout)
    assert len(done.stdout) > len(LINES) // 2 - (1 << 15)
    target = tmp_path / "out"
    assert singleturn(f"{server}/{path}", "-o", str(target)).returncode == code
    assert not target.exists()


REFUSED = {
    "404": (66, "is not there (404)"),
    "410": (66, "is not there (410)"),
    "202": (66, "the server answers 202, and does not give the whole file"),
    "204": (66, "the server answers 204, and does not give the whole file"),
    "piece": (66, "the server answers 206, and does not give the whole file"),
    "401": (77, "access denied (401); credentials go into the URL or into ~/.netrc"),
    "403": (77, "access denied (403); credentials go into the URL or into ~/.netrc"),
    "429": (75, "the server is in trouble (429); try again"),
    "500": (75, "the server is in trouble (500); try again"),
    "circle": (66, "redirects in a circle"),
    "to-file": (66, "redirects to another scheme, and only https or the same one is followed"),
    "silent": (75, "the server does not answer; try again, or allow more with --timeout"),
}


@pytest.mark.parametrize(("path", "code", "told"), [(path, *told) for path, told in REFUSED.items()], ids=REFUSED)
def test_what_cannot_be_had_is_told_in_one_line_without_secrets(server: str, path: str, code: int, told: str) -> None:
    done = singleturn(f"{server.replace('//', '//me:secret@')}/{path}?X-Amz-Signature=secret")
    assert done.returncode == code
    assert done.stderr.decode() == f"hh-filter-singleturn: {server}/{path}: {told}\n"
    assert b"secret" not in done.marker


def test_no_server_is_network_trouble() -> None:
    done = singleturn("http://127.0.0.1:1/x")
    assert done.returncode == 75
    assert done.stderr.startswith(b"hh-filter-singleturn: http://127.0.0.1:1/x: network trouble (ConnectionError)")


def test_an_end_that_cannot_be_verified_is_told(server: str) -> None:
    done = singleturn(f"{server}/unmeasured")
    assert (done.returncode, done.stdout) == (0, LINES)
    told = "its server did not say how long it is: an early end would not be seen"
    assert done.stderr.decode() == f"hh-filter-singleturn: {server}/unmeasured: {told}\n"
    assert singleturn(f"{server}/unmeasured", "-q").stderr == b""


def test_https_is_read_and_never_redirected_to_http(secure: tuple[str, Path]) -> None:
    url, trusted = secure
    done = singleturn(f"{url}/whole", REQUESTS_CA_BUNDLE=str(trusted))
    assert (done.returncode, done.stdout) == (0, LINES)
    done = singleturn(f"{url}/weaker", REQUESTS_CA_BUNDLE=str(trusted))
    assert done.returncode == 66
    assert b"redirects to another scheme, and only https or the same one is followed" in done.stderr


def test_a_certificate_that_is_not_trusted_is_refused(secure: tuple[str, Path]) -> None:
    url, _ = secure
    done = singleturn(f"{url}/whole")
    assert done.returncode == 75
    assert done.stderr.endswith(b"the server's certificate is not trusted; see REQUESTS_CA_BUNDLE\n")
