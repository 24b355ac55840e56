"""Compressed bytes for tests, in every form that inputs come in."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

from hhtools.stream.extras import zstd_module

zstd: Any = zstd_module("the tests")


def with_all_gzip_fields(data: bytes) -> bytes:
    """Compress data into a gzip member with an extra field, a name, a comment and a header checksum (RFC 1952)."""
    head = b"\x1f\x8b\x08" + bytes([4 + 8 + 16 + 2]) + b"\0" * 6 + b"\x03\x00abc" + b"name\0" + b"comment\0"
    head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")
    return head + gzip.compress(data)[10:]


def zstd_frame(*pieces: bytes) -> bytes:
    """Compress pieces into a zstd frame with a checksum, each piece in a block of its own."""
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: 1})
    blocks = [compressor.compress(piece, compressor.FLUSH_BLOCK) for piece in pieces]
    return b"".join(blocks) + bytes(compressor.flush())
