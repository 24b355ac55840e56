"""What pages in Markdown show: blocks of code, and sessions in a shell."""

from __future__ import annotations

import re


def blocks_of(page: str, language: str) -> list[str]:
    """Give the blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def sessions_of(page: str) -> list[tuple[str, str]]:
    """Give each command of the console blocks with what it prints."""
    return [
        (command, printed)
        for block in blocks_of(page, "console")
        for command, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]
