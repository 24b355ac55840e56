"""A feed of plain, gzip or zstd bytes -> chunks of plain bytes, read to a verified end.

Every byte that could be decoded before a fault is
given before the fault is raised; the gzip readers of Python and of isal lose up to a third of a truncated file.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from hhtools.stream.exits import Fault
from hhtools.stream.extras import zstd_module
from hhtools.stream.feed import CHUNK, Feed
from hhtools.stream.sniff import GZIP, packing_of

fast_zlib: Any
try:
    from isal import isal_zlib as fast_zlib
except ImportError:  # no wheel for this machine
    fast_zlib = zlib

# A decoder that meets an error gives nothing of the bytes it was just fed, so it is fed little at a time.
_SLICE = 1 << 10


def decompress(feed: Feed) -> tuple[Iterator[bytes], bool]:
    """Give the plain, non-empty chunks of a feed, and whether its end will be verified (by a checksum or an end mark).

    Raises:
        Fault: as packing_of does, and 78 when zstd is not installed; InputFault (74) from the iterator when the
            compressed bytes end early or are corrupt.
    """
    packing = packing_of(feed)
    if packing == "gzip":
        return _gunzip(feed), True
    if packing == "zstd":
        return _unzstd(feed, zstd_module(feed.name)), True
    return iter(feed.chunk, b""), False


def _gunzip(feed: Feed) -> Iterator[bytes]:
    # RFC 1952: any number of members, each a header, deflated data, and a trailer of CRC-32 and length.
    while True:
        _skip_gzip_header(feed)
        inflater, crc, length = fast_zlib.decompressobj(-zlib.MAX_WBITS), 0, 0
        for plain in _decoded(feed, inflater, fast_zlib.error):
            crc = fast_zlib.crc32(plain, crc)
            length += len(plain)
            yield plain
        trailer = feed.take(8)
        if len(trailer) < 8:
            raise _ends_early(feed)
        if trailer != crc.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little"):
            raise feed.fault("corrupt gzip data: its checksum is wrong, so rows already written may be damaged")
        if not _another_member(feed):
            return


def _another_member(feed: Feed) -> bool:
    following = feed.peek(2)
    if following.startswith(GZIP):
        return True
    while following:  # zeros pad archives on tape
        if following.strip(b"\0"):
            raise feed.fault("there is something else after the end of the gzip data")
        feed.take(len(following))
        following = feed.peek(1)
    return False


def _skip_gzip_header(feed: Feed) -> None:
    header = feed.take(10)
    if len(header) == 10 and (header[2] != 8 or header[3] & 0xE0):
        raise feed.fault("corrupt gzip header")
    flags = header[3] if len(header) == 10 else 0
    if flags & 4:  # extra field
        feed.take(int.from_bytes(feed.take(2), "little"))
    for flag in (8, 16):  # file name, comment
        while flags & flag and feed.take(1) not in (b"\0", b""):
            pass
    if flags & 2:  # header checksum
        feed.take(2)
    if not feed.peek(1):
        raise _ends_early(feed)


def _unzstd(feed: Feed, zstd: Any) -> Iterator[bytes]:
    while feed.peek(1):
        # A few bytes of zstd can stand for megabytes, so no more than a chunk of them is asked for at once.
        yield from _decoded(feed, zstd.ZstdDecompressor(), zstd.ZstdError, CHUNK)


def _decoded(feed: Feed, decoder: Any, decoder_error: type[Exception], *most_at_once: int) -> Iterator[bytes]:
    # Both kinds of decoder have decompress, eof and unused_data; only zstd's has needs_input.
    while not decoder.eof:
        chunk = feed.chunk()
        if not chunk:
            raise _ends_early(feed)
        plain = bytearray()
        for start in range(0, len(chunk), _SLICE):
            piece: bytes | None = chunk[start : start + _SLICE]
            while piece is not None:
                try:
                    plain += decoder.decompress(piece, *most_at_once)
                except decoder_error as error:
                    if plain:
                        yield bytes(plain)
                    raise feed.fault(f"corrupt compressed data ({error})") from error
                if len(plain) >= CHUNK:
                    yield bytes(plain)
                    plain.clear()
                piece = None if decoder.eof or getattr(decoder, "needs_input", True) else b""
            if decoder.eof:
                feed.give_back(decoder.unused_data + chunk[start + _SLICE :])
                break
        if plain:
            yield bytes(plain)


def _ends_early(feed: Feed) -> Fault:
    return feed.fault("compressed input ends early")
