"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from hhtools.records import BadReason
from tests.golden import CASES
from tests.hub.loopback import LoopbackHub
from tests.pages import blocks_of, sessions_of
from tests.shell import BIN, hh, shell

README = (Path(__file__).parents[1] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return blocks_of(README, language)


def test_console_sessions(data_folder: Path) -> None:
    sessions = sessions_of(README)
    assert len(sessions) >= 4
    for command, printed in sessions:
        done = shell(command, data_folder)
        shown = done.stderr + done.stdout.partition("\x18")[0]  # a terminal shows no abort marker
        assert shown == printed, command


def grid() -> list[tuple[str, str, str]]:
    """Give the row of each format of each command of the grid."""
    return [
        (command, format_name, row)
        for command, table in re.findall(r"^### (hh-[a-z-]+)\n(.*?)(?=^##)", README, re.MULTILINE | re.DOTALL)
        for names, row in re.findall(r"^\| (`[^|]*`) \| `(\{.*?\})` \|", table, re.MULTILINE)
        for format_name in re.findall("`(.*?)`", names)
    ]


def test_the_grid_has_every_format() -> None:
    assert sorted((command, format_name) for command, format_name, _ in grid()) == sorted(CASES)


@pytest.mark.parametrize(("command", "format_name", "row"), grid())
def test_the_grid_shows_what_becomes_of_its_pair(command: str, format_name: str, row: str) -> None:
    (pair,) = blocks("json")
    assert hh(command, "--for", format_name, stdin=pair).stdout.decode().splitlines()[0] == row


@pytest.mark.parametrize("reason", get_args(BadReason))
def test_every_reason_for_a_bad_record_is_told(reason: str) -> None:
    section = README.partition("\n## Reliability: nothing is lost silently\n")[2].partition("\n## ")[0]
    assert f"`{reason}`" in section


@pytest.mark.parametrize("block", blocks("python"))
def test_python(
    block: str, data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(data_folder)
    exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "left out: tie",
        "left out: prompts-differ",
        "left out: empty-answer",
        "left out: role-order",
        "left out: prompts-differ",
        "bad-transcript",
    ]


def test_the_hub(tmp_path: Path, hub: LoopbackHub) -> None:
    """The first line is held to the checksums of the real files, which no test has."""
    (block,) = [block for block in blocks("sh") if "hh-fetch" in block]
    first, *others = block.splitlines()
    done = shell(first, tmp_path, **hub.environment)
    assert (done.returncode, list(tmp_path.iterdir())) == (74, [])
    assert "to take it all the same, name the revision: Anthropic/hh-rlhf@main" in done.stderr
    for line in others:
        done = shell(line, tmp_path, **hub.environment, HF_HOME=str(tmp_path / "home"))
        assert (done.returncode, done.stderr) == (0, ""), line
    assert len((tmp_path / "train.jsonl").read_text().splitlines()) == 3 * 70


def test_makefile(data_folder: Path) -> None:
    (block,) = blocks("make")
    (data_folder / "Makefile").write_text(block)
    done = shell("make helpful-base.kto.jsonl", data_folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert len((data_folder / "helpful-base.kto.jsonl").read_text().splitlines()) == 70
    (data_folder / "broken.jsonl.gz").write_bytes((data_folder / "helpful-base.jsonl.gz").read_bytes()[:4000])
    assert shell("make broken.kto.jsonl", data_folder).returncode == 2


def test_crontab(data_folder: Path) -> None:
    """The line runs as cron runs it, says nothing, and leaves a whole file."""
    (block,) = blocks("crontab")
    path = re.findall("^PATH=(.*)$", block, re.MULTILINE)[0].replace("/opt/hhtools/.venv/bin", str(BIN))
    line = block.splitlines()[-1].split(maxsplit=5)[5].replace("/data/hh", str(data_folder)).replace("0.05", "0.2")
    done = shell(line, data_folder, PATH=path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len((data_folder / "train.jsonl").read_text().splitlines()) == 3 * 70
