"""Every command that reads records against every way in which writing, memory or the surroundings fail it.

After coreutils' tests of the same kind (misc/write-errors.sh): one list of faults, crossed with the list of programs.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.every_command import GOOD, NEEDED, typed
from tests.shell import BIN, ENVIRONMENT, FILTERS, READERS, jsonl, shell

SIZES = {"small": 3, "large": 5000}  # records; many times what a pipe or a buffer holds
UNBUFFERED = {"buffered": {}, "unbuffered": {"PYTHONUNBUFFERED": "1"}}

every_command = pytest.mark.parametrize("command", READERS)
every_filter = pytest.mark.parametrize("command", FILTERS)
every_size = pytest.mark.parametrize("size", SIZES)
every_buffering = pytest.mark.parametrize("environment", UNBUFFERED.values(), ids=UNBUFFERED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a small and a large input for every command."""
    folder = tmp_path_factory.mktemp("writers")
    for command, record in GOOD.items():
        for size, copies in SIZES.items():
            (folder / f"{command}.{size}").write_bytes(jsonl(record) * copies)
    return folder


@pytest.fixture(scope="module")
def whole(folder: Path) -> Callable[[str, str], bytes]:
    """Give all that a command makes of its input."""
    made: dict[str, bytes] = {}

    def make(command: str, size: str) -> bytes:
        given = f"{command}.{size}"
        if given not in made:
            made[given] = start(command, given, folder=folder, stdout=subprocess.PIPE).communicate(timeout=60)[0]
        return made[given]

    return make


def start(
    command: str, *argv: str, folder: Path, stdout: int, environment: dict[str, str] | None = None, signals: bool = True
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [BIN / command, *NEEDED[command], *argv],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**ENVIRONMENT, **(environment or {})},
        restore_signals=signals,
    )


# What cannot be written

REFUSALS = {
    "a full disk": ("{} > /dev/full", "write error: No space left on device"),
    "a closed standard output": ("{} >&-", "standard output is closed"),
    "a file that may not grow": ("ulimit -f 0; {} > $out", "write error: File too large"),
}


@every_command
@every_size
@every_buffering
@pytest.mark.parametrize(("script", "told"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_written_is_told(
    command: str, size: str, environment: dict[str, str], script: str, told: str, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = shell(script.format(f"{typed(command)} {command}.{size}"), folder, out=str(out), **environment)
    assert (done.returncode, done.stdout, done.stderr) == (74, "", f"{command}: {told}\n")
    assert not out.exists() or out.read_bytes() == b""


@every_filter
@every_size
def test_a_file_that_cannot_be_written_is_told(command: str, size: str, folder: Path, tmp_path: Path) -> None:
    given, out = f"{command}.{size}", tmp_path / "out"
    done = shell(f"{typed(command)} {given} -o /dev/full", folder)
    assert (done.returncode, done.stderr) == (74, f"{command}: /dev/full: write error: No space left on device\n")
    done = shell(f"ulimit -f 0; {typed(command)} {given} -o {out}", folder)
    told = f"{command}: {out}: write error: File too large; {out} is left as it was\n"
    assert (done.returncode, done.stderr, list(tmp_path.iterdir())) == (74, told, [])


@every_command
@every_size
@every_buffering
@pytest.mark.parametrize("signals", [True, False], ids=["SIGPIPE as usual", "SIGPIPE ignored"])
def test_a_reader_that_is_gone_ends_it_in_silence(
    command: str, size: str, environment: dict[str, str], signals: bool, folder: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with start(
        command, f"{command}.{size}", folder=folder, stdout=writer, environment=environment, signals=signals
    ) as run:
        os.close(writer)
        assert (run.communicate(timeout=60)[1], run.returncode) == (b"", -signal.SIGPIPE)


@every_filter
def test_a_reader_that_leaves_ends_it_in_silence(command: str, folder: Path) -> None:
    done = shell(
        f"set +eo pipefail; {typed(command)} {command}.large | head -n 1 > /dev/null; echo ${{PIPESTATUS[0]}}", folder
    )
    assert (done.stdout, done.stderr) == ("141\n", "")


@every_filter
@every_buffering
def test_a_reader_that_made_the_pipe_non_blocking_gets_every_byte(
    command: str, environment: dict[str, str], folder: Path, whole: Callable[[str, str], bytes]
) -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    with start(command, f"{command}.large", folder=folder, stdout=writer, environment=environment) as run:
        os.close(writer)
        with open(reader, "rb", buffering=0) as pipe:
            arrived = b"".join(iter(lambda: pipe.read(3000), b""))
        assert (run.wait(timeout=60), arrived) == (0, whole(command, "large"))


# What surrounds it

LOCALES = {
    "C": {"LC_ALL": "C"},
    "C, and nothing makes it UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "Latin-1": {"LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0"},
}


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a folder with a locale that is not UTF-8, which few machines still have."""
    if not shutil.which("localedef"):
        pytest.skip("localedef is not installed: no locale can be made")
    made = tmp_path_factory.mktemp("locales")
    name = LOCALES["Latin-1"]["LC_ALL"]
    if subprocess.run(["localedef", "-i", "en_US", "-f", "ISO-8859-1", made / name], capture_output=True).returncode:
        pytest.skip("localedef has no sources of locales")
    return str(made)


@every_filter
@pytest.mark.parametrize("environment", LOCALES.values(), ids=LOCALES)
def test_every_locale_gives_the_same_bytes(
    command: str, environment: dict[str, str], locales: str, tmp_path: Path
) -> None:
    (tmp_path / "é.jsonl").write_bytes(jsonl(GOOD[command]) + "{'é':".encode())
    outcomes = []
    for surroundings in ({}, {**environment, "LOCPATH": locales}):
        done = shell(f"{typed(command)} --bad bad é.jsonl > out 2> told; echo $?", tmp_path, **surroundings)
        outcomes.append([done.stdout, *((tmp_path / name).read_bytes() for name in ("out", "told", "bad"))])
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == "0\n"


@every_command
@every_buffering
@every_size
def test_nothing_but_a_path_is_needed(
    command: str,
    environment: dict[str, str],
    size: str,
    folder: Path,
    whole: Callable[[str, str], bytes],
    tmp_path: Path,
) -> None:
    """As cron and containers start it."""
    variables = " ".join(f"{name}={value}" for name, value in environment.items())
    done = shell(
        f"env -i PATH={BIN} {variables} {typed(command)} {command}.{size} > $out", folder, out=str(tmp_path / "out")
    )
    assert (done.returncode, done.stderr, (tmp_path / "out").read_bytes()) == (0, "", whole(command, size))


@every_command
def test_typed_without_an_input_it_helps_and_does_not_wait(command: str) -> None:
    terminal, stdin = pty.openpty()
    done = subprocess.run([BIN / command], stdin=stdin, capture_output=True, env=ENVIRONMENT, timeout=60, check=False)
    os.close(stdin)
    os.close(terminal)
    assert done.returncode == 2
    assert f"Usage: {command}" in done.stderr.decode()
    assert done.stderr.decode().endswith(f"{command}: nothing to read: name a PATH, or - for the terminal\n")
    assert done.stdout.startswith(b"\x18hh-abort ") == (command in FILTERS)


@every_command
def test_a_closed_standard_input_is_told(command: str, folder: Path) -> None:
    done = shell(f"set +e; {typed(command)} <&- > /dev/null", folder)
    assert (done.returncode, done.stderr) == (66, f"{command}: standard input: cannot be opened: it is closed\n")


@every_command
@pytest.mark.parametrize("closed", ["2>&-", "2> /dev/full"])
@pytest.mark.parametrize("more", [b"", b"7\n"], ids=["a good end", "an early end"])
def test_without_standard_error_the_exit_code_speaks(command: str, closed: str, more: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(jsonl(GOOD[command]) + more)
    expected = shell(f"{typed(command)} -v x", tmp_path)
    done = shell(f"{typed(command)} -v x {closed}", tmp_path)
    assert done.returncode == expected.returncode
    assert bool(done.returncode) == bool(more)
    assert done.stdout == expected.stdout != ""
    assert done.stderr == "" != expected.stderr


# Little memory

MARGIN = 12 << 10  # KiB, as coreutils has it


def memory_needed(command: str) -> int:
    """Measure how many KiB of address space a command takes up for one record."""
    with subprocess.Popen(
        [BIN / command, *NEEDED[command], "-n", "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT
    ) as run:
        assert run.stdin
        assert run.stdout
        run.stdin.write(jsonl(GOOD[command]))
        run.stdin.flush()
        run.stdout.readline()
        found = re.search(r"VmPeak:\s+(\d+) kB", Path(f"/proc/{run.pid}/status").read_text())
        run.stdin.close()
    assert found
    return int(found[1])


@every_filter
def test_a_small_limit_of_memory_is_enough_for_any_length(
    command: str, folder: Path, whole: Callable[[str, str], bytes], tmp_path: Path
) -> None:
    limit = f"ulimit -v {memory_needed(command) + MARGIN}"
    out = tmp_path / "out"
    done = shell(f"{limit}; {typed(command)} {command}.large > $out", folder, out=str(out))
    assert (done.returncode, done.stderr, out.read_bytes()) == (0, "", whole(command, "large"))
    done = shell(f"{limit}; {typed(command)} {command}.large > /dev/full", folder)
    assert (done.returncode, done.stderr) == (74, f"{command}: write error: No space left on device\n")
    done = shell(f"{limit}; set +o pipefail; {typed(command)} {command}.large | true; echo ${{PIPESTATUS[0]}}", folder)
    assert (done.stdout, done.stderr) == ("141\n", "")


LONG = 15_000_000  # bytes, still less than --max-line


@every_filter
def test_a_line_too_long_for_the_memory_is_no_bug(command: str, tmp_path: Path) -> None:
    limit = f"ulimit -v {memory_needed(command) + MARGIN}"
    good = tmp_path / "x"
    good.write_bytes(jsonl(GOOD[command]))
    rows = shell(f"{typed(command)} x", tmp_path).stdout
    with good.open("ab") as file:
        file.write(b'{"a":"' + b"x" * LONG + b'"}\n')
    told = f"{command}: x: out of memory behind record 1; --max-line BYTES makes longer lines bad records"

    done = shell(f"{limit}; {typed(command)} --bad bad x", tmp_path)
    assert (done.returncode, done.stdout.partition("\x18hh-abort")[0], done.stderr) == (74, rows, f"{told}\n")
    assert (tmp_path / "bad").read_bytes() == b""

    (tmp_path / "out").write_text("old\n")
    done = shell(f"{limit}; {typed(command)} -o out x", tmp_path)
    assert (done.returncode, done.stderr) == (74, f"{told}; out is left as it was\n")
    assert (tmp_path / "out").read_text() == "old\n"

    done = shell(f"{limit}; {typed(command)} --max-line 1000000 x", tmp_path)
    assert (done.returncode, done.stdout.partition("\x18hh-abort")[0]) == (65, rows)
    assert done.stderr.startswith(f"{command}: x:2: line-too-long: ")


def test_a_good_record_is_not_called_bad_for_want_of_memory(tmp_path: Path) -> None:
    """Here the line can be read, but not taken apart."""
    command = "hh-filter-singleturn"
    limit = f"ulimit -v {memory_needed(command) + MARGIN + 4 * LONG // 1024}"
    (tmp_path / "x").write_bytes(jsonl({**GOOD[command], "a": "x" * LONG}))
    done = shell(f"{limit}; {typed(command)} x", tmp_path)
    assert "bad-json" not in done.stderr
    assert done.returncode == 74
