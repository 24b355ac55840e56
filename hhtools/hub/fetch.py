"""Files of datasets from the Hub into a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from hhtools.hub.catalogue import Catalogue, RemoteFile
from hhtools.hub.checksums import Checksum, Pins
from hhtools.hub.client import Client
from hhtools.hub.download import Told, download, is_there
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.globs import is_pattern
from hhtools.stream.urls import HubPlace


def fetch(
    places: Sequence[HubPlace],
    folder: str,
    pins: Pins,
    timeout: int,
    watched: Callable[[RemoteFile], AbstractContextManager[Told]],
) -> list[str]:
    """Fetch files, and those that patterns match, into a folder, and give their paths there, each once.

    All are looked up before the first is fetched. A file that is there already and has the right checksum stays as it
    is; if that checksum is pinned, the Hub is not even asked. ``watched`` is entered while a file is fetched.

    Raises:
        Fault: 66 when a file is not there, 77 when it may not be read, 75 for network trouble, 74 for a wrong checksum.
    """
    client = Client(timeout)
    catalogue = Catalogue(client)
    found: dict[str, RemoteFile | None] = {}
    for place in places:
        pin = pins.sha256.get(place.path)
        if pin and Checksum("sha256", pin).fits(_target(folder, place.path)):
            found[place.path] = None
        elif not is_pattern(place.path):
            found[place.path] = _pinned(catalogue.file(place), pins)
        else:
            found |= {file.place.path: _pinned(file, pins) for file in catalogue.files_like(place)}
    for path, file in found.items():
        target = _target(folder, path)
        if file and not is_there(file, target):
            with watched(file) as told:
                download(client, file, target, told)
    return [_target(folder, path) for path in found]


def _pinned(file: RemoteFile, pins: Pins) -> RemoteFile:
    pin = pins.sha256.get(file.place.path)
    if pin is None:
        return file
    if file.checksum.kind == "sha256" and file.checksum.value != pin:
        told = f"the Hub's file has the sha256 {file.checksum.value}, and {pin} is expected; {pins.way_out}"
        raise Fault(Exit.IO, f"{file.place.url}: {told}")
    return file._replace(checksum=Checksum("sha256", pin))


def _target(folder: str, path: str) -> str:
    # In the C locale a name may hold characters that Python does not know how to write.
    return os.path.join(folder, os.fsdecode(path.encode()))
