r"""Chat templates: a prompt's messages written as one text, up to where the answer begins.

The text of a prompt never ends in white space that a tokenizer could merge with the answer, unless the trainer's own
form asks for it (NeMo's ends in a newline, which its tokenizers keep apart).
"""

from __future__ import annotations

from hhtools.records import Message


def hh(prompt: list[Message]) -> str:
    r"""Write a prompt as HH-RLHF's own transcript; the answer then begins with one space.

    The form of the HH-RLHF files and of the DPO reference code (Rafailov et al., 2023, arXiv 2305.18290).

    >>> hh([{"role": "user", "content": "2+2?"}])
    '\n\nHuman: 2+2?\n\nAssistant:'
    """
    parts: list[str] = []
    for message in prompt:
        parts += _HH[message["role"]], message["content"]
    return "".join(parts) + "\n\nAssistant:"


def nemo(prompt: list[Message]) -> str:
    r"""Write a prompt as NeMo-Aligner's HH script does, but with the history that the script loses.

    The answer follows bare. The form of examples/nlp/data/kto/preprocess_anthropichh_data.py in NVIDIA/NeMo-Aligner.

    >>> nemo([{"role": "user", "content": "2+2?"}])
    'Human:\n2+2?\nAssistant:\n'
    """
    parts: list[str] = []
    for message in prompt:
        parts += _NEMO[message["role"]], message["content"], "\n"
    return "".join(parts) + "Assistant:\n"


_HH = {"user": "\n\nHuman: ", "assistant": "\n\nAssistant: ", "system": ""}
_NEMO = {"user": "Human:\n", "assistant": "Assistant:\n", "system": ""}
