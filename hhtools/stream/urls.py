"""URLs: telling them from files, naming them without their secrets, refusing those that may not be opened."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from hhtools.stream.exits import Exit, Fault

READABLE = ("file", "hf", "http", "https", "s3")
"""The schemes that may be read. smart_open's hdfs:// runs a program from PATH, and its ssh:// trusts any host."""

WRITABLE = ("file", "s3")
"""The schemes that may be written."""

LISTED = ("hf", "s3")
"""The schemes in which a pattern stands for what it matches."""

_HUB_REPOSITORY = (
    r"(?P<repository>[A-Za-z0-9_][\w.-]*/[A-Za-z0-9_][\w.-]*)(?:@(?P<revision>refs/(?:convert|pr)/[^/]+|[^/]+))?"
)
_UNSAFE = {"", ".", "..", ".git"}
_URL = re.compile(
    r"(?P<scheme>(?i:[a-z][a-z0-9+.-]+))://(?:(?P<user>[^/?#]*)@)?(?P<host>[^/?#]*)(?P<rest>.*)", re.DOTALL
)
_HOST = re.compile(r"(\[[^]]*]|[^:]*)(:[0-9]*)?")


def is_url(path: str) -> bool:
    """Tell a URL from a local path; only ``scheme://`` makes a URL, so ``run:1.jsonl`` is a file.

    >>> is_url("s3://bucket/key"), is_url("run:1.jsonl")
    (True, False)
    """
    return _URL.match(path) is not None


def scheme_of(url: str) -> str:
    """Give the scheme of a URL."""
    return _parts(url)["scheme"]


def path_of(url: str) -> str:
    """Give the path of a URL, without host and query, and without the revision of the Hub.

    >>> path_of("https://host/a.jsonl?download=true"), path_of("s3://bucket/hh/why?.jsonl")
    ('/a.jsonl', '/hh/why?.jsonl')
    >>> path_of("hf://datasets/Anthropic/hh-rlhf@main/train.jsonl")
    '/Anthropic/hh-rlhf/train.jsonl'
    """
    place = hub_place(url)
    return f"/{place.repository}/{place.path}" if place else _without_query(_parts(url))


def redacted(url: str) -> str:
    """Give a URL without the user, password, query and fragment that may hold secrets.

    >>> redacted("https://me:secret@host/a.jsonl?X-Amz-Signature=abc")
    'https://host/a.jsonl'
    """
    parts = _parts(url)
    if not _HOST.fullmatch(parts["host"]):  # half of a password that was not escaped
        return f"{parts['scheme']}://..."
    return f"{parts['scheme']}://{parts['host']}{_without_query(parts)}"


def bucket_and_key(url: str) -> tuple[str, str]:
    """Take an ``s3://`` URL apart.

    >>> bucket_and_key("s3://bucket/hh/helpful-base.jsonl.gz")
    ('bucket', 'hh/helpful-base.jsonl.gz')
    """
    parts = _parts(url)
    return parts["host"], parts["rest"].removeprefix("/")


class HubPlace(NamedTuple):
    """A file, or a pattern of files, in a revision of a dataset on the Hugging Face Hub."""

    repository: str
    revision: str
    path: str

    @property
    def url(self) -> str:
        """Name it as a URL.

        >>> HubPlace("Anthropic/hh-rlhf", "refs/pr/3", "README.md").url
        'hf://datasets/Anthropic/hh-rlhf@refs/pr/3/README.md'
        """
        return f"hf://datasets/{self.repository}@{self.revision}/{self.path}"


def hub_place(url: str) -> HubPlace | None:
    """Take an ``hf://`` URL apart, as huggingface_hub's file system does; None for anything but files of a dataset.

    >>> hub_place("hf://datasets/Anthropic/hh-rlhf/helpful-base/*.jsonl.gz")
    HubPlace(repository='Anthropic/hh-rlhf', revision='main', path='helpful-base/*.jsonl.gz')
    """
    found = re.fullmatch(rf"hf://datasets/{_HUB_REPOSITORY}/(?P<path>.+)", url, re.ASCII | re.DOTALL)
    if not found:
        return None
    place = HubPlace(found["repository"], unquote(found["revision"] or "main"), found["path"])
    return place if stays_inside(place.revision) and stays_inside(place.path) else None


def stays_inside(path: str) -> bool:
    r"""Tell whether a path names something below the folder it starts from, and nothing that a terminal would obey.

    What lies in .git would be run by git, so it counts as outside.

    >>> [stays_inside(path) for path in ("a/b.gz", "/a", "a/../b", "a//b", "a\n", "x/.git/config")]
    [True, False, False, False, False, False]
    """
    return path.isprintable() and not any(part.lower() in _UNSAFE for part in path.split("/"))


def without_file_scheme(path: str) -> str:
    """Give the local path of a ``file://`` URL, and anything else as it is.

    >>> without_file_scheme("file:///data/caf%C3%A9.jsonl"), without_file_scheme("s3://bucket/key")
    ('/data/café.jsonl', 's3://bucket/key')
    """
    if not is_url(path) or scheme_of(path) != "file":
        return path
    return os.fsdecode(unquote_to_bytes(path_of(path)))


def check_url(url: str, schemes: tuple[str, ...] = READABLE) -> None:
    """Make sure that a URL is one to be opened.

    Raises:
        Fault: 2 for another scheme, for one that holds a password of S3, or names no object.
    """
    parts = _parts(url)
    name = redacted(url)
    if parts["scheme"] not in schemes:
        what = "written" if schemes is WRITABLE and parts["scheme"] in READABLE else "opened"
        raise Fault(Exit.USAGE, f"{name}: {parts['scheme']}:// cannot be {what}; give a file, or {_known(schemes)}")
    if parts["scheme"] == "s3" and parts["user"] is not None:
        # It would stand in the list of processes and in the shell's history.
        raise Fault(Exit.USAGE, f"{name}: no keys in a URL; give them in the environment (AWS_PROFILE, ...)")
    if parts["scheme"] == "s3" and not all(bucket_and_key(url)):
        raise Fault(Exit.USAGE, f"{name}: names no object; give s3://BUCKET/KEY")
    if parts["scheme"] == "file" and ("%00" in parts["rest"] or not parts["rest"]):
        raise Fault(Exit.USAGE, f"{name}: names no file; give file:///PATH")
    if parts["scheme"] == "hf" and hub_place(url) is None:
        raise Fault(Exit.USAGE, f"{name}: names no file of a dataset; give hf://datasets/OWNER/NAME[@REVISION]/PATH")
    if parts["scheme"] == "file" and parts["host"] not in ("", "localhost"):
        raise Fault(Exit.USAGE, f"{name}: is on another host; give file:///PATH")


def _known(schemes: tuple[str, ...]) -> str:
    return f"a URL of {', '.join(schemes)}"


def _without_query(parts: dict[str, str]) -> str:
    # The keys of S3 and the names on the Hub may hold what begins a query elsewhere.
    return parts["rest"] if parts["scheme"] in LISTED else re.split("[?#]", parts["rest"])[0]


def _parts(url: str) -> dict[str, str]:
    found = _URL.match(url)
    if not found:
        raise ValueError("not a URL")
    return {**found.groupdict(), "scheme": found["scheme"].lower()}
