"""Packages that not everybody needs."""

from __future__ import annotations

import sys
from typing import Any

from hhtools.stream.exits import Exit, Fault


def zstd_module(name: str) -> Any:
    """Give the zstd module: the standard library's from Python 3.14 on, backports.zstd before.

    Raises:
        Fault: 78 when it is not installed, with the name of what needs it.
    """
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise Fault(Exit.MISSING_EXTRA, f"{name}: zstd needs one more package: pip install backports.zstd") from None
    return zstd
