"""What there is on the Hub: files with their sizes and checksums, one by one or by a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from hhtools.hub.checksums import Checksum, checksum_of, is_commit
from hhtools.hub.client import Client
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.globs import fixed_start, regex_of
from hhtools.stream.urls import HubPlace, stays_inside


class RemoteFile(NamedTuple):
    """A file on the Hub: its place (at a commit, if the Hub names one), its size in bytes, its checksum."""

    place: HubPlace
    size: int
    checksum: Checksum


class Catalogue:
    """What a Hub has. Each revision is turned into a commit once, so that all files are of one state."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._commits: dict[tuple[str, str], str] = {}
        self._files: dict[HubPlace, RemoteFile] = {}

    def file(self, place: HubPlace) -> RemoteFile:
        """Look a file up.

        Raises:
            Fault: 66 when repository, revision or file is not there, 77 when it may not be read, 75 for network
                trouble.
        """
        place = self._pinned(place)
        if place in self._files:
            return self._files[place]
        commit = etag = size = ""
        for answer in self._client.resolve("HEAD", place):
            # Only the Hub itself speaks of commits and large files, before it redirects to their bytes.
            commit = commit or answer.headers.get("X-Repo-Commit", "")
            etag, size = answer.headers.get("X-Linked-Etag", ""), answer.headers.get("X-Linked-Size", "")
            if etag and size:
                break
            etag, size = answer.headers.get("ETag", ""), answer.headers.get("Content-Length", "")
        checksum = checksum_of(etag)
        if checksum is None or not size.isdecimal():
            raise self._client.no_hub(place)
        if is_commit(commit):
            self._commits[place.repository, place.revision] = commit
        return RemoteFile(self._pinned(place), int(size), checksum)

    def files_like(self, pattern: HubPlace) -> list[RemoteFile]:
        """List the files whose names match a pattern (globs.regex_of), in the order of their bytes.

        A file whose name has the characters of a pattern is that file.

        Raises:
            Fault: as ``file`` does; 66 when none matches, 73 for a name that leads out of its folder.
        """
        wanted = regex_of(pattern.path)
        folder = self._at_commit(pattern._replace(path=fixed_start(pattern.path).rpartition("/")[0]))
        files = {file.place.path: file for file in self._files_below(folder)}
        names = {pattern.path} & files.keys() or set(filter(wanted.fullmatch, files))
        if not names:
            raise Fault(Exit.NO_INPUT, f"{pattern.url}: matches no file")
        for name in names:
            if not stays_inside(name):
                raise Fault(Exit.NO_OUTPUT, f"{pattern.url}: the Hub lists a name that leads elsewhere: {name}")
        chosen = [files[name] for name in sorted(names, key=str.encode)]
        self._files |= {file.place: file for file in chosen}
        return chosen

    def _files_below(self, folder: HubPlace) -> Iterator[RemoteFile]:
        asked: set[str] = set()
        query = "recursive=true"
        while query and query not in asked:
            asked.add(query)
            page, query = self._client.listing("tree", folder, query)
            try:
                files = [_file_of(entry, folder) for entry in page if entry["type"] == "file"]
            except (AttributeError, KeyError, TypeError, ValueError):
                raise self._client.no_hub(folder) from None
            yield from files

    def _at_commit(self, place: HubPlace) -> HubPlace:
        place = self._pinned(place)
        if is_commit(place.revision):
            return place
        about, _ = self._client.listing("revision", place._replace(path=""))
        commit = about.get("sha") if isinstance(about, dict) else None
        if type(commit) is not str or not is_commit(commit):
            raise self._client.no_hub(place)
        self._commits[place.repository, place.revision] = commit
        return self._pinned(place)

    def _pinned(self, place: HubPlace) -> HubPlace:
        commit = self._commits.get((place.repository, place.revision), place.revision)
        return place._replace(revision=commit)


def _file_of(entry: Any, folder: HubPlace) -> RemoteFile:
    content = entry.get("lfs") or entry
    path, size, checksum = entry["path"], content["size"], checksum_of(content["oid"])
    if checksum is None or type(path) is not str or type(size) is not int or size < 0:
        raise ValueError("no entry of a listing")
    return RemoteFile(folder._replace(path=path), size, checksum)
