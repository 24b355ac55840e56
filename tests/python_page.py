"""The examples of docs/library.md, run as they stand there, each in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.pages import blocks_of
from tests.shell import ENVIRONMENT, rows, shell

PAGE = (Path(__file__).parents[1] / "docs" / "library.md").read_text()

EXAMPLES = {
    section.partition("\n")[0]: example for section in PAGE.split("\n## ") for example in blocks_of(section, "python")
}
"""By the headings that they stand below."""

PACKAGES = {"Hugging Face datasets": "datasets", "Ray Data": "ray", "Spark": "pyspark"}
"""What examples need besides hhtools."""

_PRINT = "\nimport json\nprint('rows:', json.dumps(list(rows)))\n"


def check_example(heading: str, folder: Path) -> None:
    """Run an example in a folder with the sample, and hold its rows to those of the pipe in its first line."""
    example = EXAMPLES[heading]
    pipe = example.splitlines()[0].removeprefix("# ")
    wanted = rows(shell(pipe, folder).stdout.encode())
    assert len(wanted) > 9
    home = {"HOME": str(folder), "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1", "RAY_AUTH_MODE": "disabled"}
    done = subprocess.run(
        [sys.executable, "-c", example + _PRINT],
        cwd=folder,
        env={**ENVIRONMENT, **home},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = re.findall(r"^rows: (.*)$", done.stdout, re.MULTILINE)
    assert [json.loads(line) for line in printed] == [wanted]
