"""Which fields of a record make a preference pair, and which of two answers is the better one."""

from __future__ import annotations

from typing import NamedTuple

from hhtools.records import Bad, Record


class Fields(NamedTuple):
    """The fields that hold the prompt, the two answers and the system text.

    Without a name for the prompt it is "prompt", if the record has one; without one for the system text, there is none.
    """

    prompt: str | None = None
    chosen: str = "chosen"
    rejected: str = "rejected"
    system: str | None = None


class Better(NamedTuple):
    """What a field holds when the first answer is better, when the second is, and when neither is.

    Values are compared as they are written in JSON, texts without their quotation marks; 1.0 is 1.
    """

    field: str
    first: str
    second: str
    neither: tuple[str, ...] = ()

    def order(self, record: Record, fields: Fields) -> Fields | None:
        """Give the fields with the better answer as the chosen one, or None when neither is better.

        >>> Better("labels", "1", "0").order({"labels": 0}, Fields(chosen="human_ref_A", rejected="human_ref_B"))
        Fields(prompt=None, chosen='human_ref_B', rejected='human_ref_A', system=None)

        Raises:
            Bad: ``missing-field``, or ``bad-label`` for another value.
        """
        if self.field not in record:
            raise Bad("missing-field", f'no field "{self.field}", which is to tell the better answer')
        said = _written(record[self.field])
        if said == self.first:
            return fields
        if said == self.second:
            return fields._replace(chosen=fields.rejected, rejected=fields.chosen)
        if said in self.neither:
            return None
        known = f'{self.first} ("{fields.chosen}" is better) nor {self.second} ("{fields.rejected}" is)'
        raise Bad("bad-label", f'"{self.field}" is {said[:40]}, neither {known}')


def _written(value: object) -> str:
    if type(value) is float and value.is_integer():
        return str(int(value))
    if value is None:
        return "null"
    return str(value).lower() if type(value) is bool else str(value)
