"""What the Hub says of a file's content: the sha256 of a large file (Git LFS), the name of a small one in git."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from hashlib import _Hash

_AT_ONCE = 1 << 18


class Checksum(NamedTuple):
    """A checksum, and how it is computed."""

    kind: Literal["sha256", "git"]
    value: str

    def begin(self, size: int) -> _Hash:
        r"""Begin to compute it for a content of so many bytes.

        git names a content by the SHA-1 of ``blob SIZE\0`` and the content (Pro Git, 10.2).

        >>> Checksum("git", "").begin(0).hexdigest()
        'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
        """
        if self.kind == "sha256":
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)

    def fits(self, path: str, size: int | None = None) -> bool:
        """Tell whether a path is a file with this checksum, and of this size if one is given; all of it is read."""
        if not os.path.isfile(path):  # a FIFO would keep us waiting
            return False
        try:
            with open(path, "rb", buffering=0) as file:
                found_size = os.fstat(file.fileno()).st_size
                if size not in (None, found_size):
                    return False
                computed = self.begin(found_size)
                while piece := file.read(_AT_ONCE):
                    computed.update(piece)
        except OSError:
            return False
        return computed.hexdigest() == self.value


class Pins(NamedTuple):
    """The sha256 that files must have, whatever the Hub says; ``way_out`` is what to do if they have another."""

    sha256: Mapping[str, str]
    way_out: str


def checksum_of(text: str) -> Checksum | None:
    """Read a checksum, as it stands in an ETag or alone; None for what is none.

    >>> checksum_of('W/"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"').kind
    'git'
    """
    found = re.fullmatch(r'(?:W/)?"?(?:([0-9a-f]{64})|([0-9a-f]{40}))"?', text.strip(), re.IGNORECASE)
    if not found:
        return None
    return Checksum("sha256", found[1].lower()) if found[1] else Checksum("git", found[2].lower())


def is_commit(revision: str) -> bool:
    """Tell whether a revision is the full hash of a commit, which never changes."""
    return re.fullmatch("[0-9a-f]{40}", revision) is not None
