from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogues import pair, user
from tests.formats.test_chat_template import LLAMA2, SPACED
from tests.shell import hh, jsonl, rows

RECORD = jsonl(pair(user("q")))
ARGV = ["hh-unpack-kto", "--for", "trl-text", "--stagger", "0"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Give a folder with a tokenizer's files as they are published."""
    (tmp_path / "chat_template.jinja").write_text(LLAMA2)
    (tmp_path / "tokenizer_config.json").write_text(
        '{"bos_token": {"content": "<s>", "special": true}, "eos_token": "</s>", "pad_token": null}'
    )
    return tmp_path


def test_tokens_are_those_beside_the_template(model: Path) -> None:
    done = hh(*ARGV, "--template", model / "chat_template.jinja", stdin=RECORD)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [(row["prompt"], row["completion"]) for row in rows(done.stdout)] == [
        ("[INST] q [/INST]", " 4 </s>"),
        ("[INST] q [/INST]", " 5 </s>"),
    ]
    done = hh(*ARGV, "--bos", "--template", model / "chat_template.jinja", stdin=RECORD)
    assert rows(done.stdout)[0]["prompt"] == "<s>[INST] q [/INST]"


def test_a_record_for_which_the_template_raises_is_bad(model: Path) -> None:
    odd = jsonl(pair(user("q"), user("r")))
    argv = [*ARGV, "--template", str(model / "chat_template.jinja"), "--keep", "role-order"]
    done = hh(*argv, stdin=RECORD + odd)
    assert done.returncode == 65
    assert b"stdin:2: template-error: TemplateError: Conversation roles must alternate" in done.stderr
    assert len(rows(hh(*argv, "--max-bad", "1", stdin=RECORD + odd + RECORD).stdout)) == 4


def test_a_template_that_needs_no_token_needs_no_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own.jinja").write_text(SPACED)
    done = hh(*ARGV, "--template", tmp_path / "own.jinja", stdin=RECORD)
    assert rows(done.stdout)[0] == {"prompt": "user: q\nassistant:", "completion": " 4\n", "label": True}
    done = hh(*ARGV, "--template", tmp_path / "own.jinja", "--bos")
    assert (done.returncode, b"has no BOS token" in done.stderr) == (2, True)


# (the template, the tokenizer's settings or none): what is told.
UNUSABLE: dict[str, tuple[bytes, str | None, str]] = {
    "tokens that nothing tells": (
        LLAMA2.encode(),
        None,
        'it writes bos_token and eos_token: put {"bos_token": "...", "eos_token": "..."} into ',
    ),
    "a mistake in it": (b"{% if %}", None, "chat_template.jinja: line 1: "),
    "no text": (b"\xff", None, "chat_template.jinja: it is not UTF-8"),
    "settings that are no JSON": (b"", "{", "tokenizer_config.json: "),
    "settings that are no object": (b"", "[]", "tokenizer_config.json: it holds no object"),
}


@pytest.mark.parametrize(("source", "settings", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_used_is_told_before_anything_is_read(
    source: bytes, settings: str | None, message: str, tmp_path: Path
) -> None:
    (tmp_path / "chat_template.jinja").write_bytes(source)
    if settings is not None:
        (tmp_path / "tokenizer_config.json").write_text(settings)
    done = hh(*ARGV, "--template", tmp_path / "chat_template.jinja", stdin=b"not JSON")
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


def test_a_file_that_is_not_there() -> None:
    done = hh(*ARGV, "--template", "/nonexistent/x.jinja")
    assert (done.returncode, b"/nonexistent/x.jinja: No such file or directory" in done.stderr) == (2, True)


def test_the_date_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "dated.jinja").write_text("{{ strftime_now('%Y') }}")
    argv = [*ARGV, "--template", str(tmp_path / "dated.jinja")]
    assert rows(hh(*argv, stdin=RECORD, SOURCE_DATE_EPOCH="86400").stdout)[0]["prompt"] == "1970"
    assert rows(hh(*argv, stdin=RECORD).stdout)[0]["prompt"] != "1970"
    for wrong in ("today", "9" * 30):
        done = hh(*argv, SOURCE_DATE_EPOCH=wrong)
        assert done.returncode == 2
        assert f"SOURCE_DATE_EPOCH: '{wrong}' is no count of seconds" in done.stderr.decode()


def test_without_jinja2_the_way_out_is_told(model: Path) -> None:
    """A package of that name that cannot be imported stands in for one that is not installed."""
    (model / "jinja2.py").write_text("raise ImportError")
    done = hh(*ARGV, "--template", model / "chat_template.jinja", stdin=RECORD, PYTHONPATH=str(model))
    assert done.returncode == 78
    assert b"needs one more package: pip install 'hhtools[jinja]'" in done.stderr
