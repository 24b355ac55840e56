"""Lone surrogates: halves of characters beyond the Basic Multilingual Plane, which no UTF-8 can hold."""

from __future__ import annotations

import re

# Every escape is matched, so that a backslash that is itself escaped begins none; a pair is one character.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_REPLACEMENT = rb"\ufffd"


def replace_lone_surrogates(line: bytes) -> bytes:
    r"""Give JSON with each lone surrogate escape replaced by that of U+FFFD, and no other byte changed.

    >>> replace_lone_surrogates(rb'{"half": "\ud83d", "whole": "\ud83d\ude00", "text": "\\ud83d"}')
    b'{"half": "\\ufffd", "whole": "\\ud83d\\ude00", "text": "\\\\ud83d"}'
    """
    return _ESCAPE.sub(lambda escape: _REPLACEMENT if escape[1] else escape[0], line)
