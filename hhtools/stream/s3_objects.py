"""What lies in a bucket of S3 and in which version; small objects whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from hhtools.stream.exits import Exit
from hhtools.stream.globs import fixed_start, regex_of
from hhtools.stream.s3 import client_for, head_of
from hhtools.stream.s3_faults import fault_of
from hhtools.stream.urls import bucket_and_key, redacted


class Listed(NamedTuple):
    """An object: its URL, how many bytes it has, and what changes when they do."""

    url: str
    size: int
    version: str


def objects_like(url: str, timeout: int) -> list[Listed]:
    """List the objects whose keys match a pattern (globs.regex_of), in the order of their bytes.

    Raises:
        Fault: as s3.open_object does.
    """
    bucket, pattern = bucket_and_key(url)
    wanted = regex_of(pattern)
    found = sorted(objects_below(f"s3://{bucket}/{fixed_start(pattern)}", timeout), key=lambda each: each.url.encode())
    literal = [each for each in found if each.url == url]  # a key that has the characters of a pattern is that key
    return literal or [each for each in found if wanted.fullmatch(bucket_and_key(each.url)[1])]


def objects_below(url: str, timeout: int) -> Iterator[Listed]:
    """List the objects whose URLs begin with this one, as they come.

    Raises:
        Fault: as s3.open_object does.
    """
    bucket, prefix = bucket_and_key(url)
    try:
        for page in client_for(timeout).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                yield Listed(f"s3://{bucket}/{entry['Key']}", entry["Size"], _version(entry["Size"], entry["ETag"]))
    except Exception as error:
        raise fault_of(error, redacted(url), Exit.NO_INPUT) from None


def version_of(url: str, timeout: int) -> str:
    """Give what changes when an object does: its size and its ETag.

    Raises:
        Fault: as s3.open_object does.
    """
    try:
        head: Any = head_of(client_for(timeout), url)
    except Exception as error:
        raise fault_of(error, redacted(url), Exit.NO_INPUT) from None
    return _version(head["ContentLength"], head["ETag"])


def read(url: str, timeout: int) -> bytes | None:
    """Give all bytes of a small object; None when it is not there.

    Raises:
        Fault: 75 or 77, when it may not be read.
    """
    bucket, key = bucket_and_key(url)
    try:
        content: bytes = client_for(timeout).get_object(Bucket=bucket, Key=key)["Body"].read()
    except Exception as error:
        fault = fault_of(error, redacted(url), Exit.NO_INPUT)
        if fault.code == Exit.NO_INPUT:
            return None
        raise fault from None
    return content


def write(url: str, content: bytes, clobber: bool, timeout: int) -> None:
    """Write a small object whole, in one request.

    Raises:
        Fault: as s3.NewObject.write does; FileExists for an object that must stay.
    """
    bucket, key = bucket_and_key(url)
    absent = {} if clobber else {"IfNoneMatch": "*"}
    try:
        client_for(timeout).put_object(Bucket=bucket, Key=key, Body=content, **absent)
    except Exception as error:
        raise fault_of(error, redacted(url), Exit.NO_OUTPUT) from None


def remove(url: str, timeout: int) -> None:
    """Remove an object; one that is not there is none to remove.

    Raises:
        Fault: 73, 75 or 77, when it may not be removed.
    """
    bucket, key = bucket_and_key(url)
    try:
        client_for(timeout).delete_object(Bucket=bucket, Key=key)
    except Exception as error:
        raise fault_of(error, redacted(url), Exit.NO_OUTPUT) from None


def _version(size: int, tag: str) -> str:
    return f"{size} {tag.strip(chr(34))}"
