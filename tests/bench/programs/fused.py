"""Turn raw HH-RLHF files into KTO rows with hhtools in one process, with all the checks of the commands."""

from __future__ import annotations

import sys
from typing import NoReturn

from hhtools import Bad, chain, parse_pair, unpack_kto
from hhtools.stream.outputs import Output
from hhtools.stream.run import Run


def refuse(bad: Bad, name: str, number: int, _line: bytes) -> NoReturn:
    """End the program: the corpus holds no bad record."""
    sys.exit(f"{name}:{number}: {bad}")


output = Output()
run = Run(chain(parse_pair, unpack_kto), sys.argv[1:], read_fields=("chosen", "rejected"), adds_source=True)
output.write_all(run.rows(refuse, output.flush))
output.commit()
