"""Columns of a terminal: how many a text takes, and text broken into lines of so many."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MARK, UNMARK = "\x01", "\x02"
"""Where a marked run of words begins and ends: they take no column, and no visible text has them."""

_SIGN = "\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese, Japanese and Korean
_OPENING = f"\\[({{\u300c\u300e\uff08{MARK}"
WORD = re.compile(f"(?:[{_OPENING}][^\\w\\s]*)?[{_SIGN}][^\\w\\s{_OPENING}]*|[^\\s{_SIGN}]+")
"""A word: what stands between white space, and each sign of scripts that are written without it, with the
punctuation that must not be parted from it."""

_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_JAMO_TAILS = range(0x1160, 0x1200)
_MARKS_AND_JOINERS = {"Mn", "Me", "Cf", "Cc"}


def width_of(text: str) -> int:
    """Count the columns that a line of text takes.

    A wide sign (East Asian Width W or F, Unicode's UAX 11) takes two, and what belongs to the sign before it none.

    >>> width_of("né"), width_of("ne\u0301"), width_of("\u4f60\u597d"), width_of("\U0001f469\u200d\U0001f52c")
    (2, 2, 4, 2)
    """
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_cluster_width, clusters(text)))


def clusters(text: str) -> Iterator[str]:
    """Give what a reader takes for one sign, each with the marks that belong to it: what no line may break apart.

    >>> [len(cluster) for cluster in clusters("ae\u0301\U0001f469\u200d\U0001f52c\U0001f1eb\U0001f1f7")]
    [1, 2, 3, 2]
    """
    start = 0
    for position in range(1, len(text)):
        if not _joins(text, start, position):
            yield text[start:position]
            start = position
    if text:
        yield text[start:]


def wrap(text: str, width: int) -> list[str]:
    r"""Break a text into lines of at most so many columns, between words where it can be; white space there goes.

    White space at the start of a line of the text stays, so that code keeps its form.

    >>> wrap("one two three\n  four", 8)
    ['one two', 'three', '  four']
    """
    return [line for given in text.split("\n") for line in _wrap_line(given, width)]


def _wrap_line(text: str, width: int) -> list[str]:
    if width_of(text) <= width:
        return [text.rstrip(" ")]
    lines, line, used, end = [], "", 0, 0
    for word in WORD.finditer(text):
        space, end = text[end : word.start()], word.end()
        needed = width_of(space) + width_of(word[0])
        if line.strip() and used + needed > width:
            lines.append(line)
            line, used, needed, space = "", 0, needed - width_of(space), ""
        if used + needed <= width:
            line, used = line + space + word[0], used + needed
            continue
        *full, line = _pieces(line + space + word[0], width)
        lines += full
        used = width_of(line)
    return [*lines, line]


def _pieces(text: str, width: int) -> list[str]:
    # A word, or the white space before it, that is longer than a line.
    pieces, piece, used = [], "", 0
    for cluster in clusters(text):
        needed = _cluster_width(cluster)
        if piece and used + needed > width:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + cluster, used + needed
    return [*pieces, piece]


def _joins(text: str, start: int, position: int) -> bool:
    char, before = text[position], text[position - 1]
    if char.isascii():
        return False
    if before == _JOINER:
        return True
    if ord(char) in _FLAG_LETTERS:
        return position - start == 1 and ord(before) in _FLAG_LETTERS
    return _takes_no_column(char) or (ord(char) in _SKIN_TONES and before not in " \n")


def _cluster_width(cluster: str) -> int:
    first = cluster[0]
    if first.isascii() and len(cluster) == 1:
        return int(first.isprintable())
    if _takes_no_column(first):
        return 0
    is_wide = unicodedata.east_asian_width(first) in "WF" or _EMOJI_STYLE in cluster or ord(first) in _FLAG_LETTERS
    return 2 if is_wide else 1


def _takes_no_column(char: str) -> bool:
    return unicodedata.category(char) in _MARKS_AND_JOINERS or ord(char) in _JAMO_TAILS
