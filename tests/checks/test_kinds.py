from __future__ import annotations

import re
from pathlib import Path

from hhtools.checks.kinds import KINDS

ROOT = Path(__file__).parents[2] / "hhtools"


def slugs(pattern: str, *sources: Path) -> set[str]:
    """Find the slugs that sources make."""
    return {slug for path in sources for slug in re.findall(rf'{pattern}\(\s*"([a-z0-9-]+)"', path.read_text())}


def test_every_kind_is_found_somewhere_and_no_other() -> None:
    of_rows = slugs("Finding", *(ROOT / "checks").glob("*.py"))
    of_lines = slugs("Bad", ROOT / "stream" / "decode.py") | slugs(r"append\(", ROOT / "stream" / "closely.py")
    assert of_rows | of_lines == KINDS.keys()


def test_a_remedy_is_one_line_of_a_narrow_terminal() -> None:
    for slug, kind in KINDS.items():
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert len(f"    {kind.remedy}") <= 80, slug
        assert kind.remedy.isprintable()
