from __future__ import annotations

import pytest

from hhtools.show.visible import visible, visible_line

# (what stands in the data, what is shown)
TEXTS = {
    "plain": ("Hi", "Hi"),
    "accents and emoji": ("Où ? 你好 👩‍🔬 ❤️", "Où ? 你好 👩‍🔬 ❤️"),
    "Persian with a zero width non-joiner": ("می‌خواهم", "می‌خواهم"),
    "a wide space and a hard one": ("a\u3000b\xa0c", "a\u3000b\xa0c"),
    "lines": ("a\nb\r\nc", "a\nb\nc"),
    "empty lines at the ends": ("\n\n  a\n\n", "  a"),
    "a tab": ("\ta", "    a"),
    "colour": ("\x1b[31mred", r"\x1b[31mred"),
    "a title for the terminal": ("\x1b]0;pwned\x07", r"\x1b]0;pwned\x07"),
    "one character that begins a command": ("\x9b31m", r"\x9b31m"),
    "a return to the start of the line": ("good\rbad", r"good\rbad"),
    "back space, NUL, DEL": ("a\b\0\x7f", r"a\x08\x00\x7f"),
    "right-to-left override": ("\u202egnp.exe", r"\u202egnp.exe"),
    "isolates and marks": ("\u2066\u2069\u200e\u200f\u061c", r"\u2066\u2069\u200e\u200f\u061c"),
    "what looks like nothing": ("a\u200bb\ufeff\xad", r"a\u200bb\ufeff\xad"),
    "separators of lines": ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
    "letters in the place of tags": ("\U000e0041", r"\U000e0041"),
    "marks of our own": ("\x01\x02", r"\x01\x02"),
}


@pytest.mark.parametrize(("text", "shown"), TEXTS.values(), ids=TEXTS)
def test_what_a_terminal_would_obey_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert "\n" not in visible_line(text)


def test_no_character_but_the_line_break_is_obeyed() -> None:
    for number in (*range(0xD800), *range(0xE000, 0x11000), *range(0xE0000, 0xE0200)):
        shown = visible(f"a{chr(number)}b")
        assert shown.isprintable() or chr(number) in "\n\u200c\u200d" or chr(number).isspace(), hex(number)
