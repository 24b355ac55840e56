"""Pairs that formats take in another way than they are: unfit ones that are kept, and prompts that are changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from hhtools.formats.messages import last_asked, with_system
from hhtools.pairs import FitPair, Unfit, pair_of, unfit
from hhtools.records import Dropped, Message, Record

History = Literal["full", "last"]


def kept_or_dropped(record: Record, keep: Collection[Unfit] = ()) -> FitPair | Dropped:
    """Take a pair apart that ``fit_pair`` does not, or drop it for the reason why it is unfit for training.

    A reason in ``keep`` drops nothing, as long as every answer is the assistant's, to a prompt of one message at least.
    With ``prompts-differ``, each answer then has a prompt of its own: all of its side but the last message.

    >>> pair = {"prompt": [{"role": "user", "content": "2+2?"}],
    ...         "chosen": [{"role": "assistant", "content": "4"}], "rejected": [{"role": "assistant", "content": "4"}]}
    >>> kept_or_dropped(pair)
    Dropped('tie')
    >>> kept_or_dropped(pair, keep=["tie"]).rejected
    '4'

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    prompt, chosen, rejected = pair = pair_of(record)
    reason = unfit(pair, keep)
    if reason:
        return Dropped(reason)
    answer, other = chosen[-1], rejected[-1]
    if answer["role"] != "assistant" or other["role"] != "assistant":
        return Dropped("role-order")
    own_prompt, other_prompt = prompt + chosen[:-1], prompt + rejected[:-1]
    if not own_prompt or not other_prompt:
        return Dropped("prompts-differ")
    if own_prompt == other_prompt:
        other_prompt = own_prompt
    return FitPair(own_prompt, answer["content"], other["content"], other_prompt, record)


def asked(pair: FitPair, history: History, system: str | None) -> FitPair:
    """Shorten the prompts of a pair to the last human message, or give them a system message, as they are told.

    ``history`` "last" leaves only the last human message in the prompt. ``system`` stands in front of a dialogue that
    has no system message.
    """
    prompt = _asked(pair.prompt, history, system)
    other_prompt = prompt if pair.other_prompt is pair.prompt else _asked(pair.other_prompt, history, system)
    return replace(pair, prompt=prompt, other_prompt=other_prompt)


def _asked(prompt: list[Message], history: History, system: str | None) -> list[Message]:
    shortened = last_asked(prompt) if history == "last" else prompt
    return shortened if system is None else with_system(shortened, system)
