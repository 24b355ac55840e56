"""What supervised trainers read: the chosen dialogue of each pair, and nothing of the rejected one."""

from __future__ import annotations

from hhtools.formats.messages import assistant, has_system
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm
from hhtools.pairs import FitPair
from hhtools.records import Message, Record, Rows


def messages(pair: FitPair) -> Rows:
    """Make the conversational rows of TRL and NeMo-RL."""
    return ({"messages": _dialogue(pair)},)


def text(pair: FitPair, template: TextForm) -> Rows:
    """Make TRL's rows of one text, on all of which it trains."""
    prompt, chosen = template.texts(pair.prompt, pair.chosen)
    return ({"text": prompt + chosen},)


def prompt_completion(pair: FitPair) -> Rows:
    """Make TRL's conversational rows with the prompt apart, where it trains on the answer alone."""
    return ({"prompt": pair.prompt, "completion": [assistant(pair.chosen)]},)


def prompt_completion_text(pair: FitPair, template: TextForm) -> Rows:
    """Make TRL's text rows with the prompt apart, where it trains on the answer alone."""
    prompt, chosen = template.texts(pair.prompt, pair.chosen)
    return ({"prompt": prompt, "completion": chosen},)


def nemo(pair: FitPair) -> Rows:
    """Make NeMo-Aligner's chats, the form of its SteerLM data as well, without labels."""
    system = pair.prompt[0]["content"] if has_system(pair.prompt) else ""
    turns = [_turn(message) for message in _dialogue(pair) if message["role"] != "system"]
    return ({"system": system, "mask": "User", "type": "VALUE_TO_TEXT", "conversations": turns},)


def _dialogue(pair: FitPair) -> list[Message]:
    return [*pair.prompt, assistant(pair.chosen)]


def _turn(message: Message) -> Record:
    return {"from": message["role"].capitalize(), "value": message["content"], "label": None}


FORMATS: dict[str, Format] = {
    "trl": Format(messages, text),
    "trl-text": Format(text=text, template="hh"),
    "prompt-completion": Format(prompt_completion, prompt_completion_text),
    "nemo": Format(nemo, cannot={"role-order": "NeMo's chats are a system text, then user and assistant in turn"}),
    "nemo-rl": Format(messages),
}
