"""A folder of outputs on disk; tests/s3 has the one in a bucket."""

from __future__ import annotations

import os
import socket
import subprocess
import zlib
from pathlib import Path

import pytest

from hhtools.scale.folder import folder_at
from hhtools.stream.exits import Fault


def test_a_folder_is_made_and_known_by_its_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = folder_at("a/b", 60)
    assert (folder.place, Path("a/b").is_dir()) == (f"{tmp_path}/a/b", True)
    assert folder_at(f"file://{tmp_path}/a/b", 60).place == folder.place
    monkeypatch.chdir("/")
    assert folder.path("c/d.jsonl") == f"{tmp_path}/a/b/c/d.jsonl"
    assert (tmp_path / "a/b/c").is_dir()


def test_files_are_read_listed_and_removed_by_their_names(tmp_path: Path) -> None:
    folder = folder_at(str(tmp_path), 60)
    for name in ("a.jsonl", "b/c d\né.jsonl"):
        Path(folder.path(name)).write_bytes(name.encode())
    (tmp_path / "gone").symlink_to("nowhere")
    assert dict(folder.sizes()) == {"a.jsonl": 7, "b/c d\né.jsonl": 14}
    assert folder.read("b/c d\né.jsonl") == "b/c d\né.jsonl".encode()
    folder.remove("a.jsonl")
    folder.remove("a.jsonl")
    assert folder.read("a.jsonl") is None
    assert dict(folder.sizes()) == {"b/c d\né.jsonl": 14}


def test_what_is_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    folder = folder_at(str(tmp_path), 60)
    for act, code, told in (
        (lambda: folder_at(f"{tmp_path}/file", 60), 73, f"-O: {tmp_path}/file: cannot be made: File exists"),
        (lambda: folder_at("", 60, "--bad-dir"), 73, "--bad-dir: : cannot be made: No such file or directory"),
        (lambda: folder_at("/proc/x", 60), 73, "-O: /proc/x: cannot be made: No such file or directory"),
        (lambda: folder_at("https://h/x", 60), 2, "https://h/x/x: https:// cannot be written; give a file, or a URL "),
        (lambda: folder.path("file/x"), 73, f"-O: {tmp_path}/file: cannot be made: File exists"),
        (lambda: folder.read("folder"), 74, f"{tmp_path}/folder: cannot be read: Is a directory"),
        (lambda: folder.remove("folder"), 73, f"{tmp_path}/folder: cannot be removed: Is a directory"),
    ):
        with pytest.raises(Fault) as raised:
            act()
        assert raised.value.code == code
        assert raised.value.message.startswith(told), raised.value.message


def test_only_what_dead_processes_have_left_is_removed(tmp_path: Path) -> None:
    here = f"{zlib.crc32(socket.gethostname().encode()):08x}"
    with subprocess.Popen(["true"]) as dead:
        dead.wait()
    names = {
        f"b/.x.jsonl.{here}.{dead.pid}.tmp": False,
        f"b/.x.jsonl.{here}.{os.getppid()}.tmp": True,
        f"b/.x.jsonl.00000000.{dead.pid}.tmp": True,  # on a machine of which nobody here can tell
        "b/x.jsonl": True,
        "b/.x.tmp": True,
    }
    folder = folder_at(str(tmp_path), 60)
    for name in names:
        Path(folder.path(name)).touch()
    folder.tidy()
    assert {name: (tmp_path / name).exists() for name in names} == names
