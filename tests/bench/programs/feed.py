"""Write the lines of a file, again and again, until there are so many bytes: feed.py FILE BYTES."""

from __future__ import annotations

import sys

_PIECE = 1 << 20

left = int(sys.argv[2])
with open(sys.argv[1], "rb") as file, open(1, "wb") as output:
    while left > 0:
        lines = file.readlines(min(left, _PIECE))
        if not lines:
            file.seek(0)
        output.writelines(lines)
        left -= sum(map(len, lines))
