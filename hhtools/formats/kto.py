"""What KTO trainers read: one desirable and one undesirable row for each pair.

Every function takes a pair that is fit, and gives the two rows, desirable first, with the very keys and label types
that the trainer wants: a wrong label type is silent in most of them.
"""

from __future__ import annotations

from hhtools.formats import llamafactory, nemo
from hhtools.formats.messages import assistant
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm, texts_of
from hhtools.pairs import FitPair
from hhtools.records import Rows


def trl(pair: FitPair) -> Rows:
    """Make TRL's conversational rows; its trainer applies the model's chat template.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> trl(EXAMPLE)[0]['completion']
    [{'role': 'assistant', 'content': '4'}]
    """
    return (
        {"prompt": pair.prompt, "completion": [assistant(pair.chosen)], "label": True},
        {"prompt": pair.other_prompt, "completion": [assistant(pair.rejected)], "label": False},
    )


def text(pair: FitPair, template: TextForm) -> Rows:
    r"""Make the text rows of TRL and of Axolotl's user-defined KTO.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> text(EXAMPLE, TEMPLATES["hh"])[0]
    {'prompt': '\n\nHuman: 2+2?\n\nAssistant:', 'completion': ' 4', 'label': True}
    """
    prompt, chosen, other_prompt, rejected = texts_of(pair, template)
    return (
        {"prompt": prompt, "completion": chosen, "label": True},
        {"prompt": other_prompt, "completion": rejected, "label": False},
    )


def swift(pair: FitPair) -> Rows:
    """Make ms-swift's rows: the answer is the last message.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> swift(EXAMPLE)[1]['label']
    False
    """
    return (
        {"messages": [*pair.prompt, assistant(pair.chosen)], "label": True},
        {"messages": [*pair.other_prompt, assistant(pair.rejected)], "label": False},
    )


FORMATS: dict[str, Format] = {
    "nemo": Format(text=nemo.kto, template="nemo"),
    "trl": Format(trl, text),
    "trl-text": Format(text=text, template="hh"),
    "llamafactory": Format(
        llamafactory.kto,
        cannot=llamafactory.IN_TURN
        | {"empty-answer": "LLaMA-Factory reads an empty desirable answer as an undesirable one"},
    ),
    "axolotl": Format(text=text, template="hh"),
    "swift": Format(swift),
}


def stagger(format_name: str) -> int:
    """Tell how many pairs apart the two rows of a pair belong.

    Trainers with a KL term read neighbouring rows together: 16 is past any usual batch size per device, so that no row
    meets the other answer to its own prompt. NeMo-Aligner shuffles, so its rows can stay side by side.

    >>> stagger("nemo"), stagger("trl")
    (0, 16)
    """
    return 0 if format_name == "nemo" else 16
