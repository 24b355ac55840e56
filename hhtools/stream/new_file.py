"""A file that appears whole or not at all: written beside its target, and renamed when all is well."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from hhtools.stream.descriptors import Descriptor, is_open_descriptor, write_fault
from hhtools.stream.exits import Exit, Fault


def new_file(path: str, clobber: bool) -> NewFile | None:
    """Begin a file that will take the place of a path; None for what a file must never replace: a device, a FIFO.

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
        return NewFile(path, stat.S_IMODE(old.st_mode) if old else None, clobber)
    except OSError as error:
        raise cannot_create(path, error) from None


class NewFile:
    """A file under a temporary name, in the folder of its target."""

    def __init__(self, path: str, mode: int | None, clobber: bool) -> None:
        self.in_doubt = False
        self._clobber = clobber
        self._target = os.path.realpath(path)  # a symbolic link stays, what it points to is replaced
        self._folder, name = os.path.split(self._target)
        stem = f".{name[:60]}."  # short enough for any name that the target may have
        self._temporary = os.path.join(self._folder, f"{stem}{os.getpid()}.tmp")
        _remove_stale(self._folder, stem)
        fd = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
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
    return Fault(Exit.NO_OUTPUT, f"{path}: cannot be created: {error.strerror}")


def _remove_stale(folder: str, stem: str) -> None:
    # What a run that was killed has left; the files of other runs that are under way stay.
    for name in os.listdir(folder):
        pid = name.removeprefix(stem).removesuffix(".tmp")
        if name == f"{stem}{pid}.tmp" and pid.isdecimal() and not _is_alive(int(pid)):
            with suppress(OSError):
                os.unlink(os.path.join(folder, name))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
