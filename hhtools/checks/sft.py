"""What supervised trainers read: dialogues, or a prompt and its completion."""

from __future__ import annotations

from functools import partial

from hhtools.checks import dialogues, loaders, rules, values
from hhtools.checks.form import Form

SFT: dict[str, Form] = {
    "trl-sft": Form(
        loaders.HUGGING_FACE,
        {"messages": values.messages},
        partial(dialogues.together, ["messages"]),
        rules.CHAT,
    ),
    "prompt-completion-sft": Form(
        loaders.HUGGING_FACE,
        {"prompt": values.text_or_messages, "completion": values.text_or_messages},
        partial(dialogues.apart, "prompt", ["completion"]),
        (rules.same_form, *rules.CHAT, rules.clean_joint),
    ),
    "trl-text-sft": Form(
        loaders.HUGGING_FACE,
        {"text": values.text},
        partial(dialogues.prompt_only, "text"),
        (rules.no_empty_text,),
    ),
    "nemo-sft": Form(
        loaders.NEMO_ALIGNER,
        {"system": values.text, "mask": values.text, "type": values.text, "conversations": values.steerlm},
        partial(dialogues.prompt_only, "conversations"),
        (rules.no_empty_text, rules.masked_speaker, rules.readable_labels),
    ),
    "nemo-rl-sft": Form(
        loaders.BY_ENDING,
        {"messages": values.messages},
        partial(dialogues.together, ["messages"]),
        rules.CHAT,
    ),
}
