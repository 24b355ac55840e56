"""URLs, through smart_open; nothing here is imported by a run that reads files and pipes."""

from __future__ import annotations

import re

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.feed import Raw

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/?#]*@)?(?P<host>[^/?#]*)(?P<path>[^?#]*)")
# smart_open's hdfs:// runs a program from PATH, and its ssh:// trusts any host: neither may be reached.
_SCHEMES = {"file", "http", "https", "s3"}


def is_url(path: str) -> bool:
    """Tell a URL from a local path; only ``scheme://`` makes a URL, so ``run:1.jsonl`` is a file.

    >>> is_url("s3://bucket/key"), is_url("run:1.jsonl")
    (True, False)
    """
    return _URL.match(path) is not None


def path_of(url: str) -> str:
    """Give the path of a URL, without host and query."""
    return _parts(url)["path"]


def redacted(url: str) -> str:
    """Give a URL without the user, password, query and fragment that may hold secrets.

    >>> redacted("https://me:secret@host/a.jsonl?X-Amz-Signature=abc")
    'https://host/a.jsonl'
    """
    parts = _parts(url)
    return f"{parts['scheme']}://{parts['host']}{parts['path']}"


def open_url(url: str) -> Raw:
    """Open a URL for reading, its bytes as they are stored.

    Raises:
        Fault: 2 for another scheme, 66 when it cannot be opened, 75 for network trouble, 78 when smart_open's part
            for it is not installed.
    """
    scheme = _parts(url)["scheme"]
    if scheme not in _SCHEMES:
        known = ", ".join(sorted(_SCHEMES))
        raise Fault(Exit.USAGE, f"{redacted(url)}: no such scheme; give a file, or a URL of {known}")
    try:
        import smart_open

        opened: Raw = smart_open.open(url, "rb", compression="disable")
    except ImportError:
        message = f"{redacted(url)}: {scheme}:// needs one more package: pip install requests"
        raise Fault(Exit.MISSING_EXTRA, message) from None
    except Exception as error:  # every transport has exceptions of its own
        code = Exit.NETWORK if isinstance(error, (ConnectionError, TimeoutError)) else Exit.NO_INPUT
        raise Fault(code, f"{redacted(url)}: cannot be opened: {type(error).__name__}") from None
    return opened


def _parts(url: str) -> dict[str, str]:
    found = _URL.match(url)
    if not found:
        raise ValueError("not a URL")
    return found.groupdict()
