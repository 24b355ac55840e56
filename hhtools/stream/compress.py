"""Compressed output: files that are named .gz or .zst, and pipes whose end can be verified."""

from __future__ import annotations

import os
import stat
import zlib
from typing import Protocol

from hhtools.stream.extras import zstd_module

_GZIP = zlib.MAX_WBITS + 16  # zlib's own gzip header has no name and no time, so that the same rows give the same bytes


class Compressor(Protocol):
    """What turns rows into compressed bytes."""

    def compress(self, rows: bytes) -> bytes:
        """Take rows, and give the bytes that are ready."""

    def finish(self) -> bytes:
        """Give the last bytes, with a checksum over all: their presence says that the rows are all there are."""


class Gzip:
    """A gzip file."""

    def __init__(self) -> None:
        self._deflater = zlib.compressobj(6, zlib.DEFLATED, _GZIP)

    def compress(self, rows: bytes) -> bytes:
        """Take rows, and give the bytes that are ready."""
        return self._deflater.compress(rows)

    def finish(self) -> bytes:
        """Give the last bytes."""
        return self._deflater.flush()


class Framed(Gzip):
    """A gzip stream that is not compressed and holds nothing back: a frame around the rows of a pipe.

    The next command reads it as it reads any gzip stream. When this one dies, even of SIGKILL, the end of the frame is
    missing, and that is heard.
    """

    def __init__(self) -> None:
        self._deflater = zlib.compressobj(0, zlib.DEFLATED, _GZIP)

    def compress(self, rows: bytes) -> bytes:
        """Take rows, and give them framed."""
        return self._deflater.compress(rows) + self._deflater.flush(zlib.Z_SYNC_FLUSH)


class Zstd:
    """A zstd file, with a checksum."""

    def __init__(self, path: str) -> None:
        zstd = zstd_module(path)
        self._compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: 1})

    def compress(self, rows: bytes) -> bytes:
        """Take rows, and give the bytes that are ready."""
        ready: bytes = self._compressor.compress(rows)
        return ready

    def finish(self) -> bytes:
        """Give the last bytes."""
        last: bytes = self._compressor.flush()
        return last


def compressor_for(path: str | None) -> Compressor | None:
    """Choose how an output is compressed: a file by its name, standard output by HH_CHECKED=1 when it is a pipe.

    Raises:
        Fault: 78 when zstd is asked for and not installed.
    """
    if path is None:
        return Framed() if checks_pipes() and _is_pipe(1) else None
    if path.endswith(".gz"):
        return Gzip()
    return Zstd(path) if path.endswith(".zst") else None


def checks_pipes() -> bool:
    """Tell whether every command of the pipe frames what it gives to the next."""
    return os.environ.get("HH_CHECKED", "") not in ("", "0")


def expects_frame() -> bool:
    """Tell whether nothing at all on standard input means that the command before was killed at its start."""
    return checks_pipes() and _is_pipe(0)


def _is_pipe(fd: int) -> bool:
    return stat.S_ISFIFO(os.fstat(fd).st_mode)
