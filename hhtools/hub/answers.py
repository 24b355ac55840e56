"""What the Hub answers when it does not give -> the exit code and the line that say where, what, and the way out."""

from __future__ import annotations

import requests

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.http import fault_of
from hhtools.stream.urls import HubPlace

_LOG_IN = "set HF_TOKEN, or run hf auth login"


def refusal(answer: requests.Response, place: HubPlace, page: str, logged_in: bool) -> Fault:
    """Give the end of a run for an answer of the Hub that is an error.

    ``page`` is the URL of the repository's page for people. Source of the headers and codes: huggingface_hub, which
    reads them too, and the Hub itself: it hides private repositories by saying that there are none.
    """
    repository = f"hf://datasets/{place.repository}"
    code = answer.headers.get("X-Error-Code", "")
    if code == "GatedRepo":
        way_out = "with the account that this token belongs to" if logged_in else f"then {_LOG_IN}"
        return Fault(Exit.PERMISSION, f"{repository}: access must be asked for at {page}; {way_out}")
    if code == "RepoNotFound":
        private = "or this token may not see it" if logged_in else f"or it is private: {_LOG_IN}"
        return Fault(Exit.NO_INPUT, f"{repository}: there is no such dataset, {private}")
    if code == "RevisionNotFound":
        return Fault(Exit.NO_INPUT, f"{repository}: there is no revision {place.revision}")
    if code == "EntryNotFound":
        return Fault(Exit.NO_INPUT, f"{place.url}: there is no such file or folder; see {page}/tree/main")
    if "is disabled" in answer.headers.get("X-Error-Message", ""):
        return Fault(Exit.NO_INPUT, f"{repository}: the Hub has disabled it; see {page}")
    if answer.status_code == 401:
        told = "the Hub does not accept the token; check HF_TOKEN" if logged_in else f"a token is needed; {_LOG_IN}"
        return Fault(Exit.PERMISSION, f"{repository}: {told}")
    if answer.status_code == 403:
        return Fault(Exit.PERMISSION, f"{repository}: access denied (403); see {page}, and what the token may do")
    return fault_of(requests.HTTPError(response=answer), place.url)
