"""The environment variables of the Hugging Face Hub's own tools that are obeyed here too."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from hhtools.stream.exits import Exit, Fault


def endpoint() -> str:
    """Give the URL of the Hub, without a slash at its end: HF_ENDPOINT, or https://huggingface.co.

    Raises:
        Fault: 2 when HF_ENDPOINT is no URL of a web server.
    """
    url = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise Fault(Exit.USAGE, "HF_ENDPOINT: is no plain http or https URL")
    return url


def token() -> str | None:
    """Give the token to log in with: HF_TOKEN, or what ``hf auth login`` left in HF_HOME; None without one.

    Raises:
        Fault: 77 when what is there cannot be read, or is no token.
    """
    where, text = "HF_TOKEN", os.environ.get("HF_TOKEN", "").strip()
    if not text:
        where = os.environ.get("HF_TOKEN_PATH") or os.path.join(home(), "token")
        text = _content_of(where)
    if not re.fullmatch(r"[!-~]*", text):  # it becomes part of a header
        raise Fault(Exit.PERMISSION, f"{where}: what is there is no token")
    return text or None


def home() -> str:
    """Give the folder in which the Hub's tools keep what they keep: HF_HOME, or ~/.cache/huggingface."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
    return os.path.expanduser(os.path.expandvars(os.environ.get("HF_HOME") or os.path.join(cache, "huggingface")))


def _content_of(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(1 << 12).strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise Fault(Exit.PERMISSION, f"{path}: the token cannot be read: {error.strerror}") from None
