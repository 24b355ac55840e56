"""``hf://`` as an input: fetched into a cache when it is not there, checked each time, and then read like a file.

In ``HF_HOME/hhtools/datasets/OWNER/NAME`` lie ``blobs/CHECKSUM``, the contents, and ``COMMIT/PATH``, links to them. A
commit never changes, so a file that is named by one is read from there without asking the Hub.
"""

from __future__ import annotations

import io
import os
from contextlib import suppress
from functools import cache

from hhtools.hub.catalogue import Catalogue
from hhtools.hub.checksums import checksum_of, is_commit
from hhtools.hub.client import Client
from hhtools.hub.download import download, is_there
from hhtools.hub.environment import home
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.transfer import Transfer
from hhtools.stream.urls import HubPlace, hub_place, redacted


def open_file(url: str, timeout: int) -> Transfer:
    """Open a file of the Hub for reading, when all of it is there and its checksum is right.

    Raises:
        Fault: 66 when it is not there, 77 when it may not be read, 75 for network trouble, 74 for a wrong checksum, 73
            when the cache cannot be written.
    """
    name = redacted(url)
    path = _cached(_place(url), timeout)
    try:
        stream = io.BufferedReader(io.FileIO(path))
    except OSError as error:
        raise _read_error(name, error) from None
    size = os.fstat(stream.fileno()).st_size
    return Transfer(stream, name, lambda error: _read_error(name, error), length=size, too_short=Exit.IO)


def urls_like(pattern: str, timeout: int) -> list[str]:
    """List the URLs of the files whose names match a pattern, at the commit that is there now.

    Raises:
        Fault: as Catalogue.files_like does.
    """
    return [file.place.url for file in _catalogue(timeout).files_like(_place(pattern))]


def version_of(url: str, timeout: int) -> str:
    """Give the checksum of a file of the Hub.

    Raises:
        Fault: as open_file does.
    """
    return _catalogue(timeout).file(_place(url)).checksum.value


def _place(url: str) -> HubPlace:
    place = hub_place(url)
    if place is None:
        raise ValueError("not a URL of the Hub")
    return place


def _cached(place: HubPlace, timeout: int) -> str:
    folder = os.path.join(home(), "hhtools", "datasets", place.repository)
    known = _known(folder, place)
    if known:
        return known
    file = _catalogue(timeout).file(place)
    blob = os.path.join(folder, "blobs", file.checksum.value)
    if not is_there(file, blob):
        download(_client(timeout), file, blob, lambda _count: None)
    _remember(folder, file.place, blob)
    return blob


def _known(folder: str, place: HubPlace) -> str | None:
    if not is_commit(place.revision):
        return None
    try:
        blob = os.path.realpath(_link(folder, place), strict=True)
    except OSError:
        return None
    checksum = checksum_of(os.path.basename(blob))
    return blob if checksum and checksum.fits(blob) else None


def _remember(folder: str, place: HubPlace, blob: str) -> None:
    if not is_commit(place.revision):
        return
    link = _link(folder, place)
    temporary = f"{link}.{os.getpid()}.tmp"
    with suppress(OSError):  # without it the Hub is asked again
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(os.path.relpath(blob, os.path.dirname(link)), temporary)
        os.rename(temporary, link)


def _link(folder: str, place: HubPlace) -> str:
    # In the C locale a name may hold characters that Python does not know how to write.
    return os.path.join(folder, place.revision, os.fsdecode(place.path.encode()))


def _read_error(name: str, error: Exception) -> Fault:
    told = error.strerror if isinstance(error, OSError) else error
    return Fault(Exit.IO, f"{name}: its copy in the cache cannot be read: {told}")


@cache
def _client(timeout: int) -> Client:
    return Client(timeout)


@cache
def _catalogue(timeout: int) -> Catalogue:
    return Catalogue(_client(timeout))
