"""Text of strangers made harmless: what a terminal or a browser would obey is shown as an escape instead."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # Persian and emoji are written with them, and they move nothing
_TAB = "    "


def visible(text: str) -> str:
    r"""Give a text of which every character is seen: control characters, marks of direction and the like are escaped.

    Line breaks stay, ``\r\n`` is one, a tab is four spaces, and empty lines at both ends go.

    >>> visible("a\x1b[31m\tb\r\n\u202ec\n")
    'a\\x1b[31m    b\n\\u202ec'
    """
    text = text.replace("\r\n", "\n").replace("\t", _TAB).strip("\n")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(char if _is_harmless(char) else _escape(char) for char in text)


def visible_line(text: str) -> str:
    r"""Give a text as ``visible`` does, in one line: its line breaks are escaped too.

    >>> visible_line("a\nb")
    'a\\nb'
    """
    return "".join(char if char != "\n" and _is_harmless(char) else _escape(char) for char in text)


def _is_harmless(char: str) -> bool:
    # A space of another kind (Zs), such as that of Chinese, is not printable to Python, but moves nothing.
    return char.isprintable() or char == "\n" or char in _JOINERS or unicodedata.category(char) == "Zs"


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()
