"""What describes a format."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from hhtools.checks.dialogues import View
from hhtools.checks.loaders import Loader
from hhtools.checks.neighbours import Neighbours
from hhtools.checks.rules import Rule
from hhtools.checks.values import Value


class Form(NamedTuple):
    """The rows of a format: who loads them, their keys, and what else has to hold.

    ``view`` gives the dialogues in a row, which ``rules`` and ``neighbours`` look at. ``strict`` names the kinds of
    findings that other trainers get over, and this one does not. Of ``one_of``, one key has to be there.
    """

    loader: Loader
    required: Mapping[str, Value]
    view: View
    rules: Sequence[Rule]
    optional: Mapping[str, Value] = {}
    one_of: Sequence[str] = ()
    neighbours: Sequence[Callable[[], Neighbours]] = ()
    strict: Collection[str] = ()
    least_rows: int = 1
