"""What supervised trainers read: the chosen dialogue of each pair, and nothing of the rejected one."""

from __future__ import annotations

from hhtools.formats import nemo
from hhtools.formats.messages import assistant
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm
from hhtools.pairs import FitPair
from hhtools.records import Rows


def messages(pair: FitPair) -> Rows:
    """Make the conversational rows of TRL and NeMo-RL.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> messages(EXAMPLE)
    ({'messages': [{'role': 'user', 'content': '2+2?'}, {'role': 'assistant', 'content': '4'}]},)
    """
    return ({"messages": [*pair.prompt, assistant(pair.chosen)]},)


def text(pair: FitPair, template: TextForm) -> Rows:
    r"""Make TRL's rows of one text, on all of which it trains.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> text(EXAMPLE, TEMPLATES["hh"])
    ({'text': '\n\nHuman: 2+2?\n\nAssistant: 4'},)
    """
    prompt, chosen = template.texts(pair.prompt, pair.chosen)
    return ({"text": prompt + chosen},)


def prompt_completion(pair: FitPair) -> Rows:
    """Make TRL's conversational rows with the prompt apart, where it trains on the answer alone.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> prompt_completion(EXAMPLE)[0]['completion']
    [{'role': 'assistant', 'content': '4'}]
    """
    return ({"prompt": pair.prompt, "completion": [assistant(pair.chosen)]},)


def prompt_completion_text(pair: FitPair, template: TextForm) -> Rows:
    r"""Make TRL's text rows with the prompt apart, where it trains on the answer alone.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> prompt_completion_text(EXAMPLE, TEMPLATES["hh"])
    ({'prompt': '\n\nHuman: 2+2?\n\nAssistant:', 'completion': ' 4'},)
    """
    prompt, chosen = template.texts(pair.prompt, pair.chosen)
    return ({"prompt": prompt, "completion": chosen},)


FORMATS: dict[str, Format] = {
    "trl": Format(messages, text),
    "trl-text": Format(text=text, template="hh"),
    "prompt-completion": Format(prompt_completion, prompt_completion_text),
    "nemo": Format(nemo.sft, cannot=nemo.IN_TURN),
    "nemo-rl": Format(messages),
}
