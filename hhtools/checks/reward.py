"""What trainers of reward models read: two answers to compare, or an answer and its ratings."""

from __future__ import annotations

from functools import partial

from hhtools.checks import dialogues, loaders, neighbours, rules, values
from hhtools.checks.dpo import DPO
from hhtools.checks.form import Form

REWARD: dict[str, Form] = {
    "trl-reward": Form(
        loaders.HUGGING_FACE,
        {"chosen": values.messages, "rejected": values.messages},
        dialogues.preferences,
        (*rules.CHAT, *rules.WHOLE_PAIR),
        optional={"prompt": values.messages, "margin": values.number},
    ),
    "trl-text-reward": Form(
        loaders.HUGGING_FACE,
        {"chosen": values.text, "rejected": values.text},
        dialogues.preferences,
        (*rules.TEXT, *rules.PAIR),
        optional={"prompt": values.text, "margin": values.number},
    ),
    "openrlhf-reward": DPO["openrlhf-dpo"]._replace(strict=()),  # both sides are read whole: their prompts may differ
    "open-instruct-reward": DPO["open-instruct-dpo"],
    "nemo-reward": Form(
        loaders.NEMO_ALIGNER,
        {"text": values.text},
        partial(dialogues.prompt_only, "text"),
        (rules.no_empty_text,),
        neighbours=(neighbours.PairedRows,),
    ),
    "nemo-regression": Form(
        loaders.NEMO_ALIGNER,
        {"text": values.text, "label": values.numbers},
        partial(dialogues.prompt_only, "text"),
        (rules.no_empty_text, rules.label_marked, rules.rated),
        neighbours=(neighbours.LabelLength,),
    ),
}
