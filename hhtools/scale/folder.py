"""A folder of outputs, on disk or on S3: small files in it whole, and what there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

from hhtools.stream import urls
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.files import file_in
from hhtools.stream.new_file import remove_left_over


class Folder(Protocol):
    """A folder that a run writes to; names in it are relative, with ``/`` between their parts.

    ``place`` is its absolute path or its URL.
    """

    place: str

    def path(self, name: str) -> str:
        """Give the path or URL under which a file can be written, the folders in front of it made.

        Raises:
            Fault: 73 when a folder cannot be made.
        """

    def read(self, name: str) -> bytes | None:
        """Give all bytes of a small file; None when it is not there.

        Raises:
            Fault: 74, 75 or 77 when it cannot be read.
        """

    def remove(self, name: str) -> None:
        """Remove a file, if it is there.

        Raises:
            Fault: 73, 75 or 77 when it cannot be removed.
        """

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Name all files, in any order, each with its size in bytes.

        Raises:
            Fault: 74, 75 or 77 when they cannot be listed.
        """

    def tidy(self) -> None:
        """Remove what processes have left that were killed while they wrote, when none is writing any more."""


def folder_at(place: str, timeout: int, asked_by: str = "-O") -> Folder:
    """Give the folder at a path or an ``s3://`` URL, made if need be.

    Raises:
        Fault: 2 for a URL that may not be written, 73 when the folder cannot be made.
    """
    located = os.path.dirname(file_in(place, "x", asked_by))
    return _Bucket(located, timeout) if urls.is_url(located) else _Disk(os.path.abspath(located), timeout)


class _Disk:
    def __init__(self, place: str, timeout: int) -> None:
        self.place = place
        self._timeout = timeout

    def path(self, name: str) -> str:
        folder, file = os.path.split(name)
        return file_in(os.path.join(self.place, folder), file, "-O")

    def read(self, name: str) -> bytes | None:
        try:
            with open(os.path.join(self.place, name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Fault(Exit.IO, f"{self.place}/{name}: cannot be read: {error.strerror}") from None

    def remove(self, name: str) -> None:
        try:
            os.unlink(os.path.join(self.place, name))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise Fault(Exit.NO_OUTPUT, f"{self.place}/{name}: cannot be removed: {error.strerror}") from None

    def sizes(self) -> Iterator[tuple[str, int]]:
        for folder, _, files in os.walk(self.place, onerror=_cannot_list):
            for file in files:
                path = os.path.join(folder, file)
                with suppress(FileNotFoundError):  # a temporary one of another process
                    yield os.path.relpath(path, self.place), os.stat(path).st_size

    def tidy(self) -> None:
        for folder, _, _ in os.walk(self.place):
            remove_left_over(folder)


def _cannot_list(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise Fault(Exit.IO, f"{error.filename}: cannot be listed: {error.strerror}")


class _Bucket:
    def __init__(self, url: str, timeout: int) -> None:
        self.place = url
        self._timeout = timeout

    def path(self, name: str) -> str:
        return f"{self.place}/{name}"

    def read(self, name: str) -> bytes | None:
        from hhtools.stream import s3_objects

        return s3_objects.read(self.path(name), self._timeout)

    def remove(self, name: str) -> None:
        from hhtools.stream import s3_objects

        s3_objects.remove(self.path(name), self._timeout)

    def sizes(self) -> Iterator[tuple[str, int]]:
        from hhtools.stream import s3_objects

        for found in s3_objects.objects_below(f"{self.place}/", self._timeout):
            yield found.url.removeprefix(f"{self.place}/"), found.size

    def tidy(self) -> None:
        # Parts of an upload whose process was killed are no objects; a rule of the bucket removes them.
        return
