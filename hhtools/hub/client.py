"""A client of the Hub's HTTP API: requests with the token where it belongs, redirects, errors.

The token goes to the Hub's own host and to no other: the bytes of large files come from a storage elsewhere, to which
the Hub redirects with a signed URL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import orjson
import requests
from urllib3.exceptions import ProtocolError

import hhtools
from hhtools.hub.answers import refusal
from hhtools.hub.environment import endpoint, token
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.http import fault_of, session, timeouts
from hhtools.stream.urls import HubPlace

_HOPS = 5
_REDIRECT_BODY = 1 << 16


class Client:
    """A client of the Hub that HF_ENDPOINT names.

    Raises:
        Fault: 2 and 77 for environment variables that cannot be used.
    """

    def __init__(self, timeout: int) -> None:
        self._endpoint = endpoint()
        self._token = token()
        self._timeouts = timeouts(timeout)
        self._session = session(urlsplit(self._endpoint).scheme)
        # Bytes count as they are stored: packed for the way they have another number and another checksum.
        self._session.headers.update({"User-Agent": f"hhtools/{hhtools.__version__}", "Accept-Encoding": "identity"})

    def resolve(self, method: str, place: HubPlace, headers: Mapping[str, str] = {}) -> Iterator[requests.Response]:
        """Ask for a file; give the answers up to the first that is no redirect.

        Raises:
            Fault: 66 when repository, revision or file is not there, 77 when it may not be read, 75 for network
                trouble.
        """
        path = f"/datasets/{place.repository}/resolve/{quote(place.revision, safe='')}/{quote(place.path)}"
        return self._hops(method, f"{self._endpoint}{path}", place, headers)

    def listing(self, what: str, place: HubPlace, query: str = "") -> tuple[Any, str]:
        """Ask for a list that the Hub keeps of a repository; give it, and the query of its next page.

        Raises:
            Fault: as ``resolve`` does.
        """
        path = "/".join(filter(None, [what, quote(place.revision, safe=""), quote(place.path)]))
        url = f"{self._endpoint}/api/datasets/{place.repository}/{path}{'?' if query else ''}{query}"
        *_, answer = self._hops("GET", url, place, {})
        try:
            listed = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            raise self.no_hub(place) from None
        except requests.RequestException as error:
            raise fault_of(error, place.url) from None
        # A mirror may hand on the name of another host, so only the query is taken.
        return listed, urlsplit(answer.links.get("next", {}).get("url", "")).query

    def no_hub(self, place: HubPlace) -> Fault:
        """Make the error for an answer that no Hub gives: that of a login page in between, or of another server."""
        where = f"{self._endpoint} does not answer as a Hub does; check the network, and HF_ENDPOINT"
        return Fault(Exit.NETWORK, f"{place.url}: {where}")

    def _hops(self, method: str, url: str, place: HubPlace, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        for _ in range(_HOPS):
            answer = self._send(method, url, place, headers)
            if answer.status_code >= 400:
                raise self._refusal(answer, url, place)
            if answer.is_redirect or method == "HEAD":
                _read_to_its_end(answer)
            yield answer
            if not answer.is_redirect:
                return
            url = urljoin(url, answer.headers["Location"])
        raise fault_of(requests.TooManyRedirects(), place.url)

    def _send(self, method: str, url: str, place: HubPlace, headers: Mapping[str, str]) -> requests.Response:
        def send() -> requests.Response:
            return self._session.request(
                method,
                url,
                headers=headers,
                auth=self._log_in,  # also keeps requests from taking a password out of ~/.netrc instead
                allow_redirects=False,
                stream=True,
                timeout=self._timeouts,
            )

        try:
            try:
                return send()
            except requests.ConnectionError as error:
                if not any(isinstance(cause, ProtocolError) for cause in error.args):
                    raise
                return send()  # the server had closed a connection that was kept open
        except Exception as error:
            raise fault_of(error, place.url) from None

    def _log_in(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token and self._is_own(request.url or ""):
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _is_own(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self._endpoint)[:2]

    def _refusal(self, answer: requests.Response, url: str, place: HubPlace) -> Fault:
        _read_to_its_end(answer)
        if not self._is_own(url):
            # Often a signed URL that has expired: the Hub gives a new one.
            told = f"the storage of the Hub does not give it ({answer.status_code}); try again"
            return Fault(Exit.NETWORK, f"{place.url}: {told}")
        page = f"{self._endpoint}/datasets/{place.repository}"
        return refusal(answer, place, page, logged_in=self._token is not None)


def _read_to_its_end(answer: requests.Response) -> None:
    # Then its connection is free for the next request.
    with suppress(Exception):
        answer.raw.read(_REDIRECT_BODY)
    answer.close()
