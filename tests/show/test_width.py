from __future__ import annotations

import pytest

from hhtools.show.width import MARK, UNMARK, clusters, width_of, wrap

WIDTHS = {
    "nothing": ("", 0),
    "letters": ("abc", 3),
    "accents of their own": ("e\u0301e\u0301", 2),
    "Chinese": ("你好", 4),
    "Korean, composed of letters": ("\u1112\u1161\u11ab", 2),
    "half-width kana": ("\uff76", 1),
    "full-width letters": ("Ａ", 2),
    "emoji": ("🙂", 2),
    "emoji with a skin": ("👍🏽", 2),
    "emoji joined": ("👩‍🔬", 2),
    "a sign as an emoji": ("❤️", 2),
    "the same as a sign": ("❤", 1),
    "flags": ("🇫🇷🇩🇪", 4),
    "half a flag": ("🇫", 2),
    "Hindi": ("नमस्ते", 4),
    "Hebrew with points": ("שָׁלוֹם", 4),
    "marks": (f"{MARK}a{UNMARK}", 1),
}


@pytest.mark.parametrize(("text", "width"), WIDTHS.values(), ids=WIDTHS)
def test_columns_of_a_text(text: str, width: int) -> None:
    assert width_of(text) == width
    assert "".join(clusters(text)) == text


# (text, columns, lines)
WRAPPED = {
    "fits": ("one two", 7, ["one two"]),
    "nothing": ("", 7, [""]),
    "empty lines stay": ("a\n\nb", 7, ["a", "", "b"]),
    "between words": ("one two three", 7, ["one two", "three"]),
    "more than one space": ("one  two   three", 8, ["one  two", "three"]),
    "code keeps its form": ("if x:\n    y = 1", 12, ["if x:", "    y = 1"]),
    "a long word": ("a abcdefghij b", 4, ["a", "abcd", "efgh", "ij b"]),
    "white space longer than a line": ("          x", 4, ["    ", "    ", "  x"]),
    "white space at the end": ("abc    ", 4, ["abc"]),
    "nothing but white space": ("      ", 4, [""]),
    "Chinese breaks anywhere": ("你好世界", 5, ["你好", "世界"]),
    "but not before its punctuation": ("你好，世界。", 8, ["你好，世", "界。"]),
    "nor behind its brackets": ("好「世界」", 5, ["好", "「世", "界」"]),
    "emoji stay whole": ("👩‍🔬👩‍🔬👩‍🔬", 5, ["👩‍🔬👩‍🔬", "👩‍🔬"]),
    "accents stay with their letter": ("e\u0301" * 3, 2, ["e\u0301e\u0301", "e\u0301"]),
    "a wide sign in one column": ("你", 1, ["你"]),
}


@pytest.mark.parametrize(("text", "width", "lines"), WRAPPED.values(), ids=WRAPPED)
def test_lines(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines
