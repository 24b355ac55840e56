"""Fields of the input that go into a trainer's rows: on request (``--carry FIELD``), or because a format has them."""

from __future__ import annotations

from collections.abc import Sequence

from hhtools.records import Bad, Record, kind_of, text_of


class Carry:
    """Pick fields from each record, and hold every record to the types of the first.

    A trainer's loader takes its columns from the first rows: a field that comes and goes, or changes type, crashes it
    or is turned into text in silence (seen with Hugging Face datasets 5.2).

    >>> carry = Carry(["source"])
    >>> carry({"source": "helpful-base", "id": 1})
    {'source': 'helpful-base'}
    >>> carry({"source": None})
    Traceback (most recent call last):
    hhtools.records.Bad: wrong-type: "source" is null, where the first record had a string
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = tuple(fields)
        self._types: dict[str, type] = {}
        self._kinds: dict[str, str] = {}

    def __call__(self, record: Record) -> Record:
        """Give the fields of one record.

        Raises:
            Bad: ``missing-field``, or ``wrong-type`` when the first record had another type there.
        """
        carried: Record = {}
        for field in self.fields:
            if field not in record:
                raise Bad("missing-field", f'no field "{field}" to carry')
            carried[field] = record[field]
        for field, value in carried.items():
            if type(value) is not self._types.setdefault(field, type(value)):
                first = self._kinds[field]
                raise Bad("wrong-type", f'"{field}" is {kind_of(value)}, where the first record had {first}')
            self._kinds.setdefault(field, kind_of(value))
        return carried


def text_or(record: Record, field: str, otherwise: str) -> str:
    """Give the string in a field, or another one where the field is missing or null.

    >>> text_or({"source": None}, "source", ""), text_or({"split": "test"}, "split", "train")
    ('', 'test')

    Raises:
        Bad: ``wrong-type`` when it holds anything but a string.
    """
    return otherwise if record.get(field) is None else text_of(record, field)
