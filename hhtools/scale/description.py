"""What stages are made of, in a form that is the same in every process, so that two pipelines can be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType
from typing import Any

import orjson


def digest_of(described: object) -> str:
    """Give a short name to what is described: text, numbers, lists and objects of them.

    >>> digest_of({"pipeline": "hh-parse"}) == digest_of({"pipeline": "hh-parse"})
    True
    """
    return hashlib.sha256(orjson.dumps(described)).hexdigest()[:16]


def form_of(value: Any) -> Any:
    """Describe a value as JSON, whatever it is made of: two that pickle to equal values have one description.

    A function is described by its name, an object by its class and by what it would be made of again.

    >>> from functools import partial
    >>> form_of(partial(form_of, {"b", "a"}))[1:3]
    ['functools.partial', [['hhtools.scale.description.form_of']]]
    """
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, (list, tuple)):
        return [form_of(item) for item in value]
    if isinstance(value, (set, frozenset)):  # their order changes from process to process
        return ["set", *sorted(map(form_of, value), key=orjson.dumps)]
    if isinstance(value, Mapping):
        return ["mapping", *([form_of(key), form_of(item)] for key, item in value.items())]
    if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
        return [f"{value.__module__}.{value.__qualname__}"]
    make, arguments, *rest = value.__reduce_ex__(2)
    state = [list(part) if hasattr(part, "__next__") else part for part in rest]
    return [
        form_of(make)[0],
        f"{type(value).__module__}.{type(value).__qualname__}",
        form_of(arguments),
        form_of(state),
    ]
