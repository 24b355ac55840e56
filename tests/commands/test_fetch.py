from __future__ import annotations

import os
from pathlib import Path

import pytest

from hhtools.hub import hh_rlhf
from tests.hub.loopback import FILES, Faults, LoopbackHub, blob, sha256
from tests.shell import Done, hh, on_terminal, shell

TEST = "harmless-base/test.jsonl.gz"
TRAIN = "harmless-base/train.jsonl.gz"
SUM = sha256(FILES[TEST])


def fetch(hub: LoopbackHub, folder: Path, *argv: str, **environment: str) -> Done:
    return hh("hh-fetch", *argv, "-O", folder, **{**hub.environment, **environment})


FETCHED: dict[str, tuple[list[str], list[str]]] = {
    "a file": (["Anthropic/hh-rlhf", "README.md"], ["README.md"]),
    "files in the order asked for, each once": (
        ["Anthropic/hh-rlhf", "small.jsonl", "README.md", "small.jsonl"],
        ["small.jsonl", "README.md"],
    ),
    "a pattern": (
        ["Anthropic/hh-rlhf@main", "*/train.jsonl.gz", TRAIN],
        ["harmless-base/train.jsonl.gz", "helpful-base/train.jsonl.gz"],
    ),
    "a pattern in a folder": (["Anthropic/hh-rlhf@main", "harmless-base/te*"], [TEST]),
    "everything": (["Anthropic/hh-rlhf@main", "**/*"], sorted(FILES)),
    "a revision": (["Anthropic/hh-rlhf", TEST, "--revision", "refs/pr/1"], [TEST]),
    "a revision in one word": (["Anthropic/hh-rlhf@refs%2Fpr%2F1", TEST], [TEST]),
    "hh-rlhf": (["hh-rlhf", "--subset", "harmless-base", "--split", "train"], [TRAIN]),
    "hh-rlhf at a revision": (
        ["hh-rlhf@main", "--subset", "harmless-base", "--subset", "helpful-base"],
        [TRAIN, TEST, "helpful-base/train.jsonl.gz", "helpful-base/test.jsonl.gz"],
    ),
    "hh-rlhf by its name": (["Anthropic/hh-rlhf", "--subset", "harmless-base", "--split", "train"], [TRAIN]),
    "red-team": (
        ["hh-rlhf", "--subset", "red-team-attempts"],
        ["red-team-attempts/red_team_attempts.jsonl.gz"],
    ),
    "a checksum of one's own": (["Anthropic/hh-rlhf", TEST, "--sha256", SUM.upper()], [TEST]),
    "a checksum of a small file": (
        ["Anthropic/hh-rlhf", "small.jsonl", "--sha256", sha256(FILES["small.jsonl"])],
        ["small.jsonl"],
    ),
}


@pytest.mark.parametrize(("argv", "paths"), FETCHED.values(), ids=FETCHED)
def test_files_come_and_are_named_and_do_not_come_twice(
    hub: LoopbackHub, argv: list[str], paths: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "data"
    for _ in range(2):
        done = fetch(hub, folder, *argv)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode() == "".join(f"{folder}/{path}\n" for path in paths)
        for path in paths:
            assert (folder / path).read_bytes() == FILES[path]
        assert {path for path in folder.rglob("*") if path.is_file()} == {folder / path for path in paths}
    assert len(hub.gets()) <= len(paths)


def test_without_a_folder_the_files_come_here(hub: LoopbackHub, tmp_path: Path) -> None:
    done = shell("hh-fetch Anthropic/hh-rlhf@main '*/te*' | xargs hh-parse -v", tmp_path, **hub.environment)
    assert done.stderr == "hh-parse: 80 read, 80 used, 0 dropped, 0 bad; 80 rows written\n"
    assert '"source":"helpful-base"' in done.stdout


def test_all_of_hh_rlhf() -> None:
    assert hh_rlhf.paths((), ()) == [
        "harmless-base/train.jsonl.gz",
        "harmless-base/test.jsonl.gz",
        "helpful-base/train.jsonl.gz",
        "helpful-base/test.jsonl.gz",
        "helpful-online/train.jsonl.gz",
        "helpful-online/test.jsonl.gz",
        "helpful-rejection-sampled/train.jsonl.gz",
        "helpful-rejection-sampled/test.jsonl.gz",
    ]
    assert sorted(hh_rlhf.SHA256) == sorted(set(hh_rlhf.paths((), ())) - {TRAIN})
    assert {len(value) for value in hh_rlhf.SHA256.values()} == {64}


# Checksums that are known


def test_what_is_not_the_file_that_is_known_is_not_fetched(hub: LoopbackHub, tmp_path: Path) -> None:
    known = hh_rlhf.SHA256[TEST]
    for argv in (["hh-rlhf"], ["Anthropic/hh-rlhf", TEST], ["Anthropic/hh-rlhf", "harmless-base/*"]):
        done = fetch(hub, tmp_path, *argv)
        assert (done.returncode, done.stdout) == (74, b"")
        assert done.stderr.decode() == (
            f"hh-fetch: hf://datasets/Anthropic/hh-rlhf@{hub.main}/{TEST}: the Hub's file has the sha256 {SUM}, and "
            f"{known} is expected; to take it all the same, name the revision: Anthropic/hh-rlhf@main\n"
        )
    assert os.listdir(tmp_path) == []
    assert hub.gets() == []


@pytest.mark.parametrize("path", [TEST, "small.jsonl"])
def test_a_file_with_another_checksum_than_ones_own_is_refused(hub: LoopbackHub, path: str, tmp_path: Path) -> None:
    done = fetch(hub, tmp_path, "Anthropic/hh-rlhf", path, "--sha256", "0" * 64)
    assert (done.returncode, done.stdout) == (74, b"")
    assert "0" * 64 in done.stderr.decode()
    assert not [name for name in tmp_path.rglob("*") if name.is_file()]


def test_what_has_the_checksum_that_is_known_needs_no_hub(hub: LoopbackHub, tmp_path: Path) -> None:
    assert fetch(hub, tmp_path, "Anthropic/hh-rlhf", TEST, "--sha256", SUM).returncode == 0
    hub.asked.clear()
    done = fetch(hub, tmp_path, "Anthropic/hh-rlhf", TEST, "--sha256", SUM)
    assert (done.returncode, done.stdout.decode()) == (0, f"{tmp_path}/{TEST}\n")
    assert hub.asked == []


@pytest.mark.parametrize("path", ["small.jsonl", "README.md"])
def test_small_files_have_the_checksums_of_git(hub: LoopbackHub, path: str, tmp_path: Path) -> None:
    hub.faults = Faults(flip=True)
    done = fetch(hub, tmp_path, "Anthropic/hh-rlhf", path)
    assert done.returncode == 74
    assert f"came 2 times with another git checksum than {blob(FILES[path])}" in done.stderr.decode()
    hub.faults = Faults(flip=True, times=1)
    assert fetch(hub, tmp_path, "Anthropic/hh-rlhf", path).returncode == 0
    assert (tmp_path / path).read_bytes() == FILES[path]


# What is said


def test_validation_is_test(hub: LoopbackHub, tmp_path: Path) -> None:
    argv = ["hh-rlhf@main", "--subset", "harmless-base", "--split", "validation"]
    done = fetch(hub, tmp_path, *argv)
    assert (done.returncode, done.stdout.decode()) == (0, f"{tmp_path}/{TEST}\n")
    assert done.stderr == b"hh-fetch: hh-rlhf has no validation split: this is its test split\n"
    assert fetch(hub, tmp_path, *argv, "-q").stderr == fetch(hub, tmp_path, *argv, HH_QUIET="1").stderr == b""


def test_a_terminal_shows_how_far_it_is_and_what_the_card_says(hub: LoopbackHub, tmp_path: Path) -> None:
    argv = ["hh-fetch", "Anthropic/hh-rlhf", "large.gz", "README.md", "-O", str(tmp_path)]
    hub.faults = Faults(drop_after=5 << 15, times=1)
    code, shown = on_terminal(*argv, environment=hub.environment)
    assert code == 0
    notice, lines, rest = shown.decode().partition("\r\n")
    assert notice == hh_rlhf.NOTICE
    assert lines.count(hh_rlhf.NOTICE) == 0
    told = [line.strip() for line in rest.split("\r")]
    assert told[1] == "large.gz: 0.0 of 0.3 MB, 0%"
    assert any(line.startswith("large.gz: 0.2 of 0.3 MB, 51%, ") for line in told)
    assert told[-1] == ""
    assert on_terminal(*argv, environment=hub.environment) == (0, b"")
    assert on_terminal(*argv[:-1], f"{tmp_path}/b", "-q", environment=hub.environment) == (0, b"")


def test_what_the_card_says_is_said_once_in_a_folder(hub: LoopbackHub, tmp_path: Path) -> None:
    """However many commands fetch into it, as those of a recipe do."""
    for path, said in ((TRAIN, 1), (TEST, 0)):
        argv = ["hh-fetch", "Anthropic/hh-rlhf@main", path, "-O", str(tmp_path)]
        code, shown = on_terminal(*argv, environment=hub.environment)
        assert (code, shown.decode().count(hh_rlhf.NOTICE), (tmp_path / path).exists()) == (0, said, True)


def test_paths_that_cannot_be_written_are_told_of(hub: LoopbackHub, tmp_path: Path) -> None:
    done = shell("hh-fetch Anthropic/hh-rlhf README.md > /dev/full", tmp_path, **hub.environment)
    assert (done.returncode, done.stderr) == (74, "hh-fetch: write error: No space left on device\n")


def test_a_folder_has_its_name_in_every_locale(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.commit({"ü.jsonl": b"{}\n"})
    for number, locale in enumerate(({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {})):
        script = f"hh-fetch Anthropic/hh-rlhf ü.jsonl -O ä{number}"
        done = shell(script, tmp_path, **hub.environment, **locale)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"ä{number}/ü.jsonl\n", "")
        assert (tmp_path / f"ä{number}" / "ü.jsonl").exists()


USAGE = {
    "no repository": ([], "Missing argument 'REPOSITORY'"),
    "no owner": (["rlhf", "x"], "REPOSITORY is OWNER/NAME or OWNER/NAME@REVISION of a dataset, or hh-rlhf"),
    "a URL": (["hf://datasets/a/b", "x"], "REPOSITORY is OWNER/NAME"),
    "another's owner": (["../b", "x"], "REPOSITORY is OWNER/NAME"),
    "no revision": (["a/b@", "x"], "REPOSITORY is OWNER/NAME"),
    "a revision that climbs": (["a/b@..", "x"], "REPOSITORY is OWNER/NAME"),
    "two revisions": (["a/b@v1", "x", "--revision", "v2"], "REPOSITORY@REVISION and --revision: give one of them"),
    "no file": (["a/b"], "name FILEs of a/b, such as '*.jsonl.gz'; '**/*' stands for all of them"),
    "a file outside": (["a/b", "../x"], "FILE is a path in the repository, without .. in it: ../x"),
    "an absolute file": (["a/b", "/x"], "FILE is a path in the repository"),
    "no pattern": (["a/b", "[z-a]*"], "is no pattern"),
    "a subset of files": (["hh-rlhf", "x", "--subset", "helpful-base"], "give either them or FILE"),
    "a subset of another": (["a/b", "--subset", "helpful-base"], "name FILEs of a/b"),
    "an unknown subset": (["hh-rlhf", "--subset", "helpful"], "'helpful' is not one of 'harmless-base'"),
    "a split of red-team": (["hh-rlhf", "--subset", "red-team-attempts", "--split", "test"], "has no splits"),
    "no checksum": (["a/b", "x", "--sha256", "123"], "--sha256: a checksum is 64 hexadecimal digits"),
    "a checksum of two": (["a/b", "x", "y", "--sha256", SUM], "--sha256 is the checksum of one file"),
    "a checksum of a pattern": (["a/b", "*", "--sha256", SUM], "--sha256 is the checksum of one file"),
}


@pytest.mark.parametrize(("argv", "told"), USAGE.values(), ids=USAGE)
def test_usage(hub: LoopbackHub, argv: list[str], told: str) -> None:
    done = hh("hh-fetch", *argv, **hub.environment)
    assert (done.returncode, done.stdout) == (2, b"")
    assert told in done.stderr.decode()
    assert hub.asked == []
