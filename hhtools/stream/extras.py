"""Packages that not everybody needs."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from hhtools.stream.exits import Exit, Fault


def zstd_module(name: str) -> Any:
    """Give the zstd module: the standard library's from Python 3.14 on, backports.zstd before.

    Raises:
        Fault: 78 when it is not installed, with the name of what needs it.
    """
    module = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    return optional_module(module, f"{name}: zstd", "backports.zstd")


def optional_module(module: str, needed_by: str, package: str) -> Any:
    """Give a module of a package that not everybody has installed.

    Raises:
        Fault: 78 when it is not there, with what needs it and how to install it.
    """
    try:
        return import_module(module)
    except ImportError:
        raise Fault(Exit.MISSING_EXTRA, f"{needed_by} needs one more package: pip install {package}") from None
