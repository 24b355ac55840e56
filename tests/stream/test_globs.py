from __future__ import annotations

from pathlib import Path

import pytest

from hhtools.stream.globs import regex_of
from tests.shell import hh, jsonl, rows

MATCHES = [
    ("*.jsonl", "a.jsonl", True),
    ("*.jsonl", "hh/a.jsonl", False),
    ("hh/*/train-[0-9]?.jsonl", "hh/base/train-07.jsonl", True),
    ("hh/*/train-[0-9]?.jsonl", "hh/base/train-7.jsonl", False),
    ("**/a.gz", "a.gz", True),
    ("**/a.gz", "x/y/a.gz", True),
    ("x**", "xyz", True),
    ("x**", "x/y", False),
    ("a[!b]c", "axc", True),
    ("a[!b]c", "abc", False),
    ("a[!b]c", "a/c", False),
    ("a[]]c", "a]c", True),
    ("a[\\^]c", "a\\c", True),
    ("a[\\^]c", "a^c", True),
    ("a[", "a[", True),
    ("a.c", "abc", False),
    ("*", "a\nb", True),
]


@pytest.mark.parametrize(("pattern", "name", "matches"), MATCHES)
def test_a_pattern_matches_as_a_shell_would(pattern: str, name: str, matches: bool) -> None:
    assert bool(regex_of(pattern).fullmatch(name)) == matches


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    for name in ("b-10", "b-9", "B", "[x]"):
        record = {"messages": [{"role": "user", "content": name}]}
        (tmp_path / f"{name}.jsonl").write_bytes(jsonl(record))
    (tmp_path / "c.jsonl").mkdir()
    return tmp_path


def contents(*paths: Path | str) -> list[str]:
    done = hh("hh-filter-singleturn", *paths)
    assert (done.returncode, done.stderr) == (0, b"")
    return [row["messages"][0]["content"] for row in rows(done.stdout)]


def test_a_quoted_pattern_names_files_in_the_order_of_their_bytes(shards: Path) -> None:
    assert contents(shards / "*.jsonl") == ["B", "[x]", "b-10", "b-9"]
    assert contents(shards / "b-*", shards / "B.jsonl") == ["b-10", "b-9", "B"]
    assert contents(f"file://{shards}/b-*") == ["b-10", "b-9"]


def test_a_file_that_is_named_like_a_pattern_is_that_file(shards: Path) -> None:
    assert contents(shards / "[x].jsonl") == ["[x]"]


def test_the_sources_are_those_of_the_files(data_folder: Path) -> None:
    done = hh("hh-parse", data_folder / "h*-base.jsonl.gz")
    assert [row["source"] for row in rows(done.stdout)] == ["harmless-base"] * 40 + ["helpful-base"] * 40


def test_a_pattern_that_matches_nothing_is_an_error(shards: Path) -> None:
    done = hh("hh-parse", shards / "*.gz")
    assert (done.returncode, done.stderr.decode()) == (66, f"hh-parse: {shards}/*.gz: matches no file\n")


def test_what_cannot_be_read_is_not_passed_over(shards: Path) -> None:
    """As a shell's own expansion: the name is there, and it is an input."""
    (shards / "b-1.jsonl").symlink_to("/nonexistent")
    done = hh("hh-filter-singleturn", shards / "b-*", "--report", shards / "report")
    assert (done.returncode, done.stdout) == (66, b"")
    assert b"b-1.jsonl: cannot be opened: No such file or directory" in done.stderr
    assert (shards / "report").exists()


def test_an_output_that_a_pattern_matches_is_an_input(shards: Path) -> None:
    done = hh("hh-filter-singleturn", shards / "b*.jsonl", "--bad", shards / "b-9.jsonl")
    assert (done.returncode, done.stderr.decode()) == (
        2,
        f"hh-filter-singleturn: --bad: {shards}/b-9.jsonl is an input\n",
    )
