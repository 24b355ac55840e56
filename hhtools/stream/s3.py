"""S3: objects in and out, through smart_open with a client of our own.

Reading is pinned to the version (ETag) that was there at the start: smart_open reopens a connection that breaks, and
would go on in whatever object has that key by then. An object appears only when it is complete.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import boto3
import smart_open.s3
from botocore.config import Config
from botocore.exceptions import ClientError

from hhtools.stream.exits import Exit, Fault, FileExists
from hhtools.stream.s3_faults import fault_of
from hhtools.stream.transfer import PIECE, Transfer
from hhtools.stream.urls import bucket_and_key, redacted

_CONNECT = 10  # seconds
_ATTEMPTS = 5
_PATIENCE = 5  # seconds for the end of an upload that failed
_PART = 16 << 20
"""S3 takes at most 10,000 parts, so this allows objects of 156 GiB."""

# botocore's own attempts are enough; smart_open's would take a minute, and end without saying what was wrong.
smart_open.s3.RETRY.exceptions = []
smart_open.s3.RETRY.client_error_codes = []


def open_object(url: str, timeout: int) -> Transfer:
    """Open an object for reading, pinned to the version that is there now.

    Raises:
        Fault: 66 when it is not there, 77 when it may not be read, 75 for network trouble.
    """
    name = redacted(url)
    try:
        client = client_for(timeout)
        head = head_of(client, url)
        stream = smart_open.s3.open(
            *bucket_and_key(url),
            "rb",
            buffer_size=PIECE,
            client=client,
            client_kwargs={"S3.Client.get_object": {"IfMatch": head["ETag"]}},
        )
    except Exception as error:
        raise fault_of(error, name, Exit.NO_INPUT) from None
    return Transfer(
        stream,
        name,
        lambda error: fault_of(error, name, Exit.NO_INPUT),
        length=head["ContentLength"],
        too_short=Exit.IO,
    )


class NewObject:
    """An object that appears when it is complete, or never; until then its parts lie in an unfinished upload.

    After a kill -9 the parts stay, unseen, until the bucket's lifecycle rule (AbortIncompleteMultipartUpload) removes
    them.
    """

    def __init__(self, url: str, clobber: bool, timeout: int) -> None:
        self.committed = False
        self.in_doubt = False
        self._is_torn = False
        self._name = redacted(url)
        try:
            client = client_for(timeout)
            if not clobber and _exists(client, url):
                told = "cannot be created: it exists, and --no-clobber keeps it"
                raise FileExists(Exit.NO_OUTPUT, f"{self._name}: {told}")
            absent = {} if clobber else {"IfNoneMatch": "*"}
            self._upload = _Upload(
                *bucket_and_key(url),
                _PART,
                client=client,
                client_kwargs={"S3.Client.complete_multipart_upload": absent, "S3.Client.put_object": absent},
            )
        except Exception as error:
            raise fault_of(error, self._name, Exit.NO_OUTPUT) from None

    def write(self, data: bytes) -> None:
        """Add bytes to the object.

        Raises:
            Fault: 75 for network trouble, 73 or 77 when the object may not be written.
        """
        try:
            self._upload.write(data)
        except BaseException as error:
            self._is_torn = True  # a part may be missing
            if not isinstance(error, Exception):
                raise
            raise fault_of(error, self._name, Exit.NO_OUTPUT) from None

    def sync(self) -> None:
        """Do nothing: what is not sent yet, a part at most, goes with the commit."""

    def commit(self) -> None:
        """Let the object appear.

        Raises:
            Fault: as write does, and 73 when an object of that key must stay.
        """
        if self._is_torn:
            raise Fault(Exit.IO, f"{self._name}: the upload was interrupted, and has not appeared")
        try:
            self._upload.close()
        except Exception as error:
            fault = fault_of(error, self._name, Exit.NO_OUTPUT)
            self.in_doubt = fault.code == Exit.NETWORK  # the answer may have got lost, and not the request
            raise fault from None
        self.committed = True

    def close(self) -> None:
        """Drop the parts of an object that was not committed."""
        if not self.committed:
            with suppress(Exception):  # what fails here has failed before, and nothing has appeared
                self._upload.abandon(client_for(_PATIENCE, attempts=1))


class _Upload(smart_open.s3.MultipartWriter):
    def abandon(self, client: Any) -> None:
        """Abort the upload with a client of less patience: whoever asked the command to end is waiting."""
        self._client = client
        self.terminate()

    def __del__(self) -> None:
        """Leave an upload alone that could not be ended: the inherited finaliser would complete it, half-written."""


@cache
def client_for(timeout: int, attempts: int = _ATTEMPTS) -> Any:
    """Give the client of all requests that may wait so many seconds for an answer."""
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=min(_CONNECT, timeout), read_timeout=timeout, retries=retries, tcp_keepalive=True)
    return boto3.session.Session().client("s3", config=config)


def head_of(client: Any, url: str) -> Any:
    """Give what a HEAD says of an object; raises what botocore raises, with what the server said was wrong."""
    bucket, key = bucket_and_key(url)
    try:
        return client.head_object(Bucket=bucket, Key=key)
    except ClientError:
        # The answer to a HEAD has no body, and so no word of what was wrong.
        client.get_object(Bucket=bucket, Key=key, Range="bytes=0-0")["Body"].close()
        raise


def _exists(client: Any, url: str) -> bool:
    bucket, key = bucket_and_key(url)
    try:
        client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise
    return True
