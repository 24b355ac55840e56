"""The table of faults is whole, and what it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROWS = re.findall(r"^\| (\d+) \| (.*) \| (.*) \| ?(.*) \|$", (TESTS / "faults.md").read_text(), re.MULTILINE)


def test_no_fault_is_left_out() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, 96))


@pytest.mark.parametrize(("fault", "outcome", "names"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_fault_has_its_tests(fault: str, outcome: str, names: str) -> None:
    assert names.split() or outcome.startswith("not tested: "), fault
    for name in names.split():
        path, _, function = name.partition("::")
        assert function in functions_of(TESTS / path), name


def functions_of(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
