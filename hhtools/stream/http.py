"""HTTP(S): bodies in, through smart_open with a session of our own."""

from __future__ import annotations

from typing import Any

import requests
import smart_open.http
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.transfer import PIECE, Transfer
from hhtools.stream.urls import redacted, scheme_of

_CONNECT = 10  # seconds
_TRANSIENT = (429, 500, 502, 503, 504)

_FAULTS: list[tuple[type[Exception] | tuple[type[Exception], ...], Exit, str]] = [
    (requests.exceptions.InvalidProxyURL, Exit.USAGE, "the proxy of the environment is no valid URL"),
    (
        requests.exceptions.InvalidSchema,
        Exit.NO_INPUT,
        "redirects to another scheme, and only https or the same one is followed",
    ),
    (requests.TooManyRedirects, Exit.NO_INPUT, "redirects in a circle"),
    ((requests.exceptions.InvalidURL, ValueError), Exit.USAGE, "is no valid URL"),
    (
        requests.exceptions.SSLError,
        Exit.NETWORK,
        "the server's certificate is not trusted; see REQUESTS_CA_BUNDLE",
    ),
    (
        (requests.Timeout, urllib3.exceptions.TimeoutError),
        Exit.NETWORK,
        "the server does not answer; try again, or allow more with --timeout",
    ),
    (urllib3.exceptions.ProtocolError, Exit.NETWORK, "the connection broke off; try again"),
]
"""What the transport raises, in the order in which it is looked for."""


def open_body(url: str, timeout: int) -> Transfer:
    """Open the body behind a URL for reading, its bytes as they are sent.

    Raises:
        Fault: 66 when it is not there, 77 when it may not be read, 75 for network trouble.
    """
    name = redacted(url)
    pair: Any = timeouts(timeout)  # requests takes a pair; smart_open's type is narrower
    try:
        stream = smart_open.http.open(url, "rb", session=session(scheme_of(url)), timeout=pair, buffer_size=PIECE)
    except Exception as error:
        raise fault_of(error, name) from None
    response = stream.response
    if response is None or response.status_code != 200:  # 206 is a piece, 202 and 204 are nothing yet
        stream.close()
        status = response.status_code if response is not None else 0
        raise Fault(Exit.NO_INPUT, f"{name}: the server answers {status}, and does not give the whole file")
    headers = response.headers
    length = headers.get("Content-Length", "")
    return Transfer(
        stream,
        name,
        lambda error: fault_of(error, name),
        length=int(length) if length.isdecimal() else None,
        too_short=Exit.NETWORK,
        tells_its_end=headers.get("Transfer-Encoding", "").lower() == "chunked",
    )


def timeouts(timeout: int) -> tuple[int, int]:
    """Give the seconds to wait for a connection, and for the next bytes."""
    return min(_CONNECT, timeout), timeout


def session(scheme: str) -> requests.Session:
    """Make a session that tries again, and cannot be redirected to a weaker scheme, or to file:."""
    new = requests.Session()
    retry = Retry(
        total=3,
        read=False,  # a silent server has had its time-out
        backoff_factor=0.3,
        status_forcelist=_TRANSIENT,
        raise_on_status=False,
        respect_retry_after_header=False,  # it may ask for an hour
    )
    new.adapters.clear()
    for strong in {"https", scheme}:
        new.mount(f"{strong}://", HTTPAdapter(max_retries=retry))
    return new


def fault_of(error: Exception, name: str) -> Fault:
    """Give the end of a run for an error; its own text is not passed on, for it holds the URL with its secrets."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, requests.HTTPError):
        return _answered(error.response.status_code if error.response is not None else 0, name)
    if isinstance(error, requests.exceptions.InvalidSchema) and "SOCKS" in str(error):
        return Fault(Exit.MISSING_EXTRA, f"{name}: the proxy needs one more package: pip install pysocks")
    for kinds, code, told in _FAULTS:
        if isinstance(error, kinds):
            return Fault(code, f"{name}: {told}")
    if type(error) is OSError:  # requests looks for them before it connects
        return Fault(Exit.PERMISSION, f"{name}: the certificates that REQUESTS_CA_BUNDLE names cannot be read")
    return Fault(Exit.NETWORK, f"{name}: network trouble ({type(error).__name__}); try again")


def _answered(status: int, name: str) -> Fault:
    if status in (401, 403, 407):
        return Fault(Exit.PERMISSION, f"{name}: access denied ({status}); credentials go into the URL or into ~/.netrc")
    if status >= 500 or status in _TRANSIENT:
        return Fault(Exit.NETWORK, f"{name}: the server is in trouble ({status}); try again")
    if status == 412:
        return Fault(Exit.IO, f"{name}: changed while it was being read; read it again from the start")
    return Fault(Exit.NO_INPUT, f"{name}: is not there ({status})")
