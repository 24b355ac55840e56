"""A pipeline as it is typed in the shell -> the words of its commands, and nothing that only a shell could do."""

from __future__ import annotations

import re

from hhtools.stream.exits import Exit, Fault

_PIECE = re.compile(
    r"""
    (?P<nothing>\\\n) | (?P<space>[ \t\n]+) | (?P<pipe>\|)
    | '(?P<single>[^']*)' | "(?P<double>(?:[^"\\$`]|\\.)*)" | \\(?P<escaped>.)
    | (?P<plain>[^ \t\n|&;<>()$`\\"'*?\[\]#~!{}]+)
    """,
    re.VERBOSE | re.DOTALL,
)


def commands_of(pipeline: str) -> list[list[str]]:
    r"""Split a pipeline into its commands, and these into words, with quotes and backslashes as a POSIX shell has them.

    >>> commands_of("hh-parse | hh-to-dpo --template llama2 --system 'Be brief | kind.'")
    [['hh-parse'], ['hh-to-dpo', '--template', 'llama2', '--system', 'Be brief | kind.']]

    Raises:
        Fault: 2 for an empty command, a quote without its end, and what only a shell could do: ``>``, ``$NAME``, ``*``.
    """
    commands: list[list[str]] = [[]]
    word: str | None = None
    position = 0
    while position < len(pipeline):
        piece = _PIECE.match(pipeline, position)
        if not piece:
            raise _foreign(pipeline, position)
        position = piece.end()
        kind = str(piece.lastgroup)
        if kind in ("space", "pipe"):
            commands[-1] += [] if word is None else [word]
            commands += [[]] if kind == "pipe" else []
            word = None
        elif kind != "nothing":
            word = (word or "") + _unquoted(kind, piece[kind])
    commands[-1] += [] if word is None else [word]
    if not all(commands):
        raise Fault(Exit.USAGE, f"a command is missing in the pipeline {pipeline!r}; write 'hh-parse | hh-unpack-kto'")
    return commands


def _unquoted(kind: str, text: str) -> str:
    return re.sub(r"\\(?:\n|([$`\"\\]))", r"\1", text) if kind == "double" else text


def _foreign(pipeline: str, position: int) -> Fault:
    character = pipeline[position]
    if character in "'\"":
        told = f"a quotation mark is not closed, or has $ or ` inside: {pipeline[position:]}"
    elif character == "\\":
        told = "a backslash stands at the end of the pipeline"
    else:
        told = f"{character!r} in the pipeline: only hh commands and | stand there; put ' ' around text"
    return Fault(Exit.USAGE, told)
