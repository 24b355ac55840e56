"""Copy JSON Lines through orjson and do nothing else: the yardstick for every program that reads and writes JSON."""

from __future__ import annotations

import sys

from orjson import OPT_APPEND_NEWLINE, dumps, loads

_BUFFER = 1 << 17

with open(sys.argv[1], "rb", _BUFFER) as lines, open(1, "wb", _BUFFER) as copy:
    copy.writelines(dumps(loads(line), option=OPT_APPEND_NEWLINE) for line in lines)
