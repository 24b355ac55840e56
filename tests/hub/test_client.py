"""What is sent to whom, and where redirects may lead."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.hub.loopback import LARGE, Faults, LoopbackHub, serving
from tests.shell import Done, hh

TOKEN = {"HF_TOKEN": "hf_secret"}


def fetch(hub: LoopbackHub, folder: Path, *files: str, **environment: str) -> Done:
    return hh("hh-fetch", "Anthropic/hh-rlhf@main", *files, "-O", folder, **{**hub.environment, **environment})


def test_the_token_goes_to_the_hub_and_never_to_its_storage(hub: LoopbackHub, tmp_path: Path) -> None:
    assert fetch(hub, tmp_path, "large.gz", "README.md", "helpful-base/*", **TOKEN).returncode == 0
    told = {(asked.host.partition(":")[0], asked.authorization) for asked in hub.asked}
    assert told == {("127.0.0.1", "Bearer hf_secret"), ("localhost", None)}
    hub.asked.clear()
    assert fetch(hub, tmp_path / "b", "large.gz", "README.md").returncode == 0
    assert {asked.authorization for asked in hub.asked} == {None}


def test_a_password_of_another_program_is_sent_nowhere(hub: LoopbackHub, tmp_path: Path) -> None:
    """requests would take it for the token, and send it to the storage too."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n")
    netrc.chmod(0o600)
    assert fetch(hub, tmp_path, "large.gz", NETRC=str(netrc), **TOKEN).returncode == 0
    assert {asked.authorization for asked in hub.asked} == {"Bearer hf_secret", None}


def test_what_is_asked_and_no_more(hub: LoopbackHub, tmp_path: Path) -> None:
    assert fetch(hub, tmp_path, "large.gz", "small.jsonl", "README.md").returncode == 0
    assert hub.log() == [
        "hub HEAD /datasets/REPO/resolve/main/large.gz",
        "hub HEAD /datasets/REPO/resolve/HASH/small.jsonl",
        "hub HEAD /datasets/REPO/resolve/HASH/README.md",
        "hub HEAD /api/resolve-cache/HASH/README.md",
        "hub GET /datasets/REPO/resolve/HASH/large.gz",
        "storage GET /storage/HASH?Signature=secret",
        "hub GET /datasets/REPO/resolve/HASH/small.jsonl",
        "hub GET /datasets/REPO/resolve/HASH/README.md",
        "hub GET /api/resolve-cache/HASH/README.md",
    ]
    assert fetch(hub, tmp_path, "helpful-base/*").returncode == 0
    assert hub.log()[:2] == [
        "hub GET /api/datasets/REPO/revision/main",
        "hub GET /api/datasets/REPO/tree/HASH/helpful-base?recursive=true",
    ]


def test_names_are_quoted(hub: LoopbackHub, tmp_path: Path) -> None:
    name = "a b/é#?%41.jsonl"
    hub.commit({name: b"{}\n"})
    assert fetch(hub, tmp_path, name).returncode == 0
    assert (tmp_path / name).read_bytes() == b"{}\n"
    assert hub.log()[-1] == "hub GET /datasets/REPO/resolve/HASH/a%20b/%C3%A9%23%3F%2541.jsonl"


ELSEWHERE = {
    "a circle": ("/datasets/Anthropic/hh-rlhf/resolve/main/large.gz", "redirects in a circle"),
    "a file": (
        "file:///etc/passwd",
        "redirects to another scheme, and only https or the same one is followed",
    ),
}


@pytest.mark.parametrize(("location", "told"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_redirects_that_lead_nowhere(hub: LoopbackHub, location: str, told: str, tmp_path: Path) -> None:
    hub.faults = Faults(redirect_to=location)
    done = fetch(hub, tmp_path, "large.gz")
    assert done.returncode == 66
    assert done.stderr.decode() == f"hh-fetch: hf://datasets/Anthropic/hh-rlhf@main/large.gz: {told}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[LoopbackHub, str]]:
    """Serve a Hub over HTTPS; give it, and the certificate to trust."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    with serving(context) as hub:
        hub.reset()
        yield hub, str(trusted)


def test_https_is_never_left_for_http(secure: tuple[LoopbackHub, str], hub: LoopbackHub, tmp_path: Path) -> None:
    safe, trusted = secure
    folder = tmp_path / "data"
    assert fetch(safe, folder, "large.gz", REQUESTS_CA_BUNDLE=trusted).returncode == 0
    assert (folder / "large.gz").read_bytes() == LARGE
    safe.storage = hub.storage
    done = fetch(safe, folder, "helpful-base/test.jsonl.gz", REQUESTS_CA_BUNDLE=trusted)
    assert done.returncode == 66
    assert b"redirects to another scheme, and only https or the same one is followed" in done.stderr
    assert hub.asked == []


def test_no_hub_at_all(tmp_path: Path) -> None:
    done = hh("hh-fetch", "a/b", "x", "-O", tmp_path, HF_ENDPOINT="http://127.0.0.1:1")
    assert done.returncode == 75
    assert done.stderr == b"hh-fetch: hf://datasets/a/b@main/x: network trouble (ConnectionError); try again\n"
