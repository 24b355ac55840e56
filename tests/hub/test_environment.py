from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub.loopback import LoopbackHub
from tests.shell import hh

LOGGED_IN: dict[str, tuple[dict[str, str], dict[str, str], str | None]] = {
    "no token": ({}, {}, None),
    "HF_TOKEN": ({"HF_TOKEN": " hf_x\n"}, {"home/token": "hf_file"}, "Bearer hf_x"),
    "the file of HF_HOME": ({"HF_HOME": "DIR/home"}, {"home/token": "hf_file\n"}, "Bearer hf_file"),
    "the file of XDG_CACHE_HOME": ({"XDG_CACHE_HOME": "DIR"}, {"huggingface/token": "hf_xdg"}, "Bearer hf_xdg"),
    "the file of HOME": ({"HOME": "DIR"}, {".cache/huggingface/token": "hf_home"}, "Bearer hf_home"),
    "another file": ({"HF_TOKEN_PATH": "DIR/mine", "HF_HOME": "DIR/home"}, {"mine": "hf_mine"}, "Bearer hf_mine"),
    "an empty token": ({"HF_TOKEN": "", "HF_HOME": "DIR/home"}, {"home/token": "\n"}, None),
}


@pytest.mark.parametrize(("environment", "files", "sent"), LOGGED_IN.values(), ids=LOGGED_IN)
def test_the_token(
    hub: LoopbackHub, environment: dict[str, str], files: dict[str, str], sent: str | None, tmp_path: Path
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    located = {name: value.replace("DIR", str(tmp_path)) for name, value in environment.items()}
    done = hh("hh-fetch", "Anthropic/hh-rlhf", "small.jsonl", "-O", tmp_path, **{**hub.environment, **located})
    assert (done.returncode, done.stderr) == (0, b"")
    assert {asked.authorization for asked in hub.asked} == {sent}


WRONG = {
    "a token in two words": ({"HF_TOKEN": "hf x"}, 77, "HF_TOKEN: what is there is no token"),
    "a token file that is a folder": ({"HF_TOKEN_PATH": "/tmp"}, 77, "/tmp: the token cannot be read: Is a directory"),
    "no URL": ({"HF_ENDPOINT": "huggingface.co"}, 2, "HF_ENDPOINT: is no plain http or https URL"),
    "another scheme": ({"HF_ENDPOINT": "ftp://huggingface.co"}, 2, "HF_ENDPOINT: is no plain http or https URL"),
    "no host": ({"HF_ENDPOINT": "https://"}, 2, "HF_ENDPOINT: is no plain http or https URL"),
    "no port": ({"HF_ENDPOINT": "https://host:x"}, 2, "HF_ENDPOINT: is no plain http or https URL"),
    "a password": ({"HF_ENDPOINT": "https://me:secret@host"}, 2, "HF_ENDPOINT: is no plain http or https URL"),
}


@pytest.mark.parametrize(("environment", "code", "told"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_told_before_anything_is_asked(
    hub: LoopbackHub, environment: dict[str, str], code: int, told: str, tmp_path: Path
) -> None:
    done = hh("hh-fetch", "a/b", "x", "-O", tmp_path, **{**hub.environment, **environment})
    assert (done.returncode, done.stderr.decode()) == (code, f"hh-fetch: {told}\n")
    assert hub.asked == []


def test_a_slash_at_the_end_of_the_endpoint(hub: LoopbackHub, tmp_path: Path) -> None:
    done = hh("hh-fetch", "Anthropic/hh-rlhf", "small.jsonl", "-O", tmp_path, HF_ENDPOINT=f"{hub.url}/")
    assert done.returncode == 0
