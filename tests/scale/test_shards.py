"""What shards there are, which version of each, and what their outputs are called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hhtools.scale.shards import find_shards, version_of
from hhtools.stream.exits import Fault
from tests.hub.loopback import FILES as OF_HUB
from tests.hub.loopback import REPOSITORY, LoopbackHub, blob

HUB = f"hf://datasets/{REPOSITORY}"

FILES = [
    "hh/helpful/train.jsonl.gz",
    "hh/helpful/test.jsonl.gz",
    "hh/harmless/train.jsonl.gz",
    "hh/x.v1.json",
    "y.ndjson",
]
NAMES: dict[str, tuple[list[str], list[str]]] = {
    "one file": (["hh/helpful/train.jsonl.gz"], ["train.jsonl"]),
    "one folder": (["hh/helpful/train.jsonl.gz", "hh/helpful/test.jsonl.gz"], ["test.jsonl", "train.jsonl"]),
    "two folders": (
        ["hh/helpful/train.jsonl.gz", "hh/harmless/train.jsonl.gz"],
        ["harmless/train.jsonl", "helpful/train.jsonl"],
    ),
    "a file above the others": (["hh/helpful/test.jsonl.gz", "y.ndjson"], ["hh/helpful/test.jsonl", "y.jsonl"]),
    "a pattern": (["hh/*/train.jsonl.gz"], ["harmless/train.jsonl", "helpful/train.jsonl"]),
    "a pattern that one file matches": (["hh/helpf*/train.jsonl.gz"], ["helpful/train.jsonl"]),
    "any depth": (["hh/**/*.gz"], ["harmless/train.jsonl", "helpful/test.jsonl", "helpful/train.jsonl"]),
    "a pattern and a file": (["hh/*.json", "hh/helpful/test.jsonl.gz"], ["helpful/test.jsonl", "x.v1.jsonl"]),
    "the long way round": (["./hh/../hh//helpful/test.jsonl.gz"], ["test.jsonl"]),
    "a pattern from above": (["../here/h?/x*"], ["hh/x.v1.jsonl"]),
}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make some inputs, and the folder of them the current one."""
    folder = tmp_path / "here"
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    monkeypatch.chdir(folder)
    return folder


def names_of(*paths: str, compress: str | None = None) -> list[str]:
    return [shard.name for shard in find_shards(paths, ["/out"], compress, 60)]


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(("paths", "names"), NAMES.values(), ids=NAMES)
def test_outputs_are_named_as_their_inputs_below_the_folder_they_share(paths: list[str], names: list[str]) -> None:
    assert names_of(*paths) == names
    assert names_of(*map(os.path.abspath, paths)) == names
    assert names_of(*paths, compress="zst") == [f"{name}.zst" for name in names]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(work: Path) -> None:
    (work / "a[1].jsonl").write_bytes(b"")
    (work / "b*").mkdir()
    (work / "b*" / "c.jsonl").write_bytes(b"")
    assert names_of("a[1].jsonl", "b*/c.jsonl") == ["a[1].jsonl", "b*/c.jsonl"]


def test_shards_come_in_the_order_of_their_outputs_bytes(work: Path) -> None:
    for name in ("b-10.jsonl", "b-9.jsonl", "B.jsonl", "é.jsonl"):
        (work / name).write_bytes(b"")
    assert names_of("*.jsonl") == ["B.jsonl", "b-10.jsonl", "b-9.jsonl", "é.jsonl"]


def test_a_shard_is_known_by_its_absolute_path_and_its_version(work: Path) -> None:
    os.utime(work / "y.ndjson", ns=(0, 123))
    ((path, version, _),) = find_shards(["y.ndjson"], [], None, 60)
    assert (path, version) == (f"{work}/y.ndjson", "0 123")
    (work / "y.ndjson").write_bytes(b"{}\n")
    assert version_of(path, 60) not in (version, None)


REFUSED: dict[str, tuple[list[str], int, str]] = {
    "two of one name": (["hh/twice.jsonl", "hh/twice.json"], 2, "/hh/twice.jsonl and "),
    "the same one twice": (["y.ndjson", "./y.ndjson"], 2, " would both become y.jsonl; rename one of them"),
    "two of one name, packed": (["hh/twice.jsonl", "hh/twice.jsonl.gz"], 2, " would both become twice.jsonl; "),
    "a folder": (["hh"], 66, "/hh: cannot be opened: Is a directory"),
    "a missing file": (["none.jsonl"], 66, "/none.jsonl: cannot be opened: No such file or directory"),
    "a device": (["/dev/null"], 2, "/dev/null: is no file that can be read again, and so no shard"),
    "nothing matches": (["hh/*.parquet"], 66, "hh/*.parquet: matches no file"),
    "a name that a terminal would obey": (["hh/\x1b[2J.jsonl"], 2, "no output can have this name, '\\x1b[2J.jsonl'"),
    "a name that is no text": (["hh/\udce9.jsonl"], 2, "/hh/\\xe9.jsonl: no output can have this name"),
    "the folder of reports": (["_hh/a.jsonl", "y.ndjson"], 2, "/_hh/a.jsonl: no output can have this name"),
    "below the outputs": (["out/a.jsonl"], 2, "/out/a.jsonl: lies below "),
    "below the outputs, by a link to the folder": (["link/a.jsonl"], 2, "/link/a.jsonl: lies below "),
    "below the outputs, by a link to the file": (["hh/linked.jsonl"], 2, "/hh/linked.jsonl: lies below "),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_told_apart_is_refused(case: str, work: Path) -> None:
    for name in ("_hh/a.jsonl", "out/a.jsonl", "hh/twice.jsonl", "hh/twice.json", "hh/twice.jsonl.gz"):
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_bytes(b"")
    for name in ("\x1b[2J", "\udce9"):
        (work / "hh" / f"{name}.jsonl").write_bytes(b"")
    (work / "link").symlink_to("out")
    (work / "hh" / "linked.jsonl").symlink_to("../out/a.jsonl")
    paths, code, told = REFUSED[case]
    with pytest.raises(Fault) as raised:
        find_shards(paths, [f"{work}/out"], None, 60)
    assert (raised.value.code, told in raised.value.message) == (code, True), raised.value.message


def test_inputs_may_be_reached_by_links(work: Path) -> None:
    (work / "link").symlink_to("hh")
    assert names_of("link/helpful/*.gz") == ["test.jsonl", "train.jsonl"]


# URLs


def test_what_nobody_can_tell_the_version_of_has_none() -> None:
    shards = find_shards(
        ["https://host/hh/a.jsonl.gz?X-Amz-Signature=hunter2", "http://h2/b.jsonl"], ["/out"], None, 60
    )
    assert [(shard.name, shard.version) for shard in shards] == [
        ("http:/h2/b.jsonl", None),
        ("https:/host/hh/a.jsonl", None),
    ]
    assert names_of("https://u:hunter2@host/a/b.jsonl?x=*", "https://host/a/c/d.jsonl#y") == ["b.jsonl", "c/d.jsonl"]
    with pytest.raises(Fault, match=r"both become a\.jsonl") as raised:
        names_of("https://host/a.jsonl?token=hunter2", "https://host/a.jsonl?token=hunter3")
    assert "hunter" not in raised.value.message


@pytest.fixture
def home(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead this process to the Hub of the tests."""
    for name, value in {**hub.environment, "HF_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("revision", ["", "@main"])
def test_files_of_the_hub_are_named_below_their_folder(revision: str, hub: LoopbackHub) -> None:
    assert names_of(f"{HUB}{revision}/h*/test.jsonl.gz") == ["harmless-base/test.jsonl", "helpful-base/test.jsonl"]
    (shard,) = find_shards([f"{HUB}{revision}/small.jsonl"], [], None, 60)
    assert (shard.path, shard.version, shard.name) == (
        f"{HUB}{revision}/small.jsonl",
        blob(OF_HUB["small.jsonl"]),
        "small.jsonl",
    )
    (found,) = find_shards([f"{HUB}{revision}/sm*.jsonl"], [], None, 60)
    assert (found.path, found.version, found.name) == (f"{HUB}@{hub.main}/small.jsonl", shard.version, "small.jsonl")
