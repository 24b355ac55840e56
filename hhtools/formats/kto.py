"""What KTO trainers read: one desirable and one undesirable row for each pair.

Every function takes a pair that is fit, and gives the two rows, desirable first, with the very keys and label types
that the trainer wants: a wrong label type is silent in most of them.
"""

from __future__ import annotations

from hhtools.formats.messages import assistant, sharegpt
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm, texts_of
from hhtools.pairs import FitPair
from hhtools.records import Rows


def nemo(pair: FitPair, template: TextForm) -> Rows:
    """Make NeMo-Aligner rows: text, and the string "chosen" or "rejected" (any other value reads as rejected)."""
    prompt, chosen, other_prompt, rejected = texts_of(pair, template)
    return (
        {"prompt": prompt, "response": chosen, "preference": "chosen"},
        {"prompt": other_prompt, "response": rejected, "preference": "rejected"},
    )


def trl(pair: FitPair) -> Rows:
    """Make TRL's conversational rows; its trainer applies the model's chat template."""
    return (
        {"prompt": pair.prompt, "completion": [assistant(pair.chosen)], "label": True},
        {"prompt": pair.other_prompt, "completion": [assistant(pair.rejected)], "label": False},
    )


def text(pair: FitPair, template: TextForm) -> Rows:
    """Make the text rows of TRL and of Axolotl's user-defined KTO."""
    prompt, chosen, other_prompt, rejected = texts_of(pair, template)
    return (
        {"prompt": prompt, "completion": chosen, "label": True},
        {"prompt": other_prompt, "completion": rejected, "label": False},
    )


def llamafactory(pair: FitPair) -> Rows:
    """Make LLaMA-Factory's ShareGPT rows (``"formatting": "sharegpt", "columns": {"kto_tag": "kto_tag"}``)."""
    return (
        {"conversations": sharegpt([*pair.prompt, assistant(pair.chosen)]), "kto_tag": True},
        {"conversations": sharegpt([*pair.other_prompt, assistant(pair.rejected)]), "kto_tag": False},
    )


def swift(pair: FitPair) -> Rows:
    """Make ms-swift's rows: the answer is the last message."""
    return (
        {"messages": [*pair.prompt, assistant(pair.chosen)], "label": True},
        {"messages": [*pair.other_prompt, assistant(pair.rejected)], "label": False},
    )


FORMATS: dict[str, Format] = {
    "nemo": Format(text=nemo, template="nemo"),
    "trl": Format(trl, text),
    "trl-text": Format(text=text, template="hh"),
    "llamafactory": Format(
        llamafactory,
        cannot={
            "empty-answer": "LLaMA-Factory reads an empty desirable answer as an undesirable one",
            "role-order": "LLaMA-Factory skips a dialogue whose turns do not alternate",
        },
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
