"""A Hugging Face Hub on loopback, with a storage under another host name, that misbehaves as it is told to."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import json
import os
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.dialogues import answered, asked, rated, transcript, tree
from tests.shell import SAMPLE, jsonl

REPOSITORY = "Anthropic/hh-rlhf"
REPOSITORIES = f"(?:{REPOSITORY}|nvidia/HelpSteer|OpenAssistant/oasst1)"
"""All that there are; they have the same files."""

LARGE = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(10_000))
"""320,000 bytes, for fetches that break off in the middle."""

FILES = {
    "README.md": b"# The card\n",
    "small.jsonl": jsonl({"messages": [{"role": "user", "content": "q"}]}),
    "large.gz": LARGE,
    "harmless-base/test.jsonl.gz": SAMPLE.read_bytes(),
    "harmless-base/train.jsonl.gz": SAMPLE.read_bytes(),
    "helpful-base/test.jsonl.gz": SAMPLE.read_bytes(),
    "helpful-base/train.jsonl.gz": gzip.compress(gzip.decompress(SAMPLE.read_bytes()) * 2, mtime=0),
    "red-team-attempts/red_team_attempts.jsonl.gz": gzip.compress(
        jsonl({"transcript": transcript("H: Hi", "A: Hello"), "rating": 1.0}), mtime=0
    ),
}

_PAIRS = gzip.decompress(SAMPLE.read_bytes()).splitlines(keepends=True)
_SUBSETS = ("harmless-base", "helpful-base", "helpful-online", "helpful-rejection-sampled")


def _part(start: int, count: int) -> bytes:
    return gzip.compress(b"".join(_PAIRS[start : start + count]), mtime=0)


RECIPE_FILES = {
    **{f"{subset}/train.jsonl.gz": _part(7 * place, 7) for place, subset in enumerate(_SUBSETS)},
    **{f"{subset}/test.jsonl.gz": _part(28 + 3 * place, 3) for place, subset in enumerate(_SUBSETS)},
    "train.jsonl.gz": gzip.compress(jsonl(rated("5", "00400"), rated("4", "44401")), mtime=0),
    "validation.jsonl.gz": gzip.compress(jsonl(rated("6", "00300", prompt="3+3?")), mtime=0),
    "2023-04-12_oasst_all.trees.jsonl.gz": gzip.compress(
        jsonl(
            *[
                tree(
                    asked(
                        f"{number}+2?",
                        answered("5", rank=1, labels={"quality": {"value": 0.0, "count": 3}}),
                        answered("4", asked("Sure?"), rank=0, labels={"quality": {"value": 1.0, "count": 3}}),
                    )
                )
                for number in range(40)
            ]
        ),
        mtime=0,
    ),
}
"""What the recipes fetch, of all repositories together: 28 and 12 pairs, 2 and 1 ratings, 40 trees of two answers."""


def already_fetched(folder: Path, dataset: str = f"{REPOSITORY}@main") -> None:
    """Lay out what the recipes for HH-RLHF fetch into a folder, as they would."""
    path = folder / "hh-rlhf" / ".recipe"
    path.parent.mkdir(parents=True)
    path.write_text(f"{dataset}\n")
    os.utime(path, (0, 0))
    for name in (name for name in RECIPE_FILES if "/" in name):
        (folder / "hh-rlhf" / name).parent.mkdir(exist_ok=True)
        (folder / "hh-rlhf" / name).write_bytes(RECIPE_FILES[name])


NO_HEADERS: Mapping[str, str] = {}


class Asked(NamedTuple):
    """A request as it came in."""

    host: str
    method: str
    path: str
    range: str | None
    authorization: str | None


class Refused(NamedTuple):
    """An answer that is an error."""

    status: int
    code: str = ""
    message: str = ""


@dataclass
class Faults:
    """What goes wrong; each happens ``times`` times, and then no more."""

    times: int = 1_000_000
    drop_after: int | None = None
    flip: bool = False
    ignore_range: bool = False
    other_range: bool = False
    refuse: Refused | None = None
    storage_refuses: int | None = None
    break_off_unanswered: bool = False
    stall: float = 0
    released: threading.Event = field(default_factory=threading.Event)
    no_checksums: bool = False
    login_page: bool = False
    redirect_to: str = ""

    def strikes(self) -> bool:
        """Tell whether it happens once more."""
        self.times -= 1
        return self.times >= 0


@dataclass
class LoopbackHub:
    """One repository, its commits, and what has been asked of the server."""

    url: str = ""
    storage: str = ""
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    main: str = ""
    asked: list[Asked] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    page: int = 1000
    extra_entries: list[Any] = field(default_factory=list)
    on_asked: dict[str, Callable[[], object]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Give the environment that leads a command here."""
        return {"HF_ENDPOINT": self.url}

    def reset(self) -> None:
        """Begin again, with one commit that has FILES."""
        self.__dict__.update(LoopbackHub(self.url, self.storage).__dict__)
        self.commit(FILES)

    def commit(self, files: dict[str, bytes]) -> str:
        """Add a commit with these files, and give its hash."""
        self.main = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        self.commits[self.main] = files
        return self.main

    def log(self) -> list[str]:
        """Tell what has been asked since the last time: by whose name, for what, from which byte on."""
        told = [
            f"{'hub' if asked.host.startswith('127') else 'storage'} {asked.method} "
            f"{re.sub('[0-9a-f]{40,}', 'HASH', asked.path.replace(REPOSITORY, 'REPO'))} {asked.range or ''}".strip()
            for asked in self.asked
        ]
        self.asked.clear()
        return told

    def gets(self) -> list[str | None]:
        """Give the ranges that have been asked of the storage since the last time."""
        ranges = [asked.range for asked in self.asked if asked.path.startswith("/storage/")]
        self.asked.clear()
        return ranges


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the Hub does, or as its storage, by the host name that it is asked under."""

    protocol_version = "HTTP/1.1"
    hub: LoopbackHub

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        self.hub.asked.append(
            Asked(
                self.headers["Host"],
                self.command,
                self.path,
                self.headers.get("Range"),
                self.headers.get("Authorization"),
            )
        )
        with suppress(OSError):
            if path.startswith("/storage/"):
                self.store(path.removeprefix("/storage/"))
            else:
                self.answer(path, parse_qs(parts.query))
            for end, job in self.hub.on_asked.items():
                if path.endswith(end):
                    job()

    def answer(self, path: str, query: dict[str, list[str]]) -> None:
        faults = self.hub.faults
        if faults.break_off_unanswered and faults.strikes():
            self.close_connection = True
        elif faults.refuse and faults.strikes():
            told = {"X-Error-Code": faults.refuse.code, "X-Error-Message": faults.refuse.message}
            self.give(b"refused", faults.refuse.status, {name: text for name, text in told.items() if text})
        elif faults.login_page:
            self.give(b"<html>Welcome to the hotel's network")
        elif found := re.fullmatch(f"/datasets/{REPOSITORIES}/resolve/(refs/pr/1|[^/]+)/(.+)", path):
            self.resolve(found[1], found[2])
        elif found := re.fullmatch("/api/resolve-cache/([0-9a-f]{40})/(.+)", path):
            self.give_content(self.hub.commits[found[1]][found[2]], {})
        elif found := re.fullmatch(f"/api/datasets/{REPOSITORIES}/revision/([^/]+)", path):
            self.give_json({"sha": self.files_at(found[1])[0]})
        elif found := re.fullmatch(f"/api/datasets/{REPOSITORIES}/tree/([^/]+)/?(.*)", path):
            self.tree(found[1], found[2], int(query.get("cursor", ["0"])[0]))
        else:
            self.give(b"", 401, {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})

    def files_at(self, revision: str) -> tuple[str, dict[str, bytes]]:
        commit = self.hub.main if revision in {"main", "refs/pr/1"} else revision
        return commit, self.hub.commits.get(commit, {})

    def resolve(self, revision: str, path: str) -> None:
        commit, files = self.files_at(revision)
        told = {"X-Repo-Commit": commit}
        if not files:
            self.give(b"", 404, {"X-Error-Code": "RevisionNotFound"})
        elif path not in files:
            self.give(b"", 404, {**told, "X-Error-Code": "EntryNotFound"})
        elif self.hub.faults.redirect_to:
            self.give(b"", 302, {**told, "Location": self.hub.faults.redirect_to})
        elif path.endswith(".gz"):
            location = f"{self.hub.storage}/storage/{sha256(files[path])}?Signature=secret"
            linked = {"X-Linked-Etag": f'"{sha256(files[path])}"', "X-Linked-Size": str(len(files[path]))}
            told = told if self.hub.faults.no_checksums else {**told, **linked}
            self.give(b"Found", 302, {**told, "Location": location, "ETag": '"of-the-pointer"'})
        elif path.endswith(".md"):
            self.give(b"", 307, {**told, "Location": f"/api/resolve-cache/{commit}/{quote(path)}"})
        else:
            self.give_content(files[path], told)

    def tree(self, revision: str, folder: str, start: int) -> None:
        _, files = self.files_at(revision)
        entries = [entry_of(path, content) for path, content in sorted(files.items()) if path.startswith(folder)]
        folders = {path.rpartition("/")[0] for path in files} - {""}
        entries += [{"type": "directory", "oid": "0" * 40, "size": 0, "path": name} for name in sorted(folders)]
        entries += self.hub.extra_entries
        end = start + self.hub.page
        url = f"https://mirror.example{urlsplit(self.path).path}?recursive=true&cursor={end}"
        link = {"Link": f'<{url}>; rel="next"'} if end < len(entries) else {}
        self.give_json(entries[start:end], link)

    def store(self, digest: str) -> None:
        faults = self.hub.faults
        (content,) = {
            content for files in self.hub.commits.values() for content in files.values() if sha256(content) == digest
        }
        if faults.storage_refuses and faults.strikes():
            self.give(b"<Error>Request has expired</Error>", faults.storage_refuses)
            return
        content = self.perhaps_flipped(content)
        start, status, headers = 0, 200, {"ETag": '"an-etag-of-the-storage"'}
        asked = re.fullmatch("bytes=([0-9]+)-", self.headers.get("Range", ""))
        if asked and not faults.ignore_range:
            start, status = int(asked[1]) - faults.other_range, 206
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        if faults.drop_after is not None and len(body) > faults.drop_after and faults.strikes():
            self.begin(status, {**headers, "Content-Length": str(len(body))})
            self.wfile.write(body[: faults.drop_after])
            self.wfile.flush()
            faults.released.wait(faults.stall)
            self.close_connection = True
            return
        self.give(body, status, headers)

    def perhaps_flipped(self, content: bytes) -> bytes:
        if self.command == "GET" and self.hub.faults.flip and self.hub.faults.strikes():
            return content[:-1] + bytes([content[-1] ^ 1])
        return content

    def give_content(self, content: bytes, headers: Mapping[str, str]) -> None:
        """Give what git keeps itself, without ranges."""
        self.give(self.perhaps_flipped(content), headers={**headers, "ETag": f'W/"{blob(content)}"'})

    def give_json(self, value: Any, headers: Mapping[str, str] = NO_HEADERS) -> None:
        self.give(json.dumps(value).encode(), headers=headers)

    def give(self, body: bytes, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> None:
        self.begin(status, {"Content-Length": str(len(body)), **headers})
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


@contextmanager
def serving(secure: ssl.SSLContext | None = None) -> Iterator[LoopbackHub]:
    """Run a server until the block is left."""
    hub = LoopbackHub()
    handler = type("Bound", (Handler,), {"hub": hub})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        if secure:
            running.socket = secure.wrap_socket(running.socket, server_side=True)
        scheme = "https" if secure else "http"
        hub.url = f"{scheme}://127.0.0.1:{running.server_port}"
        hub.storage = f"{scheme}://localhost:{running.server_port}"
        threading.Thread(target=running.serve_forever, args=[0.05], daemon=True).start()
        yield hub
        running.shutdown()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def blob(content: bytes) -> str:
    """Name a content as git does."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def entry_of(path: str, content: bytes) -> dict[str, Any]:
    entry = {"type": "file", "oid": blob(content), "size": len(content), "path": path}
    if path.endswith(".gz"):
        entry |= {"oid": blob(b"pointer"), "lfs": {"oid": sha256(content), "size": len(content), "pointerSize": 132}}
    return entry
