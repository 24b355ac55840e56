"""What DPO trainers read: a prompt, a chosen and a rejected answer."""

from __future__ import annotations

from functools import partial

from hhtools.checks import dialogues, loaders, rules, values
from hhtools.checks.form import Form

_MARGIN = {"margin": values.number}
_REWARDS = {"chosen_reward": values.number, "rejected_reward": values.number}
_TEXTS = {"prompt": values.text, "chosen": values.text, "rejected": values.text}
_SIDES = {"chosen": values.messages, "rejected": values.messages}

_BOTH = ("chosen", "rejected")
_RESPONSES = ("chosen_response", "rejected_response")

DPO: dict[str, Form] = {
    "trl-dpo": Form(
        loaders.HUGGING_FACE,
        _SIDES,
        dialogues.preferences,
        (rules.prompt_apart, *rules.CHAT, *rules.WHOLE_PAIR),
        optional={"prompt": values.messages},
    ),
    "trl-text-dpo": Form(
        loaders.HUGGING_FACE, _TEXTS, partial(dialogues.apart, "prompt", _BOTH), (*rules.TEXT, *rules.PAIR)
    ),
    "nemo-dpo": Form(
        loaders.NEMO_ALIGNER,
        {"prompt": values.text, "chosen_response": values.text, "rejected_response": values.text},
        partial(dialogues.apart, "prompt", _RESPONSES),
        (*rules.TEXT, *rules.PAIR, rules.closed_turns),
        optional=_REWARDS,
        strict=("boundary-white-space",),
    ),
    "nemo-messages-dpo": Form(
        loaders.NEMO_ALIGNER,
        {"prompt": values.messages, "chosen_response": values.message, "rejected_response": values.message},
        partial(dialogues.apart, "prompt", _RESPONSES),
        (*rules.CHAT, *rules.PAIR, rules.one_system_message),
        optional=_REWARDS,
    ),
    "nemo-rl-dpo": Form(
        loaders.BY_ENDING,
        {"context": values.messages, "completions": values.ranked},
        dialogues.ranked_preference,
        (*rules.CHAT, *rules.PAIR),
    ),
    "nemo-rl-binary-dpo": Form(
        loaders.BY_ENDING,
        {"prompt": values.text_or_messages, "chosen": values.text, "rejected": values.text},
        partial(dialogues.apart_in_chat, "prompt", _BOTH),
        (*rules.CHAT, *rules.PAIR),
        strict=("transcript-in-message",),  # a prompt that is text becomes one message of the user
    ),
    "llamafactory-dpo": Form(
        loaders.BY_ENDING,
        {"conversations": values.sharegpt, "chosen": values.sharegpt_turn, "rejected": values.sharegpt_turn},
        partial(dialogues.apart, "conversations", _BOTH),
        (*rules.CHAT, *rules.PAIR),
        strict=("turn-order",),
    ),
    "llamafactory-alpaca-dpo": Form(
        loaders.BY_ENDING,
        {
            "instruction": values.text,
            "input": values.text,
            "history": values.history,
            "chosen": values.text,
            "rejected": values.text,
        },
        dialogues.alpaca_preference,
        (*rules.CHAT, *rules.PAIR),
        optional={"system": values.text},
    ),
    "axolotl-dpo": Form(
        loaders.AXOLOTL,
        {"messages": values.messages, "chosen": values.any_answer, "rejected": values.any_answer},
        partial(dialogues.apart_in_chat, "messages", _BOTH),
        (*rules.CHAT, *rules.PAIR, rules.trimmed),
        strict=("empty-text",),  # it looks for the answer in the rendered chat, and finds an empty one anywhere
    ),
    "openrlhf-dpo": Form(
        loaders.BY_ENDING,
        {"chosen": values.text_or_messages, "rejected": values.text_or_messages},
        dialogues.preferences,
        (rules.same_form, *rules.CHAT, *rules.WHOLE_PAIR),
        optional={"prompt": values.text_or_messages, **_MARGIN},
        strict=("prompts-differ",),  # it cuts the length of the chosen side's prompt off both
    ),
    "torchtune-dpo": Form(
        loaders.HUGGING_FACE, _SIDES, partial(dialogues.together, _BOTH), (*rules.CHAT, *rules.WHOLE_PAIR)
    ),
    "open-instruct-dpo": Form(
        loaders.OPEN_INSTRUCT,
        _SIDES,
        partial(dialogues.together, _BOTH),
        (*rules.CHAT, *rules.WHOLE_PAIR),
        strict=("prompts-differ",),  # it takes only the last messages for different
    ),
    "swift-dpo": Form(
        loaders.BY_ENDING,
        {"messages": values.messages},
        dialogues.swift_preference,
        (*rules.CHAT, *rules.WHOLE_PAIR),
        optional={"rejected_response": values.text, "rejected_messages": values.messages, **_MARGIN},
        one_of=("rejected_response", "rejected_messages"),
        strict=("same-answers",),  # it deletes the row
    ),
    "instruction-dpo": Form(
        loaders.ANY,
        {"instruction": values.text, "chosen": values.text, "rejected": values.text, "source": values.text},
        partial(dialogues.apart, "instruction", _BOTH),
        (rules.no_empty_text, *rules.PAIR),
    ),
}
