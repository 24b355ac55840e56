"""What NeMo reads: NeMo-Aligner's texts and chats, and the preference rows of NeMo-RL."""

from __future__ import annotations

from hhtools.formats.messages import assistant, has_system
from hhtools.formats.text import TextForm, texts_of
from hhtools.pairs import FitPair
from hhtools.records import Message, Record, Rows

IN_TURN = {"role-order": "NeMo's chats are a system text, then user and assistant in turn"}


def kto(pair: FitPair, template: TextForm) -> Rows:
    r"""Make NeMo-Aligner's rows for KTO: text, and "chosen" or "rejected"; it takes any other value for "rejected".

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> kto(EXAMPLE, TEMPLATES["nemo"])[1]
    {'prompt': 'Human:\n2+2?\nAssistant:\n', 'response': '5', 'preference': 'rejected'}
    """
    prompt, chosen, other_prompt, rejected = texts_of(pair, template)
    return (
        {"prompt": prompt, "response": chosen, "preference": "chosen"},
        {"prompt": other_prompt, "response": rejected, "preference": "rejected"},
    )


def dpo(pair: FitPair, template: TextForm) -> Rows:
    r"""Make NeMo-Aligner's rows of text for DPO; without rewards in them, it takes 1 and 0.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> dpo(EXAMPLE, TEMPLATES["extra-id"])[0]["chosen_response"]
    '4\n<extra_id_1>'
    """
    prompt, chosen, rejected = template.texts(pair.prompt, pair.chosen, pair.rejected)
    return ({"prompt": prompt, "chosen_response": chosen, "rejected_response": rejected},)


def dpo_messages(pair: FitPair) -> Rows:
    """Make NeMo-Aligner's rows of messages for DPO, in which an answer is one message and no list.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> dpo_messages(EXAMPLE)[0]['chosen_response']
    {'role': 'assistant', 'content': '4'}
    """
    return (
        {
            "prompt": pair.prompt,
            "chosen_response": assistant(pair.chosen),
            "rejected_response": assistant(pair.rejected),
        },
    )


def reward(pair: FitPair, template: TextForm) -> Rows:
    r"""Make NeMo-Aligner's rows for a Bradley-Terry model: two lines that belong together, the better one first.

    Nothing but the number of its line, odd or even, tells which answer is the better one: such a file must not be
    filtered, shuffled or sorted line by line.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> reward(EXAMPLE, TEMPLATES["hh"])[1]
    {'text': '\n\nHuman: 2+2?\n\nAssistant: 5'}
    """
    prompt, chosen, other_prompt, rejected = texts_of(pair, template)
    return {"text": prompt + chosen}, {"text": other_prompt + rejected}


def prompts(pair: FitPair, template: TextForm) -> Rows:
    r"""Make NeMo-Aligner's rows for PPO, up to where the answer begins.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> prompts(EXAMPLE, TEMPLATES["hh"])
    ({'text': '\n\nHuman: 2+2?\n\nAssistant:'},)
    """
    (prompt,) = template.texts(pair.prompt)
    return ({"text": prompt},)


def sft(pair: FitPair) -> Rows:
    """Make NeMo-Aligner's chats, the form of its SteerLM data as well, without labels.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> sft(EXAMPLE)[0]['conversations'][1]
    {'from': 'Assistant', 'value': '4', 'label': None}
    """
    system = pair.prompt[0]["content"] if has_system(pair.prompt) else ""
    turns = [_turn(message) for message in [*pair.prompt, assistant(pair.chosen)] if message["role"] != "system"]
    return ({"system": system, "mask": "User", "type": "VALUE_TO_TEXT", "conversations": turns},)


def rl(pair: FitPair) -> Rows:
    """Make NeMo-RL's rows for its PreferenceDataset, in which the lower rank is the better one.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> rl(EXAMPLE)[0]['completions'][0]
    {'rank': 0, 'completion': [{'role': 'assistant', 'content': '4'}]}
    """
    return (
        {
            "context": pair.prompt,
            "completions": [
                {"rank": 0, "completion": [assistant(pair.chosen)]},
                {"rank": 1, "completion": [assistant(pair.rejected)]},
            ],
        },
    )


def rl_binary(pair: FitPair) -> Rows:
    """Make NeMo-RL's rows for its BinaryPreferenceDataset, which takes answers for strings.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> rl_binary(EXAMPLE)
    ({'prompt': [{'role': 'user', 'content': '2+2?'}], 'chosen': '4', 'rejected': '5'},)
    """
    return ({"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected},)


def _turn(message: Message) -> Record:
    return {"from": message["role"].capitalize(), "value": message["content"], "label": None}
