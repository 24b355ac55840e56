from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub.loopback import Faults, LoopbackHub, Refused
from tests.shell import hh

REPOSITORY = "hf://datasets/Anthropic/hh-rlhf"
PAGE = "URL/datasets/Anthropic/hh-rlhf"
FILE = f"{REPOSITORY}@main/x.gz"

# (what the Hub answers, the exit code, what is told without a token, and with one); URL stands for that of the Hub
REFUSED = {
    "gated": (
        Refused(401, "GatedRepo", "Access to dataset is restricted"),
        77,
        f"{REPOSITORY}: access must be asked for at {PAGE}; then set HF_TOKEN, or run hf auth login",
        f"{REPOSITORY}: access must be asked for at {PAGE}; with the account that this token belongs to",
    ),
    "private or missing": (
        Refused(401, "RepoNotFound", "Repository not found"),
        66,
        f"{REPOSITORY}: there is no such dataset, or it is private: set HF_TOKEN, or run hf auth login",
        f"{REPOSITORY}: there is no such dataset, or this token may not see it",
    ),
    "no revision": (Refused(404, "RevisionNotFound"), 66, f"{REPOSITORY}: there is no revision main", None),
    "no file": (
        Refused(404, "EntryNotFound"),
        66,
        f"{FILE}: there is no such file or folder; see {PAGE}/tree/main",
        None,
    ),
    "disabled": (
        Refused(403, "", "Access to this resource is disabled."),
        66,
        f"{REPOSITORY}: the Hub has disabled it; see {PAGE}",
        None,
    ),
    "a wrong token": (
        Refused(401, "", "Invalid credentials in Authorization header"),
        77,
        f"{REPOSITORY}: a token is needed; set HF_TOKEN, or run hf auth login",
        f"{REPOSITORY}: the Hub does not accept the token; check HF_TOKEN",
    ),
    "forbidden": (
        Refused(403),
        77,
        f"{REPOSITORY}: access denied (403); see {PAGE}, and what the token may do",
        None,
    ),
    "missing": (Refused(404), 66, f"{FILE}: is not there (404)", None),
    "too many": (Refused(429), 75, f"{FILE}: the server is in trouble (429); try again", None),
    "a bug of the Hub": (Refused(500), 75, f"{FILE}: the server is in trouble (500); try again", None),
}


@pytest.mark.parametrize("pattern", [False, True], ids=["a file", "a pattern"])
@pytest.mark.parametrize(("refused", "code", "without", "with_token"), REFUSED.values(), ids=REFUSED)
def test_what_the_hub_refuses(
    hub: LoopbackHub, refused: Refused, code: int, without: str, with_token: str | None, pattern: bool, tmp_path: Path
) -> None:
    hub.faults = Faults(refuse=refused)
    for token, told in {"": without, "hf_x": with_token}.items():
        if told is None:
            continue
        path = "x.*" if pattern else "x.gz"
        done = hh("hh-fetch", "Anthropic/hh-rlhf@main", path, "-O", tmp_path, HF_TOKEN=token, **hub.environment)
        assert (done.returncode, done.stdout) == (code, b"")
        place = f"{REPOSITORY}@main/" if pattern else FILE
        assert done.stderr.decode() == f"hh-fetch: {told.replace(FILE, place).replace('URL', hub.url)}\n"
    assert list(tmp_path.iterdir()) == []


MISSING = {
    "a repository": ("Anthropic/no-such", "x.gz", "hf://datasets/Anthropic/no-such: there is no such dataset"),
    "a revision": ("Anthropic/hh-rlhf@v9", "x.gz", f"{REPOSITORY}: there is no revision v9"),
    "a file": ("Anthropic/hh-rlhf@main", "x.gz", f"{FILE}: there is no such file or folder"),
    "a folder": ("Anthropic/hh-rlhf@main", "x/*", f"{REPOSITORY}@main/x/*: matches no file"),
}


@pytest.mark.parametrize(("repository", "path", "told"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_named(hub: LoopbackHub, repository: str, path: str, told: str, tmp_path: Path) -> None:
    done = hh("hh-fetch", repository, path, "-O", tmp_path, **hub.environment)
    assert done.returncode == 66
    assert done.stderr.decode().startswith(f"hh-fetch: {told}")
