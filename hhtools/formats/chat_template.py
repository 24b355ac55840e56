"""Chat templates of models, in the Jinja form of Hugging Face tokenizers, for text in the very form of one model.

Rendered as transformers does (utils/chat_template_utils.py, 5.2): in a sandbox that can neither reach Python nor change
the messages, with ``raise_exception``, ``strftime_now``, ``tojson`` and the ``generation`` block.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import Any

from hhtools.formats.messages import assistant
from hhtools.records import Bad, Message

_NO_MOMENT = datetime(1970, 1, 1)


class ChatTemplate:
    """A chat template: the prompt is what it writes before an answer, the answer what the whole dialogue adds to it.

    Spaces at the end of the prompt open the answer instead, as in the templates that have a name. ``tokens`` are the
    special tokens that the template speaks of, such as ``bos_token``; ``now`` is the time for ``strftime_now``.

    >>> turns = "{% for message in messages %}[{{ message.role }}]{{ message.content }}{% endfor %}"
    >>> source = turns + "{% if add_generation_prompt %}[assistant]{% endif %}"
    >>> ChatTemplate(source, {}, datetime(2026, 1, 31)).texts([{"role": "user", "content": "2+2?"}], "4")
    ['[user]2+2?[assistant]', '4']
    """

    cannot: Mapping[str, str] = {}

    def __init__(self, source: str, tokens: Mapping[str, str], now: datetime) -> None:
        self._source = source
        self._tokens = dict(tokens)
        self._now = now if "strftime_now" in source else _NO_MOMENT  # so that two runs have the same template
        self._leading = ""
        self.bos = tokens.get("bos_token", "")

    def texts(self, prompt: list[Message], *answers: str) -> list[str]:
        """Give the text of a prompt, and of each answer as it follows the prompt.

        Raises:
            Bad: ``template-error``, when the template raises or does not write the answer after the prompt.
        """
        asked = self._render(prompt, add_generation_prompt=True).rstrip(" ")
        texts = [asked]
        for answer in answers:
            whole = self._render([*prompt, assistant(answer)], add_generation_prompt=False)
            if not whole.startswith(asked):
                raise _no_prefix(asked, whole)
            texts.append(whole[len(asked) :])
        return texts

    def with_bos(self) -> ChatTemplate:
        """Give the same template, with its BOS token at the beginning of every prompt."""
        other = copy(self)
        other._leading = self.bos
        return other

    def variables(self) -> set[str]:
        """Compile the template, and name the variables that it does not set itself.

        Raises:
            ValueError: with the line, and what is wrong there.
        """
        from hhtools.formats.chat_sandbox import variables_of

        return variables_of(self._compiled, self._source)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_compiled"}  # it does not pickle

    @cached_property
    def _compiled(self) -> Any:
        from hhtools.formats.chat_sandbox import compile_template

        return compile_template(self._source, self._now)

    def _render(self, messages: list[Message], *, add_generation_prompt: bool) -> str:
        try:
            text: str = self._compiled.render(
                messages=messages,
                tools=None,
                documents=None,
                add_generation_prompt=add_generation_prompt,
                **self._tokens,
            )
            text.encode()
        except Exception as error:  # the template is a program of the user's: whatever it raises is about this record
            raise Bad("template-error", f"{type(error).__name__}: {error}") from None
        return self._leading + (text.removeprefix(self.bos) if self.bos else text)


def _no_prefix(asked: str, whole: str) -> Bad:
    shorter = min(len(asked), len(whole))
    parted = next((place for place in range(shorter) if asked[place] != whole[place]), shorter)
    return Bad(
        "template-error",
        f"with the answer, the template writes the prompt in another way from character {parted + 1} on: "
        f"{asked[parted : parted + 20]!r} becomes {whole[parted : parted + 20]!r}",
    )
