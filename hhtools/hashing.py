"""Chance without a random generator: a number that what a record says decides, and not where or when it is read.

The same record gets the same number in a pipe, in one process and on each of many machines, in any order.
"""

from __future__ import annotations

import json
from hashlib import blake2b

import orjson

_STEPS = 1 << 53
"""How many numbers from 0 to 1 there are to get: all that a double can tell apart."""


def fraction_of(value: object, purpose: str, seed: int) -> float:
    """Give a number from 0 up to but not including 1 for a JSON value; those of many values are spread evenly.

    It is made of the first 53 bits of BLAKE2b (RFC 7693) over the seed and the value in canonical form: JSON without
    white space, the fields of objects sorted. Another purpose (at most 16 bytes) or seed gives numbers that have
    nothing to do with these.

    >>> fraction_of({"b": 1, "a": "é"}, "example", seed=0) == fraction_of({"a": "é", "b": 1}, "example", seed=0)
    True
    """
    digest = blake2b(b"%d " % seed + _canonical(value), digest_size=8, person=purpose.encode()).digest()
    return (int.from_bytes(digest, "big") >> 11) / _STEPS


def _canonical(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # a whole number of more than 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
