"""Pipelines as they are typed, and the words that a shell would make of them."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from hhtools.scale.words import commands_of
from hhtools.stream.exits import Fault

PIPELINES = {
    "hh-parse": [["hh-parse"]],
    "hh-parse|hh-unpack-kto": [["hh-parse"], ["hh-unpack-kto"]],
    "  hh-parse |\n hh-unpack-kto  --for trl\n": [["hh-parse"], ["hh-unpack-kto", "--for", "trl"]],
    "hh-parse \\\n| hh-to-dpo --sys\\\ntem x": [["hh-parse"], ["hh-to-dpo", "--system", "x"]],
    "hh-to-dpo --system 'a | b; $c'": [["hh-to-dpo", "--system", "a | b; $c"]],
    'hh-to-dpo --system "it\'s \\"so\\" \\$5 \\n"': [["hh-to-dpo", "--system", 'it\'s "so" $5 \\n']],
    "hh-to-dpo --system=Sei\\ 'so 'gut,\\ ja": [["hh-to-dpo", "--system=Sei so gut, ja"]],
    "hh-to-dpo --system ''": [["hh-to-dpo", "--system", ""]],
    "hh-to-dpo --system Où@%+:,./^-_": [["hh-to-dpo", "--system", "Où@%+:,./^-_"]],
}


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_words_are_those_of_the_shell(pipeline: str) -> None:
    assert commands_of(pipeline) == PIPELINES[pipeline]
    # A real shell agrees: each command is replaced by one that shows its words.
    joined = " ".join("|" if word is None else word for word in _shown_by_a_shell(pipeline))
    assert joined == " | ".join(shlex.join(words) for words in PIPELINES[pipeline])


def _shown_by_a_shell(pipeline: str) -> list[str | None]:
    script = """
hh() { python3 -c 'import os, shlex, sys
before = sys.stdin.read() if not os.isatty(0) else ""
print(before + ("|" if before else "") + shlex.join(sys.argv[1:]), end="")' "$@"; }
for name in hh-parse hh-to-dpo hh-unpack-kto; do eval "$name() { hh $name \\"\\$@\\"; }"; done
"""
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{pipeline}"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return [part for number, words in enumerate(done.stdout.split("|hh-")) for part in _joined(number, words)]


def _joined(number: int, words: str) -> list[str | None]:
    return [None, f"hh-{words}"] if number else [words]


REFUSED = {
    "": "a command is missing in the pipeline",
    "|hh-parse": "a command is missing in the pipeline",
    "hh-parse || hh-unpack-kto": "a command is missing in the pipeline",
    "hh-parse |": "a command is missing in the pipeline",
    "hh-parse > x": "'>' in the pipeline: only hh commands and | stand there",
    "hh-parse; rm x": "';' in the pipeline",
    "hh-parse & hh-parse": "'&' in the pipeline",
    "hh-parse $HOME": "'$' in the pipeline",
    "hh-parse `ls`": "'`' in the pipeline",
    "hh-parse *.gz": "'*' in the pipeline",
    "hh-parse # note": "'#' in the pipeline",
    "hh-parse ~/x": "'~' in the pipeline",
    "(hh-parse)": "'(' in the pipeline",
    "hh-parse {a,b}": "'{' in the pipeline",
    "hh-parse !1": "'!' in the pipeline",
    "hh-parse 'x": "a quotation mark is not closed, or has $ or ` inside: 'x",
    'hh-parse "$x"': 'a quotation mark is not closed, or has $ or ` inside: "$x"',
    "hh-parse \\": "a backslash stands at the end",
}


@pytest.mark.parametrize("pipeline", REFUSED)
def test_what_only_a_shell_could_do_is_refused(pipeline: str) -> None:
    with pytest.raises(Fault) as raised:
        commands_of(pipeline)
    assert raised.value.code == 2
    assert raised.value.message.startswith(REFUSED[pipeline])
