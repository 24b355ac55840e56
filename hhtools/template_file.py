"""A model's chat template, read from a folder as tokenizers are published."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from hhtools.formats.chat_template import ChatTemplate
from hhtools.stream.extras import optional_module

_TOKENS = ("bos_token", "eos_token", "unk_token", "pad_token")
_CONFIG = "tokenizer_config.json"


def read_chat_template(name: str) -> ChatTemplate:
    """Read and compile a chat template; its special tokens are those of the tokenizer_config.json in its folder.

    Raises:
        click.UsageError: for a file that cannot be read or compiled, or that needs a token that nothing tells.
        Fault: 78 when jinja2 is not installed.
    """
    optional_module("jinja2", f"--template {name}", "'hhtools[jinja]'")
    path = Path(name)
    config = path.with_name(_CONFIG)
    template = ChatTemplate(_read(path), _tokens_in(config) if config.exists() else {}, _now())
    try:
        unknown = {"bos_token", "eos_token"} & template.variables()
    except ValueError as error:
        raise _unusable(path, str(error)) from None
    if unknown and not config.exists():
        tokens = ", ".join(f'"{token}": "..."' for token in sorted(unknown))
        raise _unusable(path, f"it writes {' and '.join(sorted(unknown))}: put {{{tokens}}} into {config}")
    return template


def _tokens_in(config: Path) -> dict[str, str]:
    import json

    try:
        settings = json.loads(_read(config))
    except ValueError as error:
        raise _unusable(config, str(error)) from None
    if not isinstance(settings, dict):
        raise _unusable(config, "it holds no object")
    tokens = {name: _content(settings.get(name)) for name in _TOKENS}
    return {name: token for name, token in tokens.items() if isinstance(token, str)}


def _content(token: Any) -> Any:
    return token.get("content") if isinstance(token, dict) else token


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise _unusable(path, str(error.strerror)) from None
    except UnicodeDecodeError:
        raise _unusable(path, "it is not UTF-8") from None


def _unusable(path: Path, why: str) -> click.UsageError:
    return click.BadParameter(f"{path}: {why}", param_hint="--template")


def _now() -> datetime:
    # One moment for the whole run, and one that can be told, so that the same command line can give the same bytes.
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not told:
        return datetime.now()
    try:
        return datetime.fromtimestamp(int(told), timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"SOURCE_DATE_EPOCH: {told!r} is no count of seconds") from None
