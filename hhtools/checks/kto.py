"""What KTO trainers read: a prompt, an answer, and whether it is desirable."""

from __future__ import annotations

from functools import partial

from hhtools.checks import dialogues, loaders, neighbours, rules, values
from hhtools.checks.form import Form

# Trainers with a KL term; a batch of one row has no neighbour to take it from.
_KL = (neighbours.PromptsApart, partial(neighbours.Balance, "label", True, False))

KTO: dict[str, Form] = {
    "trl-kto": Form(
        loaders.HUGGING_FACE,
        {"prompt": values.messages, "completion": values.messages, "label": values.boolean_or_bit},
        partial(dialogues.apart, "prompt", ["completion"]),
        rules.CHAT,
        neighbours=_KL,
        least_rows=2,
    ),
    "trl-text-kto": Form(
        loaders.HUGGING_FACE,
        {"prompt": values.text, "completion": values.text, "label": values.boolean_or_bit},
        partial(dialogues.apart, "prompt", ["completion"]),
        rules.TEXT,
        neighbours=_KL,
        least_rows=2,
    ),
    "nemo-kto": Form(
        loaders.NEMO_ALIGNER,
        {"prompt": values.text, "response": values.text, "preference": values.preference},
        partial(dialogues.apart, "prompt", ["response"]),
        rules.TEXT,
        neighbours=(partial(neighbours.Balance, "preference", "chosen", "rejected"),),
        strict=("boundary-white-space",),  # it asserts that the prompt's tokens begin those of the whole
    ),
    "llamafactory-kto": Form(
        loaders.BY_ENDING,
        {"conversations": values.sharegpt, "kto_tag": values.boolean},
        partial(dialogues.together, ["conversations"]),
        rules.CHAT,
        neighbours=(neighbours.PromptsApart, partial(neighbours.Balance, "kto_tag", True, False)),
        strict=("turn-order", "empty-text"),  # it skips the row; it takes an empty answer for an undesirable one
        least_rows=2,
    ),
    "axolotl-kto": Form(
        loaders.AXOLOTL,
        {"prompt": values.text, "completion": values.text, "label": values.boolean_or_bit},
        partial(dialogues.apart, "prompt", ["completion"]),
        rules.TEXT,
        neighbours=_KL,
        least_rows=2,
    ),
    "swift-kto": Form(
        loaders.BY_ENDING,
        {"messages": values.messages, "label": values.boolean_or_bit},
        partial(dialogues.together, ["messages"]),
        rules.CHAT,
        neighbours=_KL,
        least_rows=2,
    ),
}
