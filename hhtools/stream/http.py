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
    headers = stream.response.headers if stream.response is not None else {}
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
    if isinstance(error, requests.HTTPError):
        return _answered(error.response.status_code if error.response is not None else 0, name)
    if isinstance(error, requests.exceptions.InvalidSchema):
        return Fault(Exit.NO_INPUT, f"{name}: redirects to another scheme, and only https or the same one is followed")
    if isinstance(error, requests.TooManyRedirects):
        return Fault(Exit.NO_INPUT, f"{name}: redirects in a circle")
    if isinstance(error, requests.exceptions.InvalidURL | ValueError):
        return Fault(Exit.USAGE, f"{name}: is no valid URL")
    if isinstance(error, requests.exceptions.SSLError):
        return Fault(Exit.NETWORK, f"{name}: the server's certificate is not trusted; see REQUESTS_CA_BUNDLE")
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return Fault(Exit.NETWORK, f"{name}: the server does not answer; try again, or allow more with --timeout")
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return Fault(Exit.NETWORK, f"{name}: the connection broke off; try again")
    return Fault(Exit.NETWORK, f"{name}: network trouble ({type(error).__name__}); try again")


def _answered(status: int, name: str) -> Fault:
    if status in (401, 403, 407):
        return Fault(Exit.PERMISSION, f"{name}: access denied ({status}); credentials go into the URL or into ~/.netrc")
    if status >= 500 or status in _TRANSIENT:
        return Fault(Exit.NETWORK, f"{name}: the server is in trouble ({status}); try again")
    if status == 412:
        return Fault(Exit.IO, f"{name}: changed while it was being read; read it again from the start")
    return Fault(Exit.NO_INPUT, f"{name}: is not there ({status})")
