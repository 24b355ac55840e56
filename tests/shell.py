"""How tests run the commands: the installed console scripts, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
SAMPLE = Path(__file__).parents[1] / "hhtools" / "sample" / "helpful-sample.jsonl.gz"

COMMANDS = sorted(
    script.name for script in entry_points(group="console_scripts") if script.value.startswith("hhtools.")
)

ENVIRONMENT = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": "/nonexistent"}


def hh(*argv: str | Path, stdin: bytes | str = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command with this standard input; nothing of the test's own environment reaches it."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    command, *rest = map(str, argv)
    return subprocess.run(
        [str(BIN / command), *rest],
        input=data,
        capture_output=True,
        env={**ENVIRONMENT, **environment},
        timeout=60,
        check=False,
    )


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


def jsonl(*records: Any) -> bytes:
    """Write records as lines, in the plainest form."""
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def rows(output: bytes) -> list[Any]:
    """Read lines back."""
    return [json.loads(line) for line in output.split(b"\n") if line]


def open_descriptors() -> int:
    """Count the descriptors that this process has open."""
    return len(os.listdir("/dev/fd"))
