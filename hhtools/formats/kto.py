"""What KTO trainers read: one desirable and one undesirable row for each pair.

Every function takes the messages of a prompt, the chosen and the rejected answer, and gives the two rows, desirable
first, with the very keys and label types that the trainer wants: a wrong label type is silent in most of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from hhtools.formats import templates
from hhtools.pairs import Unfit
from hhtools.records import Message, Record

Rows = tuple[Record, Record]
MakeRows = Callable[[list[Message], str, str], Rows]


class KtoFormat(NamedTuple):
    """How a trainer's rows are made, how far apart the two rows of a pair belong, and what the rows cannot say."""

    rows: MakeRows
    stagger: int
    cannot_keep: Mapping[Unfit, str]


def nemo(prompt: list[Message], chosen: str, rejected: str) -> Rows:
    r"""Make NeMo-Aligner rows: text, and the string "chosen" or "rejected" (any other value reads as rejected).

    >>> nemo([{"role": "user", "content": "2+2?"}], "4", "5")[1]
    {'prompt': 'Human:\n2+2?\nAssistant:\n', 'response': '5', 'preference': 'rejected'}
    """
    text = templates.nemo(prompt)
    return (
        {"prompt": text, "response": chosen, "preference": "chosen"},
        {"prompt": text, "response": rejected, "preference": "rejected"},
    )


def trl(prompt: list[Message], chosen: str, rejected: str) -> Rows:
    """Make TRL's conversational rows; its trainer applies the model's chat template.

    >>> trl([{"role": "user", "content": "2+2?"}], "4", "5")[0]["completion"]
    [{'role': 'assistant', 'content': '4'}]
    """
    return (
        {"prompt": prompt, "completion": [{"role": "assistant", "content": chosen}], "label": True},
        {"prompt": prompt, "completion": [{"role": "assistant", "content": rejected}], "label": False},
    )


def text(prompt: list[Message], chosen: str, rejected: str) -> Rows:
    r"""Make the text rows of TRL and of Axolotl's user-defined KTO: the answer begins with one space.

    >>> text([{"role": "user", "content": "2+2?"}], "4", "5")[0]
    {'prompt': '\n\nHuman: 2+2?\n\nAssistant:', 'completion': ' 4', 'label': True}
    """
    rendered = templates.hh(prompt)
    return (
        {"prompt": rendered, "completion": f" {chosen}", "label": True},
        {"prompt": rendered, "completion": f" {rejected}", "label": False},
    )


def llamafactory(prompt: list[Message], chosen: str, rejected: str) -> Rows:
    """Make LLaMA-Factory's ShareGPT rows (``"formatting": "sharegpt", "columns": {"kto_tag": "kto_tag"}``).

    >>> llamafactory([{"role": "user", "content": "2+2?"}], "4", "5")[0]
    {'conversations': [{'from': 'human', 'value': '2+2?'}, {'from': 'gpt', 'value': '4'}], 'kto_tag': True}
    """
    turns = [{"from": _SHAREGPT[message["role"]], "value": message["content"]} for message in prompt]
    return (
        {"conversations": [*turns, {"from": "gpt", "value": chosen}], "kto_tag": True},
        {"conversations": [*turns, {"from": "gpt", "value": rejected}], "kto_tag": False},
    )


def swift(prompt: list[Message], chosen: str, rejected: str) -> Rows:
    """Make ms-swift's rows: the answer is the last message.

    >>> swift([{"role": "user", "content": "2+2?"}], "4", "5")[1]["label"]
    False
    """
    return (
        {"messages": [*prompt, {"role": "assistant", "content": chosen}], "label": True},
        {"messages": [*prompt, {"role": "assistant", "content": rejected}], "label": False},
    )


_SHAREGPT = {"user": "human", "assistant": "gpt", "system": "system"}

# Trainers with a KL term read neighbouring rows together: 16 is past any usual batch size per device, so that no row
# meets the other answer to its own prompt. NeMo-Aligner shuffles, so its rows can stay side by side.
_APART = 16

FORMATS: dict[str, KtoFormat] = {
    "nemo": KtoFormat(nemo, 0, {}),
    "trl": KtoFormat(trl, _APART, {}),
    "trl-text": KtoFormat(text, _APART, {}),
    "llamafactory": KtoFormat(
        llamafactory,
        _APART,
        {
            "empty-answer": "LLaMA-Factory reads an empty desirable answer as an undesirable one",
            "role-order": "LLaMA-Factory skips a dialogue whose turns do not alternate",
        },
    ),
    "axolotl": KtoFormat(text, _APART, {}),
    "swift": KtoFormat(swift, _APART, {}),
}


def format_for(format_name: str) -> KtoFormat:
    """Give the format of a trainer's rows.

    Raises:
        ValueError: for a name that is not in FORMATS.
    """
    try:
        return FORMATS[format_name]
    except KeyError:
        raise ValueError(f"no format for {format_name!r}; there are {', '.join(FORMATS)}") from None


def fields(format_name: str) -> Collection[str]:
    """Name the fields of a trainer's rows.

    >>> sorted(fields("nemo"))
    ['preference', 'prompt', 'response']
    """
    desirable, _ = format_for(format_name).rows([{"role": "user", "content": ""}], "", "")
    return desirable.keys()
