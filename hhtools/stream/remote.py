"""Opening URLs, whatever the scheme; no transport is imported before one is opened."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hhtools.stream import urls
from hhtools.stream.options import TIMEOUT

if TYPE_CHECKING:
    from hhtools.stream.s3 import NewObject
    from hhtools.stream.transfer import Transfer


def open_url(url: str, timeout: int = TIMEOUT) -> Transfer:
    """Open a URL for reading, its bytes as they are stored.

    Raises:
        Fault: 2 for a URL that may not be opened, 66 when it is not there, 77 when it may not be read, 75 for network
            trouble, 74 for a wrong checksum.
    """
    urls.check_url(url)
    if urls.scheme_of(url) == "s3":
        from hhtools.stream import s3

        return s3.open_object(url, timeout)
    if urls.scheme_of(url) == "hf":
        from hhtools.hub import inputs

        return inputs.open_file(url, timeout)
    from hhtools.stream import http

    return http.open_body(url, timeout)


def new_object(url: str, clobber: bool, timeout: int = TIMEOUT) -> NewObject:
    """Begin an object that appears whole or not at all.

    Raises:
        Fault: as open_url does; 73 when it cannot be created.
    """
    urls.check_url(url, urls.WRITABLE)
    from hhtools.stream import s3

    return s3.NewObject(url, clobber, timeout)


def write_object(url: str, content: bytes, clobber: bool, timeout: int = TIMEOUT) -> None:
    """Write a small object whole, in one request.

    Raises:
        Fault: as new_object does; FileExists for an object that must stay.
    """
    urls.check_url(url, urls.WRITABLE)
    from hhtools.stream import s3_objects

    s3_objects.write(url, content, clobber, timeout)


def urls_like(pattern: str, timeout: int = TIMEOUT) -> list[str]:
    """List the objects of S3, or the files of the Hub, that a pattern matches, sorted.

    Raises:
        Fault: as open_url does.
    """
    urls.check_url(pattern)
    if urls.scheme_of(pattern) == "hf":
        from hhtools.hub import inputs

        return inputs.urls_like(pattern, timeout)
    from hhtools.stream import s3_objects

    return [found.url for found in s3_objects.objects_like(pattern, timeout)]


def versions_like(pattern: str, timeout: int = TIMEOUT) -> dict[str, str | None]:
    """List what urls_like does, each with its version.

    Raises:
        Fault: as open_url does.
    """
    if urls.scheme_of(pattern) == "s3":
        from hhtools.stream import s3_objects

        return {found.url: found.version for found in s3_objects.objects_like(pattern, timeout)}
    return {url: version_of(url, timeout) for url in urls_like(pattern, timeout)}


def version_of(url: str, timeout: int = TIMEOUT) -> str | None:
    """Give what changes whenever the bytes of a URL do: size and ETag on S3, the checksum on the Hub; None elsewhere.

    Raises:
        Fault: as open_url does.
    """
    urls.check_url(url)
    if urls.scheme_of(url) == "s3":
        from hhtools.stream import s3_objects

        return s3_objects.version_of(url, timeout)
    if urls.scheme_of(url) == "hf":
        from hhtools.hub import inputs

        return inputs.version_of(url, timeout)
    return None


def silence_transports() -> None:
    """Keep what the transports log and warn of away from a command's standard error, where a line means an error.

    At their debug level they also log keys and signatures. HH_DEBUG=1 lets them speak.
    """
    if os.environ.get("HH_DEBUG"):
        return
    import logging
    import warnings

    warnings.simplefilter("ignore")
    for name in ("smart_open", "boto3", "botocore", "s3transfer", "urllib3"):
        logger = logging.getLogger(name)
        if not logger.handlers:  # a worker does this for each of its tasks
            logger.addHandler(logging.NullHandler())
        logger.propagate = False
