"""docs/library.md shows what works; what needs a package runs where that is installed, and must in its environment."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.python_page import EXAMPLES, PACKAGES, PAGE, check_example


def test_every_example_is_found() -> None:
    assert len(EXAMPLES) == PAGE.count("```python\n") == 5
    assert set(PACKAGES) < set(EXAMPLES)


@pytest.mark.parametrize("heading", EXAMPLES)
def test_an_example_gives_the_rows_of_its_pipe(heading: str, data_folder: Path) -> None:
    if heading in PACKAGES and not find_spec(PACKAGES[heading]):
        pytest.skip(f"{PACKAGES[heading]} is not installed")
    check_example(heading, data_folder)
