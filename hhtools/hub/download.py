"""One file from the Hub to the disk: resumed when it breaks off, and there only when its checksum is right."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing

from hhtools.hub.catalogue import RemoteFile
from hhtools.hub.client import Client
from hhtools.hub.part import Part
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.http import fault_of
from hhtools.stream.transfer import PIECE

Told = Callable[[int], None]
"""Is told how many bytes of a file are there; fewer than before when it has to begin again."""

_ATTEMPTS = 5
_FIRST_WAIT = 0.3  # seconds, and twice as many each time
_DOWNLOADS = 2


def is_there(file: RemoteFile, target: str) -> bool:
    """Tell whether a file has been fetched already, and is right: all of it is read."""
    return file.checksum.fits(target, file.size)


def download(client: Client, file: RemoteFile, target: str, told: Told) -> None:
    """Fetch a file, unless another process has meanwhile; what broke off before is gone on with.

    A file that comes with a wrong checksum is fetched once more from its start.

    Raises:
        Fault: 74 when the checksum stays wrong or the disk takes no more, 73 when the target cannot be created, 66, 75
            and 77 as Client.resolve does.
    """
    with closing(Part(target, file.checksum, file.size)) as part:
        if is_there(file, target):
            part.remove()
            return
        for _ in range(_DOWNLOADS):
            _complete(client, file, part, told)
            if part.is_right():
                part.publish()
                return
            part.clear()
        part.remove()
    wrong = f"came {_DOWNLOADS} times with another {file.checksum.kind} checksum than {file.checksum.value}"
    raise Fault(Exit.IO, f"{file.place.url}: {wrong}: damaged on its way or on the server")


def _complete(client: Client, file: RemoteFile, part: Part, told: Told) -> None:
    furthest, failures = part.size, 0
    while part.size < file.size:
        try:
            _go_on(client, file, part, told)
        except Fault as fault:
            failures = 1 if part.size > furthest else failures + 1
            furthest = max(furthest, part.size)
            if fault.code != Exit.NETWORK or failures == _ATTEMPTS:
                raise
            time.sleep(_FIRST_WAIT * 2 ** (failures - 1))


def _go_on(client: Client, file: RemoteFile, part: Part, told: Told) -> None:
    *_, answer = client.resolve("GET", file.place, {"Range": f"bytes={part.size}-"} if part.size else {})
    with closing(answer):
        if answer.status_code != 206:
            part.clear()  # the server gives all of it
        elif not re.match(rf"bytes {part.size}-", answer.headers.get("Content-Range", "")):
            raise Fault(Exit.NETWORK, f"{file.place.url}: the server gives other bytes than those it was asked for")
        while part.size < file.size:
            told(part.size)
            try:
                piece = answer.raw.read(min(PIECE, file.size - part.size))
            except Exception as error:
                raise fault_of(error, file.place.url) from None
            if not piece:
                raise Fault(Exit.NETWORK, f"{file.place.url}: ended after {part.size} of {file.size} bytes; try again")
            part.add(piece)
        told(part.size)
