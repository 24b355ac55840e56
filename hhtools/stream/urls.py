"""URLs: telling them from files, naming them without their secrets, refusing those that may not be opened."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote_to_bytes

from hhtools.stream.exits import Exit, Fault

READABLE = ("file", "http", "https", "s3")
"""The schemes that may be read. smart_open's hdfs:// runs a program from PATH, and its ssh:// trusts any host."""

WRITABLE = ("file", "s3")
"""The schemes that may be written."""

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
    """Give the path of a URL, without host and query; the keys of S3 have no query.

    >>> path_of("https://host/a.jsonl?download=true"), path_of("s3://bucket/hh/why?.jsonl")
    ('/a.jsonl', '/hh/why?.jsonl')
    """
    parts = _parts(url)
    return parts["rest"] if parts["scheme"] == "s3" else re.split("[?#]", parts["rest"])[0]


def redacted(url: str) -> str:
    """Give a URL without the user, password, query and fragment that may hold secrets.

    >>> redacted("https://me:secret@host/a.jsonl?X-Amz-Signature=abc")
    'https://host/a.jsonl'
    """
    parts = _parts(url)
    if not _HOST.fullmatch(parts["host"]):  # half of a password that was not escaped
        return f"{parts['scheme']}://..."
    return f"{parts['scheme']}://{parts['host']}{path_of(url)}"


def bucket_and_key(url: str) -> tuple[str, str]:
    """Take an ``s3://`` URL apart.

    >>> bucket_and_key("s3://bucket/hh/helpful-base.jsonl.gz")
    ('bucket', 'hh/helpful-base.jsonl.gz')
    """
    parts = _parts(url)
    return parts["host"], parts["rest"].removeprefix("/")


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
    if parts["scheme"] == "file" and parts["host"] not in ("", "localhost"):
        raise Fault(Exit.USAGE, f"{name}: is on another host; give file:///PATH")


def _known(schemes: tuple[str, ...]) -> str:
    return f"a URL of {', '.join(schemes)}"


def _parts(url: str) -> dict[str, str]:
    found = _URL.match(url)
    if not found:
        raise ValueError("not a URL")
    return {**found.groupdict(), "scheme": found["scheme"].lower()}
