"""What DPO trainers read: one row for each pair, with both answers.

Every function takes a pair that is fit, and gives its row, with the very keys and types that the trainer wants. Formats
that are the same line under two names share a function.
"""

from __future__ import annotations

from hhtools.formats import llamafactory, nemo
from hhtools.formats.carry import text_or
from hhtools.formats.messages import assistant, has_system
from hhtools.formats.pair_rows import Format
from hhtools.formats.text import TextForm
from hhtools.pairs import FitPair
from hhtools.records import Dropped, Rows


def trl(pair: FitPair) -> Rows:
    """Make TRL's conversational rows, with the prompt apart: left to itself, TRL looks for the first difference.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> trl(EXAMPLE)[0]['chosen']
    [{'role': 'assistant', 'content': '4'}]
    """
    return ({"prompt": pair.prompt, "chosen": [assistant(pair.chosen)], "rejected": [assistant(pair.rejected)]},)


def text(pair: FitPair, template: TextForm) -> Rows:
    r"""Make the text rows of TRL, OpenRLHF and of Axolotl's user-defined DPO.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> from hhtools.formats.templates import TEMPLATES
    >>> text(EXAMPLE, TEMPLATES["hh"])
    ({'prompt': '\n\nHuman: 2+2?\n\nAssistant:', 'chosen': ' 4', 'rejected': ' 5'},)
    """
    prompt, chosen, rejected = template.texts(pair.prompt, pair.chosen, pair.rejected)
    return ({"prompt": prompt, "chosen": chosen, "rejected": rejected},)


def conversations(pair: FitPair) -> Rows:
    """Make the rows of OpenRLHF, torchtune and open-instruct: two whole dialogues, each with its prompt in it.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> conversations(EXAMPLE)[0]['rejected']
    [{'role': 'user', 'content': '2+2?'}, {'role': 'assistant', 'content': '5'}]
    """
    return (
        {
            "chosen": [*pair.prompt, assistant(pair.chosen)],
            "rejected": [*pair.other_prompt, assistant(pair.rejected)],
        },
    )


def axolotl(pair: FitPair) -> Rows:
    """Make Axolotl's rows for ``chat_template.default``, answers trimmed.

    That strategy looks for the answer's text in what the model's template writes: where the template trims it, an
    answer that begins with a space becomes the single character ">".

    >>> from dataclasses import replace
    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> axolotl(replace(EXAMPLE, chosen=' 4'))[0]['chosen']
    {'role': 'assistant', 'content': '4'}
    """
    return (
        {
            "messages": pair.prompt,
            "chosen": assistant(pair.chosen.strip()),
            "rejected": assistant(pair.rejected.strip()),
        },
    )


def swift(pair: FitPair) -> Rows:
    """Make ms-swift's rows: the chosen answer is the last message.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> swift(EXAMPLE)[0]['rejected_response']
    '5'
    """
    return ({"messages": [*pair.prompt, assistant(pair.chosen)], "rejected_response": pair.rejected},)


def instruction(pair: FitPair) -> Rows:
    """Make the rows of the CS336 exercise: a single question; ``source`` is "" where a pair names none.

    A dialogue of more turns is dropped as ``multi-turn``, one that begins with a system message as ``system-message``.

    >>> from hhtools.formats.pair_rows import EXAMPLE
    >>> instruction(EXAMPLE)
    ({'instruction': '2+2?', 'chosen': '4', 'rejected': '5', 'source': 'sums'},)

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

FORMATS: dict[str, Format] = {
    "trl": Format(trl, text, cannot=_ONE_PROMPT),
    "trl-text": Format(text=text, template="hh", cannot=_ONE_PROMPT),
    "nemo": Format(text=nemo.dpo, template="extra-id", cannot=_ONE_PROMPT),
    "nemo-messages": Format(nemo.dpo_messages, nemo.dpo, cannot=_ONE_PROMPT),
    "nemo-rl": Format(nemo.rl, cannot=_ONE_PROMPT),
    "nemo-rl-binary": Format(nemo.rl_binary, cannot=_ONE_PROMPT),
    "llamafactory": Format(llamafactory.dpo, cannot=_ONE_PROMPT | llamafactory.IN_TURN),
    "llamafactory-alpaca": Format(llamafactory.dpo_alpaca, cannot=_ONE_PROMPT | llamafactory.IN_TURN),
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
