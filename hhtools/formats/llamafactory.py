"""What LLaMA-Factory reads: rows in the form of ShareGPT (``"formatting": "sharegpt"``) or of Alpaca."""

from __future__ import annotations

from hhtools.formats.messages import assistant, has_system
from hhtools.pairs import FitPair
from hhtools.records import Message, Record, Rows

IN_TURN = {"role-order": "LLaMA-Factory skips a dialogue whose turns do not alternate"}


def kto(pair: FitPair) -> Rows:
    """Make two ShareGPT rows for KTO (``"formatting": "sharegpt", "columns": {"kto_tag": "kto_tag"}``).

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> kto(EXAMPLE)[0]
    {'conversations': [{'from': 'human', 'value': '2+2?'}, {'from': 'gpt', 'value': '4'}], 'kto_tag': True}
    """
    return (
        {"conversations": turns([*pair.prompt, assistant(pair.chosen)]), "kto_tag": True},
        {"conversations": turns([*pair.other_prompt, assistant(pair.rejected)]), "kto_tag": False},
    )


def dpo(pair: FitPair) -> Rows:
    """Make a ShareGPT row for DPO (``"formatting": "sharegpt", "ranking": true``), each answer one turn.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> dpo(EXAMPLE)[0]['chosen']
    {'from': 'gpt', 'value': '4'}
    """
    (chosen,), (rejected,) = turns([assistant(pair.chosen)]), turns([assistant(pair.rejected)])
    return ({"conversations": turns(pair.prompt), "chosen": chosen, "rejected": rejected},)


def dpo_alpaca(pair: FitPair) -> Rows:
    """Make an Alpaca row for DPO (``"ranking": true``); every column has to be in every row.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> dpo_alpaca(EXAMPLE)
    ({'instruction': '2+2?', 'input': '', 'chosen': '4', 'rejected': '5', 'history': [], 'system': ''},)
    """
    system = pair.prompt[0]["content"] if has_system(pair.prompt) else ""
    *before, asked = (message["content"] for message in pair.prompt if message["role"] != "system")
    return (
        {
            "instruction": asked,
            "input": "",
            "chosen": pair.chosen,
            "rejected": pair.rejected,
            "history": [[question, answer] for question, answer in zip(before[::2], before[1::2], strict=True)],
            "system": system,
        },
    )


def turns(messages: list[Message]) -> list[Record]:
    """Write messages as ShareGPT did: the keys "from" and "value", the speakers human, gpt and system.

    >>> turns([{"role": "user", "content": "2+2?"}])
    [{'from': 'human', 'value': '2+2?'}]
    """
    return [{"from": _SPEAKERS[message["role"]], "value": message["content"]} for message in messages]


_SPEAKERS = {"user": "human", "assistant": "gpt", "system": "system"}
