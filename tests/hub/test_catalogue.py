from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hub.loopback import FILES, Faults, LoopbackHub, entry_of
from tests.shell import Done, hh

REPOSITORY = "hf://datasets/Anthropic/hh-rlhf"


def fetch(hub: LoopbackHub, folder: Path, *files: str) -> Done:
    return hh("hh-fetch", "Anthropic/hh-rlhf@main", *files, "-O", folder, **hub.environment)


def fetched(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("page", [1, 3, 1000])
def test_a_list_is_read_to_its_last_page(hub: LoopbackHub, page: int, tmp_path: Path) -> None:
    """The link to the next page names another host, as those of mirrors do: it is not asked."""
    hub.page = page
    done = fetch(hub, tmp_path, "**/*.gz", "*.jsonl")
    assert (done.returncode, done.stderr) == (0, b"")
    assert fetched(tmp_path) == set(FILES) - {"README.md"}


def test_a_list_without_an_end_ends(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.page = 0
    assert fetch(hub, tmp_path, "*.jsonl").returncode == 66
    assert len(hub.asked) == 3


def test_all_files_are_of_one_commit(hub: LoopbackHub, tmp_path: Path) -> None:
    """A branch that moves between the first file and the second does not mix them."""
    first = hub.main
    hub.on_asked["/resolve/main/small.jsonl"] = lambda: hub.commit(dict.fromkeys(FILES, b"moved\n"))
    assert fetch(hub, tmp_path, "small.jsonl", "README.md").returncode == 0
    assert hub.main != first
    assert (tmp_path / "README.md").read_bytes() == FILES["README.md"]


def test_a_name_like_a_pattern_is_that_file(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.commit({"[x].jsonl": b"{}\n", "x.jsonl": b"{}\n"})
    assert fetch(hub, tmp_path, "[x].jsonl").returncode == 0
    assert fetched(tmp_path) == {"[x].jsonl"}


HOSTILE = ["../x.gz", "/tmp/x.gz", "a/../../x.gz", "a//x.gz", "./x.gz", "a\n/x.gz", "\x1b[31mx.gz", ".git/x.gz"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_leads_out_of_the_folder_is_refused(hub: LoopbackHub, name: str, tmp_path: Path) -> None:
    hub.extra_entries = [entry_of(name, b"hostile")]
    hub.commits[hub.main] = {**FILES, name: b"hostile"}
    folder = tmp_path / "a" / "data"
    done = fetch(hub, folder, "**/*x.gz")
    assert (done.returncode, done.stdout) == (73, b"")
    assert done.stderr.startswith(f"hh-fetch: {REPOSITORY}@".encode())
    assert b"the Hub lists a name that leads elsewhere: " in done.stderr
    assert done.stderr.decode().strip("\n").isprintable()
    assert fetched(tmp_path) == set()
    assert fetch(hub, folder, "small*").returncode == 0


NO_HUB: dict[str, tuple[list[Any], Faults]] = {
    "a page of a login": ([], Faults(login_page=True)),
    "no checksum": ([], Faults(no_checksums=True)),
    "no object": ([7], Faults()),
    "no name": ([{"type": "file", "oid": "0" * 40, "size": 1}], Faults()),
    "a name that is none": ([{"type": "file", "oid": "0" * 40, "size": 1, "path": 7}], Faults()),
    "no size": ([{"type": "file", "oid": "0" * 40, "size": -1, "path": "x"}], Faults()),
    "no hash": ([{"type": "file", "oid": "0" * 39, "size": 1, "path": "x"}], Faults()),
    "no large file": ([{"type": "file", "oid": "0" * 40, "size": 1, "path": "x", "lfs": 7}], Faults()),
}


@pytest.mark.parametrize(("entries", "faults"), NO_HUB.values(), ids=NO_HUB)
def test_what_is_no_hub_is_told(hub: LoopbackHub, entries: list[Any], faults: Faults, tmp_path: Path) -> None:
    hub.faults, hub.extra_entries = faults, entries
    done = fetch(hub, tmp_path, "large.gz" if faults.no_checksums else "**/*.gz")
    assert done.returncode == 75
    assert f"{hub.url} does not answer as a Hub does; check the network, and HF_ENDPOINT\n" in done.stderr.decode()
    assert fetched(tmp_path) == set()
