"""Lines whose form shows at a glance that their record hides nothing: no key stands twice, no number lost digits.

orjson, like most readers of JSON, keeps the last of two values without a word, and turns a whole number beyond 64 bits
into a double. To look closely for both makes decoding take twice as long. But the lines of a file are alike, and most
are raw pairs as HH-RLHF is published or what hhtools writes: in these, a few marks that memchr finds leave no room for
anything else. A line that is not plain is not bad for it: it is looked at closely.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import orjson

_BACKSLASH = ord("\\")
_MOST_ESCAPED = 20
_TRIES = 100
_AFTER_A_LIST = re.compile(rb'(?=\})|, ?(?="\w)')
_BEYOND = float(1 << 63)


class PlainForms:
    """The plain forms of lines with the fields that a command reads; the one seen last is looked for.

    >>> plain = PlainForms(["chosen", "rejected"])
    >>> plain.look_for_lines_like(b'{"chosen": "How?", "rejected": "Why?"}')
    >>> plain.shows(b'{"chosen": "Who?", "rejected": "When?"}')
    True
    >>> plain.shows(b'{"chosen": "Who?", "chosen": "Where?", "rejected": "When?"}')
    False
    """

    shows: Callable[[bytes], bool]
    """Tells whether a line, which has to be valid JSON, has the form looked for, and so hides nothing."""

    def __init__(self, read_fields: Sequence[str]) -> None:
        names = [field.encode() for field in read_fields]
        self._forms: list[Callable[[bytes], bool]] = []
        for gap in (b" ", b""):
            if len(names) >= 2:
                self._forms.append(_TwoTexts(names[0], names[1], gap).shows)
            if len(names) >= 3:
                self._forms.append(_ThreeLists(names, gap).shows)
        self._tries_left = _TRIES
        self.shows = _never

    def look_for_lines_like(self, line: bytes) -> None:
        """Look for lines of this form from now on, if it is a plain one; until the file seems to have none."""
        if self._tries_left:
            self._tries_left -= 1
            self.shows = next((shows for shows in self._forms if shows(line)), self.shows)


class _TwoTexts:
    # {"chosen": "...", "rejected": "..."}: another key would bring more quotation marks that are not escaped.

    def __init__(self, first: bytes, second: bytes, gap: bytes) -> None:
        self._opening = b'{"%b":%b"' % (first, gap)
        self._opened = len(self._opening)
        self._between = b'",%b"%b":%b' % (gap, second, gap)

    def shows(self, line: bytes) -> bool:
        if line[: self._opened] != self._opening:
            return False
        # From the end of one text to the start of the other; the last four bytes have no room for another key.
        end = line.find(b'"', self._opened)
        start = line.rfind(b'"', end, -4)
        return line[end:start] == self._between or self._shows_past_escaped(line, end, start)

    def _shows_past_escaped(self, line: bytes, end: int, start: int) -> bool:
        # A mark behind a backslash may end a text, but begins none: no key is passed over.
        for _ in range(_MOST_ESCAPED):
            if line[end - 1] == _BACKSLASH:
                end = line.find(b'"', end + 1)
            elif line[start - 1] == _BACKSLASH:
                start = line.rfind(b'"', end, start)
            else:
                return line[end:start] == self._between
        return False


class _ThreeLists:
    # {"prompt":[...],"chosen":[...],"rejected":[...],"source":"helpful-base"}, no "]" in the lists, and no more than
    # simple fields after them. A quotation mark before a letter begins a text, so what stands before it is outside of
    # every text: each "]" ends a list. Three are begun, so there is none inside these, nor another field between them.

    def __init__(self, names: Sequence[bytes], gap: bytes) -> None:
        self._first = b'{"%b":%b[' % (names[0], gap)
        self._second = b',%b"%b":%b[' % (gap, names[1], gap)
        self._third = b',%b"%b":%b[' % (gap, names[2], gap)
        self._first_size, self._second_size, self._third_size = map(len, (self._first, self._second, self._third))
        self._names = [name.decode() for name in names]
        self._end = b"}\n"

    def shows(self, line: bytes) -> bool:
        if line[: self._first_size] != self._first:
            return False
        _, _, rest = line.partition(b"]")
        second, _, rest = rest.partition(b"]")
        third, _, rest = rest.partition(b"]")
        return (
            third[: self._third_size] == self._third
            and second[: self._second_size] == self._second
            and (rest == self._end or self._is_simple(rest))
        )

    def _is_simple(self, rest: bytes) -> bool:
        after = _AFTER_A_LIST.match(rest)
        if not after:
            return False
        try:
            fields = orjson.loads(b"{" + rest[after.end() :])
        except orjson.JSONDecodeError:
            return False
        if any(name in fields for name in self._names) or any(map(_is_not_simple, fields.values())):
            return False
        self._end = rest  # the same on most lines, as long as it names no more than the source
        return True


def lost_digits(value: object) -> bool:
    """Tell whether a value may be a whole number beyond 64 bits, which orjson turns into the nearest double."""
    return type(value) is float and not -_BEYOND < value < _BEYOND


def _is_not_simple(value: object) -> bool:
    return type(value) in (list, dict) or lost_digits(value)


def _never(_line: bytes) -> bool:
    return False
