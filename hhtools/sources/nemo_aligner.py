r"""How NeMo-Aligner's HH script reads a transcript, for those who need its very rows (``--compat nemo-aligner``).

Source: examples/nlp/data/kto/preprocess_anthropichh_data.py in NVIDIA/NeMo-Aligner (af2b3bd). A marker includes the
space after its colon; every human turn must be followed by exactly one answer, else the script skips the pair.
"""

from __future__ import annotations

from hhtools.records import Message
from hhtools.sources.hh import Sides, shared_turns


def split_pair(chosen: str, rejected: str) -> Sides | None:
    r"""Split two transcripts as the script does, white space kept, or give None where it skips the pair.

    >>> split_pair("\n\nHuman: Hi\n\nAssistant: Yes? ", "\n\nHuman: Hi\n\nAssistant: No")[1]
    [{'role': 'assistant', 'content': 'Yes? '}]
    >>> split_pair("\n\nHuman: Hi", "\n\nHuman: Hi\n\nAssistant: No") is None
    True
    """
    left, right = _split_transcript(chosen), _split_transcript(rejected)
    return shared_turns(left, right) if left and right else None


def _split_transcript(text: str) -> list[Message]:
    messages: list[Message] = []
    for exchange in text.split("\n\nHuman: "):
        if exchange:
            question, *answers = exchange.split("\n\nAssistant: ")
            if len(answers) != 1:
                return []
            messages.append({"role": "user", "content": question})
            messages.append({"role": "assistant", "content": answers[0]})
    return messages
