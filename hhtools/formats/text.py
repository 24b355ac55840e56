"""A dialogue written as text, in two parts that meet where the answer begins."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Literal, Protocol

from hhtools.formats.messages import has_system, with_system
from hhtools.pairs import FitPair
from hhtools.records import Message

Around = tuple[str, str]
"""What stands before a text, and what stands after it."""


class TextForm(Protocol):
    """What turns a dialogue into text: one of TEMPLATES, or a chat template from a file."""

    bos: str
    cannot: Mapping[str, str]

    def texts(self, prompt: list[Message], *answers: str) -> list[str]:
        """Give the text of a prompt, and of each answer as it follows the prompt."""

    def with_bos(self) -> TextForm:
        """Give the same template, with its BOS token at the beginning of every prompt."""


def texts_of(pair: FitPair, template: TextForm) -> tuple[str, str, str, str]:
    """Give the texts of a pair: prompt and chosen answer, then the rejected answer's prompt and the rejected answer."""
    if pair.other_prompt is pair.prompt:
        prompt, chosen, rejected = template.texts(pair.prompt, pair.chosen, pair.rejected)
        return prompt, chosen, prompt, rejected
    prompt, chosen = template.texts(pair.prompt, pair.chosen)
    other_prompt, rejected = template.texts(pair.other_prompt, pair.rejected)
    return prompt, chosen, other_prompt, rejected


class Template:
    r"""A template that is made of what stands around each message.

    ``opening`` is the end of every prompt; ``answer`` is what stands around the answer, and ``next_turn`` what follows
    it in place of the second part when the dialogue goes on. ``system`` is the place of a system message; with
    ``system_in`` it is inside the first or the last message of the user. ``default_system`` is written when there is
    none. ``strips`` trims messages at both ends.

    >>> template = Template(system=("", "\n"), user=("Q: ", "\n"), opening="A:", answer=(" ", "\n"))
    >>> template.texts([{"role": "user", "content": "2+2?"}], "4")
    ['Q: 2+2?\nA:', ' 4\n']
    """

    def __init__(
        self,
        *,
        user: Around,
        opening: str = "",
        answer: Around = ("", ""),
        next_turn: str | None = None,
        system: Around,
        system_in: Literal["first", "last"] | None = None,
        default_system: str | None = None,
        bos: str = "",
        strips: bool = False,
    ) -> None:
        assistant = opening + answer[0], answer[1] if next_turn is None else next_turn
        self._around: dict[str, Around] = {"system": system, "user": user, "assistant": assistant}
        self._opening = opening
        self._answer = answer
        self._system_in = system_in
        self._default_system = default_system
        self._strips = strips
        self._plain = default_system is None and not system_in
        self._leading = ""
        self.bos = bos
        self.cannot: Mapping[str, str] = {}
        if system_in:
            self.cannot = {"role-order": "this template has no way to write turns that do not alternate"}

    def texts(self, prompt: list[Message], *answers: str) -> list[str]:
        """Give the text of a prompt, and of each answer as it follows the prompt."""
        if self._strips:
            prompt = [{"role": message["role"], "content": message["content"].strip()} for message in prompt]
            answers = tuple([answer.strip() for answer in answers])
        if not self._plain:
            prompt = self._with_system_in_place(prompt)
        parts: list[str] = []
        for message in prompt:
            before, after = self._around[message["role"]]
            parts += before, message["content"], after
        parts.append(self._opening)
        text = "".join(parts)
        texts = [self._leading + text.removeprefix(self.bos) if self.bos else text]
        before, after = self._answer
        for answer in answers:  # a comprehension would take longer
            texts.append(before + answer + after)
        return texts

    def with_bos(self) -> Template:
        """Give the same template, with its BOS token at the beginning of every prompt."""
        other = copy.copy(self)
        other._leading = self.bos
        return other

    def _with_system_in_place(self, prompt: list[Message]) -> list[Message]:
        if self._default_system is not None:
            prompt = with_system(prompt, self._default_system)
        if not self._system_in or not has_system(prompt):
            return prompt
        system, *turns = prompt
        before, after = self._around["system"]
        place = 0 if self._system_in == "first" else -1
        turns[place] = {"role": "user", "content": before + system["content"] + after + turns[place]["content"]}
        return turns
