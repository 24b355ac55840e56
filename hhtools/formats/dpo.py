"""What DPO trainers read: one row for each pair, with both answers.

Every function takes a pair that is fit, and gives its row, with the very keys and types that the trainer wants. Formats
that are the same line under two names share a function.
"""

from __future__ import annotations

from hhtools.formats.carry import text_or
from hhtools.formats.messages import assistant, has_system, sharegpt
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm
from hhtools.pairs import FitPair
from hhtools.records import Dropped, Rows


def trl(pair: FitPair) -> Rows:
    """Make TRL's conversational rows, with the prompt apart: left to itself, TRL looks for the first difference."""
    return ({"prompt": pair.prompt, "chosen": [assistant(pair.chosen)], "rejected": [assistant(pair.rejected)]},)


def text(pair: FitPair, template: TextForm) -> Rows:
    """Make the text rows of TRL, OpenRLHF and of Axolotl's user-defined DPO."""
    prompt, chosen, rejected = template.texts(pair.prompt, pair.chosen, pair.rejected)
    return ({"prompt": prompt, "chosen": chosen, "rejected": rejected},)


def conversations(pair: FitPair) -> Rows:
    """Make the rows of OpenRLHF, torchtune and open-instruct: two whole dialogues, each with its prompt in it."""
    return (
        {
            "chosen": [*pair.prompt, assistant(pair.chosen)],
            "rejected": [*pair.other_prompt, assistant(pair.rejected)],
        },
    )


def nemo(pair: FitPair, template: TextForm) -> Rows:
    """Make NeMo-Aligner's rows of text; without rewards in them, it takes 1 and 0."""
    prompt, chosen, rejected = template.texts(pair.prompt, pair.chosen, pair.rejected)
    return ({"prompt": prompt, "chosen_response": chosen, "rejected_response": rejected},)


def nemo_messages(pair: FitPair) -> Rows:
    """Make NeMo-Aligner's rows of messages, in which an answer is one message and no list."""
    return (
        {
            "prompt": pair.prompt,
            "chosen_response": assistant(pair.chosen),
            "rejected_response": assistant(pair.rejected),
        },
    )


def nemo_rl(pair: FitPair) -> Rows:
    """Make NeMo-RL's rows for its PreferenceDataset, in which the lower rank is the better one."""
    return (
        {
            "context": pair.prompt,
            "completions": [
                {"rank": 0, "completion": [assistant(pair.chosen)]},
                {"rank": 1, "completion": [assistant(pair.rejected)]},
            ],
        },
    )


def nemo_rl_binary(pair: FitPair) -> Rows:
    """Make NeMo-RL's rows for its BinaryPreferenceDataset, which takes answers for strings."""
    return ({"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected},)


def llamafactory(pair: FitPair) -> Rows:
    """Make LLaMA-Factory's ShareGPT rows (``"formatting": "sharegpt", "ranking": true``), each answer one turn."""
    (chosen,), (rejected,) = sharegpt([assistant(pair.chosen)]), sharegpt([assistant(pair.rejected)])
    return ({"conversations": sharegpt(pair.prompt), "chosen": chosen, "rejected": rejected},)


def llamafactory_alpaca(pair: FitPair) -> Rows:
    """Make LLaMA-Factory's Alpaca rows (``"ranking": true``); every column has to be in every row."""
    system = pair.prompt[0]["content"] if has_system(pair.prompt) else ""
    *turns, asked = (message["content"] for message in pair.prompt if message["role"] != "system")
    return (
        {
            "instruction": asked,
            "input": "",
            "chosen": pair.chosen,
            "rejected": pair.rejected,
            "history": [[question, answer] for question, answer in zip(turns[::2], turns[1::2], strict=True)],
            "system": system,
        },
    )


def axolotl(pair: FitPair) -> Rows:
    """Make Axolotl's rows for ``chat_template.default``, answers trimmed.

    That strategy looks for the answer's text in what the model's template writes: where the template trims it, an
    answer that begins with a space becomes the single character ">".
    """
    return (
        {
            "messages": pair.prompt,
            "chosen": assistant(pair.chosen.strip()),
            "rejected": assistant(pair.rejected.strip()),
        },
    )


def swift(pair: FitPair) -> Rows:
    """Make ms-swift's rows: the chosen answer is the last message."""
    return ({"messages": [*pair.prompt, assistant(pair.chosen)], "rejected_response": pair.rejected},)


def instruction(pair: FitPair) -> Rows:
    """Make the rows of the CS336 exercise: a single question; ``source`` is "" where a pair names none.

    A dialogue of more turns is dropped as ``multi-turn``, one that begins with a system message as ``system-message``.

    Raises:
        Bad: ``wrong-type`` for a source that is no string.
    """
    if has_system(pair.prompt):
        return Dropped("system-message")
    if len(pair.prompt) > 1:
        return Dropped("multi-turn")
    return (
        {
            "instruction": pair.prompt[0]["content"],
            "chosen": pair.chosen,
            "rejected": pair.rejected,
            "source": text_or(pair.record, "source", ""),
        },
    )


_ONE_PROMPT = {"prompts-differ": "a row has one prompt for both answers"}
_IN_TURN = {"role-order": "LLaMA-Factory skips a dialogue whose turns do not alternate"}

FORMATS: dict[str, Format] = {
    "trl": Format(trl, text, cannot=_ONE_PROMPT),
    "trl-text": Format(text=text, template="hh", cannot=_ONE_PROMPT),
    "nemo": Format(text=nemo, template="extra-id", cannot=_ONE_PROMPT),
    "nemo-messages": Format(nemo_messages, nemo, cannot=_ONE_PROMPT),
    "nemo-rl": Format(nemo_rl, cannot=_ONE_PROMPT),
    "nemo-rl-binary": Format(nemo_rl_binary, cannot=_ONE_PROMPT),
    "llamafactory": Format(llamafactory, cannot=_ONE_PROMPT | _IN_TURN),
    "llamafactory-alpaca": Format(llamafactory_alpaca, cannot=_ONE_PROMPT | _IN_TURN),
    "axolotl": Format(
        axolotl, text, cannot=_ONE_PROMPT | {"empty-answer": "Axolotl takes a placeholder's text for an empty answer"}
    ),
    "openrlhf": Format(
        conversations, text, cannot={"prompts-differ": "OpenRLHF cuts both dialogues where the chosen prompt ends"}
    ),
    "torchtune": Format(conversations),
    "open-instruct": Format(
        conversations, cannot={"prompts-differ": "open-instruct takes all but the last message for the same"}
    ),
    "swift": Format(swift, cannot=_ONE_PROMPT | {"tie": "ms-swift deletes a row whose two answers are the same"}),
    "instruction": Format(
        instruction,
        cannot=_ONE_PROMPT
        | {
            "role-order": "the rows of the exercise hold one question of the user",
            "system": "the rows of the exercise have no place for a system message",
        },
    ),
}
