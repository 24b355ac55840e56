"""What trainers read that make the answers themselves: prompts alone."""

from __future__ import annotations

from functools import partial

from hhtools.checks import dialogues, loaders, rules, values
from hhtools.checks.form import Form

PROMPTS: dict[str, Form] = {
    "trl-prompts": Form(
        loaders.HUGGING_FACE,
        {"prompt": values.messages},
        partial(dialogues.prompt_only, "prompt"),
        rules.PROMPT,
    ),
    "trl-text-prompts": Form(
        loaders.HUGGING_FACE,
        {"prompt": values.text},
        partial(dialogues.prompt_only, "prompt"),
        (rules.no_empty_text,),
    ),
    "nemo-prompts": Form(
        loaders.NEMO_ALIGNER,
        {"text": values.text},
        partial(dialogues.prompt_only, "text"),
        (rules.no_empty_text,),
    ),
    "verl-prompts": Form(
        loaders.VERL,
        {
            "data_source": values.text,
            "prompt": values.messages,
            "reward_model": partial(values.mapping, keys=("ground_truth",)),
        },
        partial(dialogues.prompt_only, "prompt"),
        rules.PROMPT,
        optional={"ability": values.text, "extra_info": values.mapping},
    ),
}
