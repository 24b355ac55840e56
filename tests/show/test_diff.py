from __future__ import annotations

import time
from itertools import cycle, islice

import pytest

from hhtools.show.diff import MAX_WORDS, marked

# (one text, the other, both with what differs in brackets)
DIFFERENCES = {
    "nothing": ("", "", "", ""),
    "the same": ("a b", "a b", "a b", "a b"),
    "one is empty": ("", "a b", "", "[a b]"),
    "all differs": ("4", "5", "[4]", "[5]"),
    "the last word": ("It is hot.", "It is cold.", "It is [hot.]", "It is [cold.]"),
    "the first word": ("Yes it is", "No it is", "[Yes] it is", "[No] it is"),
    "in the middle": ("a b c d", "a x y c d", "a [b] c d", "a [x y] c d"),
    "one more word": ("a b", "a c b", "a b", "a [c] b"),
    "one more at the end": ("a", "a b", "a", "a [b]"),
    "white space is no word": ("a  b\nc", "a b c", "a  b\nc", "a b c"),
    "two places": ("a b c d e f g", "a X c d e Y g", "a [b] c d e [f] g", "a [X] c d e [Y] g"),
    "a word shared by chance": (
        "Rain taps the roof and drips",
        "Snow covers the whole wide garden",
        "[Rain taps the roof and drips]",
        "[Snow covers the whole wide garden]",
    ),
    "Chinese, sign by sign": ("你好世界", "你坏世界", "你[好]世界", "你[坏]世界"),
    "repeated words": ("a a a", "a a", "a a [a]", "a a"),
}


@pytest.mark.parametrize(("one", "other", "first", "second"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_words_that_differ(one: str, other: str, first: str, second: str) -> None:
    table = str.maketrans("\x01\x02", "[]")
    for texts, expected in (((one, other), (first, second)), ((other, one), (second, first))):
        found = marked(*texts)
        assert found
        assert tuple(text.translate(table) for text in found) == expected


def test_long_texts_are_compared_if_they_begin_and_end_alike() -> None:
    same = "word " * 50_000
    found = marked(f"{same}one {same}", f"{same}two {same}")
    assert found
    assert "\x01one\x02" in found[0]


def test_what_is_too_long_is_not_compared() -> None:
    one, other = (" ".join(f"{word}{number}" for number in range(MAX_WORDS + 1)) for word in "ab")
    assert marked(one, other) is None


def test_the_hardest_texts_take_no_minutes() -> None:
    one, other = (" ".join(f"{word}{number} w{number % 102}" for number in range(MAX_WORDS // 2 - 1)) for word in "ab")
    many = " ".join(islice(cycle("ab"), MAX_WORDS - 2))
    started = time.process_time()
    assert marked(f"x {one} y", f"z {other} w")
    assert marked(f"x {many} y", f"z {many[::-1]} w")
    assert time.process_time() - started < 20
