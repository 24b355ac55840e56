from __future__ import annotations

from pathlib import Path

import pytest

from hhtools.scale.places import bad_dir_from_environment, check_apart, is_below
from hhtools.stream.exits import Fault

BELOW = [
    ("out", "out", True),
    ("out/a", "out", True),
    ("out/../in/a", "out", False),
    ("outer", "out", False),
    ("link/a", "out", True),
    ("out/a", "link", True),
    ("out/a", "/", True),
    ("s3://b/out/a", "s3://b/out/", True),
    ("s3://b/outer", "s3://b/out", False),
    ("s3://b/out", "s3://b", True),
    ("s3://c/out/a", "s3://b/out", False),
    ("out/a", "s3://b/out", False),
]


@pytest.mark.parametrize(("path", "folder", "expected"), BELOW, ids=[f"{row[0]} in {row[1]}" for row in BELOW])
def test_below_is_what_a_change_of_the_folder_could_reach(
    path: str, folder: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    Path("link").symlink_to("out")
    assert is_below(path, folder) is expected


MIXED: dict[str, tuple[tuple[str, str | None, str | None], int, str]] = {
    "bad records as outputs": (("out", "out", None), 2, "--bad-dir: out and -O out are not apart"),
    "bad records among outputs": (("out", "./out/bad", None), 2, "--bad-dir: ./out/bad and -O out are not apart"),
    "outputs among bad records": (("bad/out", "bad", None), 2, "--bad-dir: bad and -O bad/out are not apart"),
    "a report among outputs": (("out", None, "out/r.json"), 2, "--report: out/r.json lies below -O out"),
    "a report among bad records": (("out", "bad", "bad/r"), 2, "--report: bad/r lies below --bad-dir bad"),
    "a report over an input": (("out", None, "in/a.jsonl"), 2, "--report: in/a.jsonl is an input"),
    "a report over an object": (("out", None, "s3://b/in/x.gz"), 2, "--report: s3://b/in/x.gz is an input"),
    "a report over an object by name": (("out", None, "s3://b/y?"), 2, "--report: s3://b/y? is an input"),
    "a report in no folder": (("out", None, "no/r.json"), 73, "--report: no/r.json: there is no folder "),
    "a report that is a folder": (("out", None, "in"), 73, "--report: in: is a folder"),
}


@pytest.mark.parametrize("case", MIXED)
def test_what_is_written_and_read_is_kept_apart(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.jsonl").touch()
    (output_dir, bad_dir, report), code, told = MIXED[case]
    with pytest.raises(Fault) as raised:
        check_apart(output_dir, bad_dir, report, ["in/*.jsonl", "s3://b/in/*.gz", "s3://b/y?"])
    assert (raised.value.code, raised.value.message.startswith(told)) == (code, True), raised.value.message


def test_places_that_are_apart_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.jsonl").touch()
    check_apart("out", "bad", "in/a.jsonl.json", ["in/*.jsonl", "s3://b/in/*.gz"])
    check_apart("s3://b/out", "s3://b/bad", "s3://b/in/a.json", ["in/*.jsonl", "s3://b/in/*.gz"])


def test_each_folder_of_outputs_has_its_own_bad_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HH_BAD_DIR", raising=False)
    assert bad_dir_from_environment("/data/out") is None
    monkeypatch.setenv("HH_BAD_DIR", "/var/bad/")
    assert bad_dir_from_environment("/data/out") == "/var/bad/hh-run.96592cb0"
    assert bad_dir_from_environment("/data/out2") != bad_dir_from_environment("/data/out")
