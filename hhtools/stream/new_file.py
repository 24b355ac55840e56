"""A file that appears whole or not at all: written beside its target, and renamed when all is well."""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
import time
import zlib
from contextlib import suppress
from functools import cache

from hhtools.stream.descriptors import Descriptor, is_open_descriptor, write_fault
from hhtools.stream.exits import Exit, Fault, FileExists

_TEMPORARY = re.compile(r"\..+\.(?P<host>[0-9a-f]{8})\.(?P<pid>[0-9]+)(\.[0-9a-f]{8})?\.tmp")
_FORSAKEN = 86_400  # seconds

# In a container every run has the same process number, and the next one would take what a killed one left for its own.
_BEGUN: set[str] = set()


def new_file(path: str, clobber: bool, tidies: bool = True) -> NewFile | None:
    """Begin a file that will take the place of a path; None for what a file must never replace: a device, a FIFO.

    With ``tidies``, what killed processes have left of the same file is removed; all of its folder is read for that.

    Raises:
        Fault: 73 when it cannot be created, or is there already and must stay.
    """
    try:
        old = os.stat(path)
    except OSError:
        old = None
    if is_open_descriptor(path) or (old and not stat.S_ISREG(old.st_mode)):
        return None
    try:
        if old and not clobber:
            raise FileExistsError(errno.EEXIST, "it exists, and --no-clobber keeps it")
        return NewFile(path, stat.S_IMODE(old.st_mode) if old else None, clobber, tidies)
    except OSError as error:
        raise cannot_create(path, error) from None


class NewFile:
    """A file under a temporary name, in the folder of its target."""

    def __init__(self, path: str, mode: int | None, clobber: bool, tidies: bool) -> None:
        self.in_doubt = False
        self._clobber = clobber
        self._target = os.path.realpath(path)  # a symbolic link stays, what it points to is replaced
        self._folder, name = os.path.split(self._target)
        stem = f".{name[:60]}."  # short enough for any name that the target may have
        unlike = os.urandom(4).hex()
        self._temporary = os.path.join(self._folder, f"{stem}{_this_host()}.{os.getpid()}.{unlike}.tmp")
        if tidies:
            remove_left_over(self._folder, stem)
        fd = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        _BEGUN.add(self._temporary)
        self._descriptor = Descriptor(fd, path)
        self.committed = False
        if mode is not None:
            try:
                os.fchmod(fd, mode)
            except OSError:
                self.close()
                raise

    def write(self, data: bytes) -> None:
        """Add bytes to the file.

        Raises:
            Fault: 74 when the disk does not take them.
        """
        self._descriptor.write(data)

    def sync(self) -> None:
        """Bring the bytes to the disk.

        Raises:
            Fault: 74 when they do not get there.
        """
        try:
            os.fsync(self._descriptor.fd)
        except OSError as error:
            raise write_fault(error, self._target) from None

    def commit(self) -> None:
        """Give the file, whose bytes are on the disk, its name.

        Raises:
            Fault: 74 when the folder cannot be written, 73 when a file of that name must stay.
        """
        try:
            give_name = os.rename if self._clobber else os.link
            give_name(self._temporary, self._target)
            self.committed = True
            sync_folder(self._folder)
        except FileExistsError as error:
            raise cannot_create(self._target, error) from None
        except OSError as error:
            raise write_fault(error, self._target) from None

    def close(self) -> None:
        """Close the file, and remove its temporary name if that is still there."""
        with suppress(OSError):  # of a file that is on the disk, or not wanted any more
            os.close(self._descriptor.fd)
        if not (self.committed and self._clobber):
            with suppress(OSError):
                os.unlink(self._temporary)
        _BEGUN.discard(self._temporary)


def sync_folder(path: str) -> None:
    """Write a folder to the disk, and with it the names that its files have got.

    Raises:
        OSError: when it cannot be written.
    """
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def cannot_create(path: str, error: OSError) -> Fault:
    """Make the error for an output that cannot be created."""
    kind = FileExists if isinstance(error, FileExistsError) else Fault
    return kind(Exit.NO_OUTPUT, f"{path}: cannot be created: {error.strerror}")


def remove_left_over(folder: str, stem: str = ".") -> None:
    """Remove what killed processes have left in a folder, of new files whose temporary names begin like this.

    Those of other processes stay while they are alive; on other machines, where nobody here can tell, for a day.
    """
    for name in os.listdir(folder):
        found = _TEMPORARY.fullmatch(name)
        if found and name.startswith(stem):
            path = os.path.join(folder, name)
            with suppress(OSError):
                if not (_is_written(path, int(found["pid"])) if found["host"] == _this_host() else _is_new(path)):
                    os.unlink(path)


@cache
def _this_host() -> str:
    # Machines that share a disk have processes of the same number.
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _is_new(path: str) -> bool:
    return time.time() - os.stat(path).st_mtime < _FORSAKEN


def _is_written(path: str, pid: int) -> bool:
    if pid == os.getpid():
        return path in _BEGUN
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
