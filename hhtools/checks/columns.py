"""The columns of a file: loaders take keys and types from the first rows, and hold all others to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hhtools.checks.kinds import Finding
from hhtools.records import Record, kind_of


class Columns:
    """Compares each row with those before it: all have the keys of the first, and each key values of one type.

    null goes with every type. What it remembers is of the size of one row.
    """

    def __init__(self, required: Collection[str]) -> None:
        self._required = required
        self._first: frozenset[str] | None = None
        self._kinds: dict[str, str] = {}
        self._message_keys: dict[str, frozenset[str]] = {}

    def compare(self, row: Record, wrong: Collection[str]) -> Iterator[Finding]:
        """Tell how a row differs, but in the keys that are told to be wrong already.

        >>> columns = Columns(["text"])
        >>> list(columns.compare({"text": "", "id": 1}, [])), next(columns.compare({"text": "", "id": "1"}, [])).detail
        ([], '"id" is a string, and was a number before')
        """
        if self._first is None:
            self._first = frozenset(row).union(self._required)
        for key in sorted(self._first - row.keys() - set(self._required)):
            yield Finding("keys-differ", f'no "{key[:40]}", which the first row has')
        for key, value in row.items():
            if key not in self._first:
                yield Finding("keys-differ", f'"{key[:40]}", which the first row does not have')
            elif value is not None and key not in wrong:
                yield from self._compare_value(key, value)

    def _compare_value(self, key: str, value: object) -> Iterator[Finding]:
        kind = "a number" if type(value) in (int, float) else kind_of(value)
        before = self._kinds.setdefault(key, kind)
        if kind != before:
            yield Finding("types-differ", f'"{key[:40]}" is {kind}, and was {before} before')
        for item in value if type(value) is list else ():
            if type(item) is dict and item.keys() != self._message_keys.setdefault(key, frozenset(item)):
                odd = min(item.keys() ^ self._message_keys[key])
                there = "more" if odd in item else "less"
                yield Finding("keys-differ", f'an element of "{key[:40]}" has one key {there}, "{odd[:40]}"')
                return
