from __future__ import annotations

import gzip
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.hub.loopback import RECIPE_FILES, Faults, LoopbackHub, Refused, already_fetched
from tests.shell import BIN, ENVIRONMENT, SAMPLE, Done, hh, on_terminal, rows, shell

MAKEFILE = Path(__file__).parents[2] / "hhtools" / "recipes.mk"
SUBSETS = ("harmless-base", "helpful-base", "helpful-online", "helpful-rejection-sampled")
REVISION = ("--revision", "main")
LARGE = gzip.compress(gzip.decompress(SAMPLE.read_bytes()) * 30, compresslevel=0, mtime=0)


@pytest.fixture
def full_hub(hub: LoopbackHub) -> LoopbackHub:
    """Give a Hub that has all that the recipes fetch."""
    hub.commit(RECIPE_FILES)
    return hub


def recipe(hub: LoopbackHub, *argv: str | Path, **environment: str) -> Done:
    return hh("hh-recipe", *argv, **{**hub.environment, **environment})


def make(hub: LoopbackHub, folder: Path, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the recipes as somebody does who has copied them."""
    words = ["make", "-f", str(MAKEFILE), "HH_RLHF=Anthropic/hh-rlhf@main", *argv]
    return shell(shlex.join(words), folder, **{**hub.environment, **environment})


def by_hand(folder: Path, split: str, pipe: str, files: Mapping[str, bytes] = RECIPE_FILES) -> bytes:
    """Give what a pipe makes of the four files of a split, laid out as on the Hub."""
    for subset in SUBSETS:
        path = folder / "by hand" / subset / f"{split}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[f"{subset}/{split}.jsonl.gz"])
    return shell(
        f"cd 'by hand'; {pipe.format('{' + ','.join(SUBSETS) + '}/' + split + '.jsonl.gz')}", folder
    ).stdout.encode()


def times_of(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


PIPES: dict[str, tuple[list[str], str, int]] = {
    "kto": (["kto"], "hh-parse {} | hh-unpack-kto", 48),
    "kto, for TRL": (["kto", "--for", "trl"], "hh-parse {} | hh-unpack-kto --for trl", 48),
    "kto, the script's rows": (
        ["kto", "--compat", "nemo-aligner"],
        "hh-parse --compat nemo-aligner {} | hh-unpack-kto --compat nemo-aligner",
        52,
    ),
    "dpo": (["dpo"], "hh-parse {} | hh-to-dpo", 24),
    "dpo, for ms-swift": (["dpo", "--for", "swift"], "hh-parse {} | hh-to-dpo --for swift", 24),
}


@pytest.mark.parametrize(("argv", "pipe", "count"), PIPES.values(), ids=PIPES)
def test_from_the_hub_to_rows_of_all_subsets(
    full_hub: LoopbackHub, argv: list[str], pipe: str, count: int, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "rows"
    if argv != ["kto"]:
        already_fetched(folder)
    done = recipe(full_hub, *argv, *REVISION, "-j", "3", "-O", folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (folder / "train.jsonl").read_bytes() == by_hand(tmp_path, "train", pipe)
    assert (folder / "test.jsonl").read_bytes() == by_hand(tmp_path, "test", pipe)
    assert len(rows((folder / "train.jsonl").read_bytes())) == count
    assert sorted(os.listdir(folder)) == [".recipe", "hh-rlhf", "test.jsonl", "train.jsonl"]
    for path in (path for path in RECIPE_FILES if "/" in path):
        assert (folder / "hh-rlhf" / path).read_bytes() == RECIPE_FILES[path]


def test_steerlm(full_hub: LoopbackHub, tmp_path: Path) -> None:
    done = recipe(full_hub, "steerlm", "-O", tmp_path, "-j", "2")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    made = {name: rows((tmp_path / f"{name}.jsonl").read_bytes()) for name in ("train", "validation")}
    asked = {name: [row["text"].split("<extra_id_1>")[1] for row in rows_made] for name, rows_made in made.items()}
    assert not set(asked["train"]) & set(asked["validation"])
    # A tree gives a row for each of its two answers; 3 of the 40 are in the other part.
    assert {name: len(texts) for name, texts in asked.items()} == {"train": 2 * 37 + 2, "validation": 2 * 3 + 1}
    assert made["train"][0]["label"] == [0.0, *[-100.0] * 8]
    assert made["train"][-1]["label"] == [*[-100.0] * 4, 4.0, 4.0, 4.0, 0.0, 1.0]
    for name in made:
        sft = [tmp_path / "sft" / folder / f"{name}.jsonl" for folder in ("oasst", "helpsteer")]
        assert hh("hh-to-regression", *sft).stdout == (tmp_path / f"{name}.jsonl").read_bytes()

    (tmp_path / "sft" / "oasst" / "validation.jsonl").unlink()
    before = (tmp_path / "validation.jsonl").read_bytes()
    assert recipe(full_hub, "steerlm", "-O", tmp_path, "-j", "2", "--compat", "nemo-aligner").returncode == 0
    assert (tmp_path / "sft" / "oasst" / "validation.jsonl").exists()
    assert (tmp_path / "validation.jsonl").read_bytes() == before


# What is there


def test_what_is_there_is_not_made_again(full_hub: LoopbackHub, tmp_path: Path) -> None:
    already_fetched(tmp_path)
    argv = ["kto", *REVISION, "-O", str(tmp_path)]
    assert recipe(full_hub, *argv).returncode == 0
    before = times_of(tmp_path)
    full_hub.asked.clear()
    assert recipe(full_hub, *argv) == (0, b"", b"", b"")
    assert times_of(tmp_path) == before
    (tmp_path / "test.jsonl").unlink()
    assert recipe(full_hub, *argv) == (0, b"", b"", b"")
    changed = {path for path, when in times_of(tmp_path).items() if before[path] != when}
    assert changed == {str(tmp_path / "test.jsonl")}
    assert full_hub.asked == []


def test_other_options_make_the_rows_anew(full_hub: LoopbackHub, tmp_path: Path) -> None:
    """And another revision what is fetched, but for what is the same."""
    already_fetched(tmp_path)
    train = tmp_path / "train.jsonl"
    seen = []
    for argv in (["kto"], ["kto", "--for", "trl"], ["dpo", "--for", "trl"], ["kto"]):
        assert recipe(full_hub, *argv, *REVISION, "-O", tmp_path) == (0, b"", b"", b"")
        seen.append(train.read_bytes())
    assert [list(rows(content)[0]) for content in seen] == [
        ["prompt", "response", "preference"],
        ["prompt", "completion", "label"],
        ["prompt", "chosen", "rejected"],
        ["prompt", "response", "preference"],
    ]
    assert seen[0] == seen[3]
    assert full_hub.asked == []

    changed = {**RECIPE_FILES, "helpful-base/train.jsonl.gz": RECIPE_FILES["harmless-base/train.jsonl.gz"]}
    other = full_hub.commit(changed)
    before = (tmp_path / "test.jsonl").stat().st_mtime_ns
    assert recipe(full_hub, "kto", "--revision", other, "-O", tmp_path) == (0, b"", b"", b"")
    assert full_hub.gets() == [None]
    assert train.read_bytes() == by_hand(tmp_path, "train", "hh-parse {} | hh-unpack-kto", changed) != seen[0]
    assert (tmp_path / "test.jsonl").stat().st_mtime_ns > before
    full_hub.asked.clear()
    assert recipe(full_hub, "kto", "--revision", other, "-O", tmp_path) == (0, b"", b"", b"")
    assert full_hub.asked == []


def test_recipes_share_what_is_fetched(full_hub: LoopbackHub, tmp_path: Path) -> None:
    """Whatever the folder of the rows is called."""
    for name in ("kto", "dpo"):
        folder = tmp_path / f"my $(rows): {name}"
        assert recipe(full_hub, name, *REVISION, "--downloads", tmp_path, "-O", folder) == (0, b"", b"", b"")
        assert sorted(os.listdir(folder)) == [".recipe", "test.jsonl", "train.jsonl"]
    assert len(full_hub.gets()) == 8
    done = recipe(full_hub, "kto", "--downloads", tmp_path / "a b", "-O", tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("hh-recipe: --downloads: make knows no names such as 'a b': ")


def test_nothing_around_it_disturbs_it(full_hub: LoopbackHub, tmp_path: Path) -> None:
    """Neither an outer make, nor variables that recipes.mk has too, nor what bash reads when it starts."""
    already_fetched(tmp_path / "inner")
    already_fetched(tmp_path / "other")
    (tmp_path / "exit").write_text("exit 1\n")
    (tmp_path / "Makefile").write_text(
        "SHELL := /bin/bash\nKTO := elsewhere\nexport\nall:\n\t+hh-recipe kto --revision main -O inner\n"
    )
    around = {"BASH_ENV": str(tmp_path / "exit"), "KTO_OPTIONS": "--for trl", "DATA": "elsewhere"}
    done = shell("make -s -k -j2 KTO=elsewhere", tmp_path, **full_hub.environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(rows((tmp_path / "inner" / "train.jsonl").read_bytes())[0]) == ["prompt", "response", "preference"]
    assert recipe(full_hub, "kto", *REVISION, "-O", tmp_path / "other", **around) == (0, b"", b"", b"")
    assert not (tmp_path / "elsewhere").exists()


def test_a_terminal_is_told_where_the_files_are(full_hub: LoopbackHub, tmp_path: Path) -> None:
    already_fetched(tmp_path)
    argv = ["hh-recipe", "kto", *REVISION, "-O", str(tmp_path)]
    code, shown = on_terminal(*argv, environment=full_hub.environment)
    told = f"hh-recipe: {tmp_path}/train.jsonl and {tmp_path}/test.jsonl are there\r\n".encode()
    assert code == 0
    assert shown.endswith(told)
    assert on_terminal(*argv, environment=full_hub.environment) == (0, told)
    assert on_terminal(*argv, "-q", environment=full_hub.environment) == (0, b"")
    assert on_terminal(*argv, environment={**full_hub.environment, "HH_QUIET": "1"}) == (0, b"")


# Printed


def test_the_lines_for_a_shell_do_the_same(full_hub: LoopbackHub, tmp_path: Path) -> None:
    for name in ("kto", "steerlm"):
        argv = [name, *(REVISION if name != "steerlm" else ()), "-O", f"{name}'s rows"]
        printed = shell(shlex.join(["hh-recipe", *argv, "--print"]), tmp_path, **full_hub.environment)
        assert (printed.returncode, printed.stderr) == (0, "")
        assert not (tmp_path / f"{name}'s rows").exists()
        done = shell(printed.stdout + "pwd", tmp_path, **full_hub.environment)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path}\n", "")
        again = shell(shlex.join(["hh-recipe", *argv, "--print"]), tmp_path, **full_hub.environment)
        assert again.stdout == printed.stdout
        before = times_of(tmp_path)
        assert shell(shlex.join(["hh-recipe", *argv]), tmp_path, **full_hub.environment).returncode == 0
        assert times_of(tmp_path) == before
    full_hub.faults = Faults(refuse=Refused(404, "EntryNotFound"))
    script = shell("hh-recipe kto --print", tmp_path).stdout
    assert shell(f"{script}true", tmp_path, **full_hub.environment).returncode == 66


# What goes wrong

REFUSED: dict[str, tuple[Faults, int, str]] = {
    "no such file": (Faults(refuse=Refused(404, "EntryNotFound")), 66, "there is no such file or folder"),
    "gated": (Faults(refuse=Refused(403, "GatedRepo")), 77, "access must be asked for"),
    "another network": (Faults(login_page=True), 75, "does not answer as a Hub does"),
    "a flipped bit": (Faults(flip=True), 74, "another sha256 checksum"),
}


@pytest.mark.parametrize(("faults", "code", "told"), REFUSED.values(), ids=REFUSED)
def test_the_exit_code_is_that_of_what_failed(
    full_hub: LoopbackHub, faults: Faults, code: int, told: str, tmp_path: Path
) -> None:
    full_hub.faults = faults
    done = recipe(full_hub, "kto", *REVISION, "-O", tmp_path)
    assert done.returncode == code
    assert told in done.stderr.decode()
    assert not list(tmp_path.rglob("*.jsonl*"))


def test_without_a_revision_the_checksums_are_those_that_are_known(full_hub: LoopbackHub, tmp_path: Path) -> None:
    done = recipe(full_hub, "kto", "-O", tmp_path)
    assert done.returncode == 74
    assert "name the revision: Anthropic/hh-rlhf@main" in done.stderr.decode()


def test_a_bad_record_leaves_the_old_rows(full_hub: LoopbackHub, tmp_path: Path) -> None:
    already_fetched(tmp_path)
    assert recipe(full_hub, "kto", *REVISION, "-O", tmp_path).returncode == 0
    before = (tmp_path / "train.jsonl").read_bytes()
    (tmp_path / "hh-rlhf/helpful-base/train.jsonl.gz").write_bytes(gzip.compress(b'{"chosen": 1}\n'))
    for _ in range(2):
        done = recipe(full_hub, "kto", *REVISION, "-O", tmp_path)
        assert done.returncode == 65
        assert b"hh-rlhf/helpful-base/train.jsonl.gz:1: wrong-type: " in done.stderr
        assert (tmp_path / "train.jsonl").read_bytes() == before


@pytest.mark.parametrize("in_the_way", ["rows", "rows/hh-rlhf", "rows/train.jsonl/x"])
def test_what_cannot_be_created_is_told(full_hub: LoopbackHub, in_the_way: str, tmp_path: Path) -> None:
    if in_the_way.endswith("x"):
        already_fetched(tmp_path / "rows")
    (tmp_path / in_the_way).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / in_the_way).write_text("")
    done = recipe(full_hub, "kto", *REVISION, "-O", tmp_path / "rows")
    assert done.returncode == 73
    assert (tmp_path / in_the_way).read_text() == ""


def test_without_make_it_is_told_what_to_install(tmp_path: Path) -> None:
    for argv in (["kto", "-O", tmp_path], ["kto", "--print"]):
        done = hh("hh-recipe", *argv, PATH="/nonexistent")
        assert (done.returncode, done.stdout) == (78, b"")
        assert done.stderr.decode() == (
            "hh-recipe: make is not installed; Debian: apt-get install make; macOS: brew install make\n"
        )


USAGE = {
    "no recipe": ([], "Missing argument"),
    "an unknown one": (["ppo"], "'ppo' is not one of 'kto', 'dpo', 'steerlm'"),
    "an unknown format": (["dpo", "--for", "trl-kto"], "--for: 'trl-kto' is not one of trl, trl-text, nemo, "),
    "a format of steerlm": (["steerlm", "--for", "trl"], "--for: steerlm has one form, that of NeMo-Aligner"),
    "a script for dpo": (["dpo", "--compat", "nemo-aligner"], "--compat: NeMo-Aligner has no such script for dpo"),
    "a script and a format": (["kto", "--compat", "nemo-aligner", "--for", "trl"], "--for does not go with it"),
    "a revision of steerlm": (["steerlm", "--revision", "main"], "--revision is one of HH-RLHF"),
    "a revision that is shell": (["kto", "--revision", "$(ls)"], "--revision: a branch, tag or commit"),
}


@pytest.mark.parametrize(("argv", "told"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], told: str, tmp_path: Path) -> None:
    done = hh("hh-recipe", *argv, "-O", tmp_path / "new")
    assert (done.returncode, done.stdout) == (2, b"")
    assert told in done.stderr.decode()
    assert not (tmp_path / "new").exists()


# Ended


def stalled(hub: LoopbackHub, folder: Path, *argv: str | Path) -> subprocess.Popen[bytes]:
    """Start something, and give it when it is in the middle of a download."""
    hub.commit({**RECIPE_FILES, "helpful-base/train.jsonl.gz": LARGE})
    hub.faults = Faults(drop_after=len(LARGE) // 2, stall=60)
    run = subprocess.Popen(
        list(map(str, argv)),
        cwd=folder,
        env={**ENVIRONMENT, **hub.environment, "HH_OF_THIS_TEST": str(os.getpid())},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while not any(part.stat().st_size for part in folder.rglob("*.part")):
        assert run.poll() is None
        time.sleep(0.02)
    return run


def still_running() -> list[str]:
    """Name the processes that were started in the middle of this test."""
    mark = f"HH_OF_THIS_TEST={os.getpid()}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_bytes().split(b"\0"):
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_of_it(full_hub: LoopbackHub, signum: signal.Signals, tmp_path: Path) -> None:
    run = stalled(full_hub, tmp_path, BIN / "hh-recipe", "kto", *REVISION, "-j", "4")
    assert len(still_running()) > 3
    run.send_signal(signum)
    _, told = run.communicate(timeout=30)
    assert run.returncode == -signum
    assert still_running() == []
    assert b"Traceback" not in told
    assert not list(tmp_path.glob("*.jsonl"))
    assert not (tmp_path / "hh-rlhf" / "helpful-base" / "train.jsonl.gz").exists()
    full_hub.faults.released.set()


def test_after_kill_9_the_next_make_finishes_the_job(full_hub: LoopbackHub, tmp_path: Path) -> None:
    run = stalled(full_hub, tmp_path, "make", "-s", "-f", MAKEFILE, "HH_RLHF=Anthropic/hh-rlhf@main", "data/kto")
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    (part,) = tmp_path.rglob("*.part")
    there = part.stat().st_size
    fetched = [path.parent.name for path in tmp_path.rglob("*.gz")]
    full_hub.faults.released.set()
    full_hub.faults = Faults()
    full_hub.asked.clear()
    assert make(full_hub, tmp_path, "-s", "-j2", "data/kto").returncode == 0
    assert fetched == ["harmless-base"]
    assert sorted(full_hub.gets(), key=str) == [None] * 6 + [f"bytes={there}-"]
    files = {**RECIPE_FILES, "helpful-base/train.jsonl.gz": LARGE}
    made = (tmp_path / "data/kto/train.jsonl").read_bytes()
    assert made == by_hand(tmp_path, "train", "hh-parse {} | hh-unpack-kto", files)


def killed_between_rows(command: str) -> str:
    """Write a script that runs a command until it is killed, when it has written whole rows and waits for more."""
    return f'exec {BIN}/{command} - < <(zcat "$1"; sleep 1; kill -9 $$)'


KILLED = {
    "hh-parse": ("data/kto", killed_between_rows("hh-parse")),
    "hh-unpack-kto": ("data/kto", "sleep 0.2; kill -9 $$"),
    "hh-to-dpo": ("data/dpo", "head -c 500 > /dev/null; kill -9 $$"),
}


@pytest.mark.parametrize("command", KILLED)
def test_a_stage_that_is_killed_leaves_no_file(full_hub: LoopbackHub, command: str, tmp_path: Path) -> None:
    """Nor does it take the place of the old one, and the next make finishes the job."""
    already_fetched(tmp_path / "data")
    goal, script = KILLED[command]
    killer = tmp_path / "bin" / command
    killer.parent.mkdir()
    killer.write_text(f"#!/bin/bash\n{script}\n")
    killer.chmod(0o755)
    path = f"{killer.parent}:{ENVIRONMENT['PATH']}"
    train = tmp_path / goal / "train.jsonl"
    done = make(full_hub, tmp_path, goal, PATH=path)
    assert done.returncode == 2
    assert os.listdir(tmp_path / goal) == [".recipe"]
    assert make(full_hub, tmp_path, "-s", goal).returncode == 0
    whole = train.read_bytes()

    options = f"{goal.rpartition('/')[2].upper()}_OPTIONS=--for trl-text"
    assert make(full_hub, tmp_path, goal, options, PATH=path).returncode == 2
    assert train.read_bytes() == whole
    assert make(full_hub, tmp_path, "-s", goal, options).returncode == 0
    assert train.read_bytes() != whole


def test_records_that_are_cut_off_are_not_parted(full_hub: LoopbackHub, tmp_path: Path) -> None:
    killer = tmp_path / "bin" / "hh-from-oasst"
    killer.parent.mkdir()
    killer.write_text(f"#!/bin/bash\n{killed_between_rows('hh-from-oasst')}\n")
    killer.chmod(0o755)
    done = make(full_hub, tmp_path, "data/steerlm", PATH=f"{killer.parent}:{ENVIRONMENT['PATH']}")
    assert done.returncode == 2
    assert "hh-split: stdin" in done.stderr
    assert not list(tmp_path.rglob("*.jsonl"))
    assert make(full_hub, tmp_path, "-s", "data/steerlm").returncode == 0
    assert (tmp_path / "data/steerlm/train.jsonl").stat().st_size


def test_an_old_make_is_refused(full_hub: LoopbackHub, tmp_path: Path) -> None:
    """Without .SHELLFLAGS, which came with the feature oneshell, a broken pipe would not be heard."""
    done = make(full_hub, tmp_path, "data/kto", ".FEATURES=order-only")
    assert done.returncode == 2
    assert "These recipes need GNU make 3.82 or later" in done.stderr
    assert os.listdir(tmp_path) == []


# In a Makefile


def test_make_tells_what_it_would_do_and_when_there_is_nothing_to_do(full_hub: LoopbackHub, tmp_path: Path) -> None:
    would = make(full_hub, tmp_path, "-n", "data/dpo").stdout
    assert would.count("hh-fetch") == 8
    assert os.listdir(tmp_path) == []
    assert make(full_hub, tmp_path, "-j4", "data/hh-rlhf").returncode == 0
    would = make(full_hub, tmp_path, "-n", "data/dpo", "DPO_OPTIONS=--for swift").stdout
    assert [line.split()[0] for line in would.splitlines()] == ["mkdir", "hh-parse", "hh-parse"]
    assert make(full_hub, tmp_path, "data/dpo").returncode == 0
    assert make(full_hub, tmp_path, "data/dpo").stdout == "make: Nothing to be done for 'data/dpo'.\n"
    assert make(full_hub, tmp_path, "-s", "data/dpo").stdout == ""


def test_the_makefile_of_hhtools_installs_itself_first(tmp_path: Path) -> None:
    """And what is there is not made again because hhtools is installed again."""
    root = MAKEFILE.parents[1]
    shutil.copy(root / "Makefile", tmp_path)
    for name in ("setup.cfg", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    (tmp_path / "hhtools").mkdir()
    shutil.copy(MAKEFILE, tmp_path / "hhtools")
    would = shell("make -n data/kto", tmp_path).stdout
    assert would.index("pip install") < would.index("hh-fetch")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for path in (".venv/bin/python", ".venv/installed"):
        (tmp_path / path).touch()
    (tmp_path / ".venv/bin/hh-parse").write_text("#!/bin/sh\necho the one of the venv >&2; exit 65\n")
    (tmp_path / ".venv/bin/hh-parse").chmod(0o755)
    already_fetched(tmp_path / "data")
    assert "the one of the venv" in shell("make data/kto HH_RLHF=Anthropic/hh-rlhf@main || true", tmp_path).stderr
    for name in ("train", "test"):
        (tmp_path / f"data/kto/{name}.jsonl").touch()
    (tmp_path / ".venv/installed").touch()
    done = shell("make data/kto HH_RLHF=Anthropic/hh-rlhf@main", tmp_path)
    assert done.stdout == "make: Nothing to be done for 'data/kto'.\n"
