"""What has come of a file so far: it lies beside its target, outlives its process, and belongs to one at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from contextlib import suppress

from hhtools.hub.checksums import Checksum
from hhtools.stream.console import is_terminal, say_line
from hhtools.stream.descriptors import Descriptor, write_fault
from hhtools.stream.new_file import cannot_create, sync_folder

_AT_ONCE = 1 << 18
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


class Part:
    """The beginning of a file, under a name made of its target's and of its checksum.

    Whoever has it open holds a lock on it, and another process that wants the same file waits. On a file system
    without locks each process has a part of its own.

    Raises:
        Fault: 73 when it cannot be created.
    """

    def __init__(self, target: str, checksum: Checksum, size: int) -> None:
        self._target = os.path.realpath(target)
        self._folder, name = os.path.split(self._target)
        self._stem = f".{name[:50]}."  # short enough for any name that the target may have
        self._path = os.path.join(self._folder, f"{self._stem}{checksum.value[:16]}.part")
        self._whole_size = size
        self._checksum = checksum
        self._computed = checksum.begin(size)
        self.size = 0
        try:
            os.makedirs(self._folder, exist_ok=True)
            if os.path.exists(self._target) and not os.path.isfile(self._target):
                raise FileExistsError(errno.EEXIST, "what is there is no file")
            self._path, fd = _open_alone(self._path)
            self._is_there = True
            self._descriptor = Descriptor(fd, target)
            self._read_what_is_there()
        except OSError as error:
            raise cannot_create(target, error) from None

    def add(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            Fault: 74 when the disk does not take them.
        """
        self._descriptor.write(data)
        self._computed.update(data)
        self.size += len(data)

    def clear(self) -> None:
        """Throw away what has come."""
        os.ftruncate(self._descriptor.fd, 0)
        os.lseek(self._descriptor.fd, 0, os.SEEK_SET)
        self._computed = self._checksum.begin(self._whole_size)
        self.size = 0

    def is_right(self) -> bool:
        """Tell whether what has come has the file's size and checksum."""
        return self.size == self._whole_size and self._computed.hexdigest() == self._checksum.value

    def publish(self) -> None:
        """Let the file appear under its name.

        Raises:
            Fault: 74 when it cannot be written to the disk.
        """
        try:
            os.fsync(self._descriptor.fd)
            os.rename(self._path, self._target)
            self._is_there = False
            sync_folder(self._folder)
        except OSError as error:
            raise write_fault(error, self._target) from None
        self._remove_stale()

    def remove(self) -> None:
        """Throw the part away, so that nobody goes on with it."""
        if self._is_there:  # later another process may have one of that name
            self._is_there = False
            with suppress(OSError):
                os.unlink(self._path)

    def close(self) -> None:
        """Let others at it; what is empty goes."""
        if not self.size:
            self.remove()
        os.close(self._descriptor.fd)

    def _read_what_is_there(self) -> None:
        while piece := os.read(self._descriptor.fd, _AT_ONCE):
            self._computed.update(piece)
            self.size += len(piece)
        if self.size > self._whole_size:
            self.clear()

    def _remove_stale(self) -> None:
        # What was fetched of another content of this name, by nobody who is still at it.
        wanted = re.compile(re.escape(self._stem) + "[0-9a-f]{16}[.]part")
        with suppress(OSError):
            stale = [os.path.join(self._folder, name) for name in os.listdir(self._folder) if wanted.fullmatch(name)]
            for path in stale:
                with suppress(BlockingIOError), open(path, "rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(path)


def _open_alone(path: str) -> tuple[str, int]:
    while True:
        fd = _open(path)
        try:
            _wait_for_lock(fd)
        except OSError as error:
            os.close(fd)
            if error.errno not in _NO_LOCKS:
                raise
            path = f"{path}.{os.uname().nodename}.{os.getpid()}"
            return path, _open(path)
        if _is_at(path, fd):
            return path, fd
        os.close(fd)  # whoever had it has given it its name, or removed it


def _wait_for_lock(fd: int) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if is_terminal(2):
            say_line("waiting for another process, which is fetching the same file")
        fcntl.flock(fd, fcntl.LOCK_EX)


def _open(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)


def _is_at(path: str, fd: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except FileNotFoundError:
        return False
