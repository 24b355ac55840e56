"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import get_args

import pytest

from hhtools.records import BadReason
from tests.golden import CASES
from tests.hub.loopback import RECIPE_FILES, Faults, LoopbackHub, Refused
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


def cron_line(number: int, folder: Path) -> tuple[str, list[str]]:
    """Give a line of the crontab, and what runs it as cron does, in an environment that has next to nothing."""
    (block,) = blocks("crontab")
    *head, _, _ = block.splitlines()
    set_there = dict(line.split("=", 1) for line in head)
    path = set_there["PATH"].replace("/opt/hhtools/.venv/bin", str(BIN))
    line = block.splitlines()[len(head) + number].split(maxsplit=5)[5].replace("/data", str(folder))
    return line, ["env", "-i", f"PATH={path}", f"SHELL={set_there['SHELL']}", "HOME=/", "LOGNAME=you"]


def as_cron(line: str, words: list[str], **environment: str) -> subprocess.Popen[str]:
    argv = [*words, *(f"{name}={value}" for name, value in environment.items()), "/bin/bash", "-c", line]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_crontab(data_folder: Path) -> None:
    """The line runs as cron runs it, says nothing, and leaves a whole file."""
    data_folder.rename(data_folder.with_name("hh"))
    line, words = cron_line(0, data_folder.parent)
    run = as_cron(line.replace("0.05", "0.2"), words)
    assert (run.communicate(), run.returncode) == (("", ""), 0)
    train = data_folder.with_name("hh") / "train.jsonl"
    assert len(train.read_text().splitlines()) == 3 * 70
    run = as_cron(line, words)
    out, told = run.communicate()
    assert (run.returncode, out) == (3, "")
    assert "train.jsonl is left as it was" in told
    assert len(train.read_text().splitlines()) == 3 * 70


@pytest.mark.skipif(not shutil.which("flock"), reason="flock is of util-linux")
def test_crontab_with_a_recipe(tmp_path: Path, hub: LoopbackHub) -> None:
    """It mails when something fails, runs alone, and says nothing when all is there; no file is half there."""
    hub.commit(RECIPE_FILES)
    line, words = cron_line(1, tmp_path)
    line += " --revision main"  # no test has the files of the checksums
    folder = tmp_path / "kto"
    hub.faults = Faults(refuse=Refused(500))
    failed = as_cron(line, words, **hub.environment)
    out, told = failed.communicate()
    assert (failed.returncode, out) == (75, "")
    assert told.startswith("hh-fetch: hf://datasets/Anthropic/hh-rlhf@main/harmless-base/train.jsonl.gz: ")
    assert not list(folder.rglob("*.jsonl*"))

    hub.asked.clear()
    hub.faults = Faults(drop_after=100, stall=60, times=1)
    first = as_cron(line, words, **hub.environment)
    while not hub.asked:
        time.sleep(0.02)
    second = as_cron(line, words, **hub.environment)
    assert (second.communicate(), second.returncode) == (("", ""), 1)
    assert first.poll() is None
    hub.faults.released.set()
    assert (first.communicate(), first.returncode) == (("", ""), 0)
    row, *_ = (folder / "train.jsonl").read_text().splitlines()
    assert list(json.loads(row)) == ["prompt", "completion", "label"]
    third = as_cron(line, words, **hub.environment)
    assert (third.communicate(), third.returncode) == (("", ""), 0)


def test_from_nothing_to_rows(tmp_path: Path, hub: LoopbackHub) -> None:
    """But for installing hhtools, which has been done, and for the checksums, of which no test has the files."""
    hub.commit(RECIPE_FILES)
    (block,) = [block for block in blocks("sh") if "hh-recipe" in block]
    install, command = block.splitlines()
    assert install.startswith("python3 -m venv .venv && .venv/bin/pip install . ")
    command = command.removeprefix(".venv/bin/")
    assert shell(command, tmp_path, **hub.environment).returncode == 74
    done = shell(command.replace("kto ", "kto --revision main ", 1), tmp_path, **hub.environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len((tmp_path / "data/kto/train.jsonl").read_text().splitlines()) == 48
    assert len((tmp_path / "data/kto/test.jsonl").read_text().splitlines()) == 22
