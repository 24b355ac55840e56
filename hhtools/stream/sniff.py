"""What an input is, told by its first bytes and never by its name."""

from __future__ import annotations

from typing import Literal

from hhtools.stream.compress import expects_frame
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.feed import Feed

Packing = Literal["plain", "gzip", "zstd"]

GZIP = b"\x1f\x8b"
_ZSTD = (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + kind, 0x2A, 0x4D, 0x18]) for kind in range(16)))

_OTHER_FORMATS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip", b"PAR1": "Parquet", b"ARROW1": "Arrow"}
_LFS_POINTER = b"version https://git-lfs"
_HTML = (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body")


def packing_of(feed: Feed) -> Packing:
    """Tell how an input is packed.

    Raises:
        Fault: for what is no data at all: 66 for another format or a Git LFS pointer, 65 for HTML or UTF-16, 74 for a
            file that its name says is compressed, and that is empty or begins as nothing does.
    """
    # A longer look would keep a slow producer's first short record waiting.
    start = feed.peek(6)
    if start.startswith(GZIP):
        return "gzip"
    if start.startswith(_ZSTD):
        return "zstd"
    for magic, name in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise _fault(Exit.NO_INPUT, feed, f"this is a {name} file; give JSON Lines, plain, gzip or zstd")
    if not start and feed.name == "stdin" and expects_frame():
        raise _fault(Exit.IO, feed, "nothing arrived, not even an end: the program before this one was stopped")
    _refuse_look_alikes(feed, start)
    if feed.name.endswith((".gz", ".zst")):
        _refuse_ruins(feed, start)
    return "plain"


def _refuse_look_alikes(feed: Feed, start: bytes) -> None:
    if start.startswith(b"versio") and feed.peek(len(_LFS_POINTER)).startswith(_LFS_POINTER):
        raise _fault(Exit.NO_INPUT, feed, 'this is a Git LFS pointer, not the data; run "git lfs pull"')
    if start.lstrip().startswith(b"<") and feed.peek(64).lstrip().lower().startswith(_HTML):
        raise _fault(Exit.BAD_RECORD, feed, "this is an HTML page, not data: an error or login page was saved for it")
    if start.startswith((b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")):
        raise _fault(Exit.BAD_RECORD, feed, "this looks like UTF-16; convert it with: iconv -f UTF-16 -t UTF-8")


def _refuse_ruins(feed: Feed, start: bytes) -> None:
    # What is named as compressed may well be plain. But behind a magic number that is cut or damaged there are no
    # records: --bad would set a few bad lines aside for all of them, and the run would look whole.
    if not start:
        raise _fault(Exit.IO, feed, "the file is empty, and no compressed file is: it was cut or never written")
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text and not text.startswith((b"{", b"[")):
        raise _fault(
            Exit.IO, feed, "it is named as compressed, but begins neither as gzip or zstd nor as JSON: corrupt"
        )


def _fault(code: Exit, feed: Feed, what: str) -> Fault:
    return Fault(code, f"{feed.name}: {what}")
