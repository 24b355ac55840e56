"""The order of KTO rows: trainers with a KL term read neighbouring rows together, so the order has a meaning."""

from __future__ import annotations

from collections import deque

from hhtools.formats.balance import balance_notes
from hhtools.records import Notes, Record, Rows, Stage


class Stagger:
    """A stage that writes the undesirable row of a pair some pairs after its desirable row.

    Trainers with a KL term read neighbouring rows together, and two answers to one prompt there bias it.

    >>> stage = Stagger(lambda record: ({"label": True, **record}, {"label": False, **record}), distance=1)
    >>> stage({"id": 1}), stage({"id": 2})
    (({'label': True, 'id': 1},), ({'label': True, 'id': 2}, {'label': False, 'id': 1}))
    >>> stage.finish()
    [{'label': False, 'id': 2}]
    """

    def __init__(self, unpack: Stage, distance: int) -> None:
        self._unpack = unpack
        self._distance = distance
        self._held: deque[Record] = deque()
        self._pairs = 0

    @property
    def remembers(self) -> bool:
        """Tell whether rows wait for later pairs."""
        return self._distance > 0

    def __call__(self, record: Record) -> Rows:
        """Give the desirable row of this pair, and the undesirable one of an earlier pair."""
        rows = self._unpack(record)
        if not rows:
            return rows
        self._pairs += 1
        if not self._distance:
            return rows
        desirable, undesirable = rows
        self._held.append(undesirable)
        return (desirable, self._held.popleft()) if len(self._held) > self._distance else (desirable,)

    def finish(self) -> list[Record]:
        """Give the rows still held."""
        rows = list(self._held)
        self._held.clear()
        return rows

    def notes(self) -> Notes:
        """Tell the balance of the rows: as many of one kind as of the other."""
        return balance_notes(self._pairs, self._pairs)
