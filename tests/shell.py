"""How tests run the commands: the installed console scripts, in processes of their own."""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

from hhtools.stream.command import FilterCommand, ReaderCommand
from hhtools.stream.script import Command

BIN = Path(sys.executable).parent
SAMPLE = Path(__file__).parents[1] / "hhtools" / "sample" / "helpful-sample.jsonl.gz"

SCRIPTS: dict[str, Command] = {
    script.name: script.load()
    for script in sorted(entry_points(group="console_scripts"))
    if script.value.startswith("hhtools.")
}
COMMANDS = list(SCRIPTS)
FILTERS = {name: main for name, main in SCRIPTS.items() if isinstance(main, FilterCommand)}
READERS = [name for name, main in SCRIPTS.items() if isinstance(main, (FilterCommand, ReaderCommand))]

ENVIRONMENT = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": "/nonexistent"}


class Done(NamedTuple):
    """How a command ended, its abort marker apart from its rows."""

    returncode: int
    stdout: bytes
    stderr: bytes
    marker: bytes


def hh(*argv: str | Path, stdin: bytes | str = b"", **environment: str) -> Done:
    """Run a command with this standard input; nothing of the test's own environment reaches it.

    One law is checked at every call: a filter that stopped early, and nothing else, ends its output with an abort
    marker.
    """
    data = stdin.encode() if isinstance(stdin, str) else stdin
    command, *rest = map(str, argv)
    done = subprocess.run(
        [str(BIN / command), *rest],
        input=data,
        capture_output=True,
        env={**ENVIRONMENT, **environment},
        timeout=60,
        check=False,
    )
    rows, mark, marker = done.stdout.partition(b"\x18hh-abort ")
    stopped = command in FILTERS and done.returncode not in {0, 3}
    marks = stopped and not {"-o", "--output", "-O", "--no-abort-marker"} & set(rest)
    assert bool(mark) == marks, (done.returncode, done.stdout[-200:])
    assert marker.count(b"\n") == len(mark[:1])
    return Done(done.returncode, rows, done.stderr, mark + marker)


def shell(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a bash script, as a user would, in a folder."""
    return subprocess.run(
        ["/bin/bash", "-eo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        timeout=60,
        check=False,
    )


def on_terminal(*argv: str, typed: bytes = b"", environment: Mapping[str, str] = ENVIRONMENT) -> tuple[int, bytes]:
    """Run a command with a terminal for standard input and error, and give its code and what the terminal shows."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [BIN / argv[0], *argv[1:]],
        stdin=slave,
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env={**ENVIRONMENT, **environment},
    ) as run:
        os.close(slave)
        os.write(master, typed)
        shown = b""
        try:
            while piece := os.read(master, 65536):
                shown += piece
        except OSError:  # Linux ends a terminal with an error
            pass
        code = run.wait(timeout=60)
    os.close(master)
    return code, shown


def jsonl(*records: Any) -> bytes:
    """Write records as lines, in the plainest form."""
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def rows(output: bytes) -> list[Any]:
    """Read lines back."""
    return [json.loads(line) for line in output.split(b"\n") if line]


def raw_of(entry: dict[str, Any]) -> bytes:
    """Give the bytes of a bad record that was set aside."""
    raw: str | None = entry.get("raw")
    return base64.b64decode(entry["raw_base64"]) if raw is None else raw.encode()


def open_descriptors() -> int:
    """Count the descriptors that this process has open."""
    return len(os.listdir("/dev/fd"))
