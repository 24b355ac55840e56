r"""The templates that have a name: what stands around each message, and where it is from.

No prompt ends in a space: where a template has one there, it opens the answer, so that a tokenizer splits the two apart
as it splits them together. No text begins with the token that opens a sequence (BOS) unless asked to (``with_bos``),
because trainers put one there themselves.

>>> TEMPLATES["llama2"].texts([{"role": "user", "content": "2+2?"}], "4")
['[INST] 2+2? [/INST]', ' 4 </s>']
"""

from __future__ import annotations

from hhtools.formats.text import Template

HH = Template(
    user=("\n\nHuman: ", ""),
    opening="\n\nAssistant:",
    answer=(" ", ""),
    system=("", ""),
)
"""The transcripts of HH-RLHF's own files (Bai et al., 2022, arXiv 2204.05862), split as in the reference code of DPO
(Rafailov et al., 2023, arXiv 2305.18290). A system message comes first, as it is."""

NEMO = Template(
    user=("Human:\n", "\n"),
    opening="Assistant:\n",
    next_turn="\n",
    system=("", "\n"),
)
"""The prompts of NeMo-Aligner's HH script, examples/nlp/data/kto/preprocess_anthropichh_data.py in NVIDIA/NeMo-Aligner
(af2b3bd), with the history that the script loses; the answer follows bare."""

EXTRA_ID = Template(
    system=("<extra_id_0>System\n", "\n"),
    default_system="",
    user=("<extra_id_1>User\n", "\n"),
    opening="<extra_id_1>Assistant\n",
    answer=("", "\n<extra_id_1>"),
    next_turn="\n",
)
"""NeMo's chats, as NeMo-Aligner's guides to DPO and SteerLM show them: the system turn is always there, if need be
empty, and the marker of the next turn ends an answer."""

LLAMA2 = Template(
    user=("<s>[INST] ", " [/INST]"),
    answer=(" ", " </s>"),
    system=("<<SYS>>\n", "\n<</SYS>>\n\n"),
    system_in="first",
    bos="<s>",
    strips=True,
)
"""Llama 2 chat (Touvron et al., 2023, arXiv 2307.09288; chat_completion in meta-llama/llama): every exchange is a
sequence of its own between <s> and </s>, the system text is part of the first question, and contents are trimmed."""

LLAMA3 = Template(
    system=("<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>"),
    user=("<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"),
    opening="<|start_header_id|>assistant<|end_header_id|>\n\n",
    answer=("", "<|eot_id|>"),
    bos="<|begin_of_text|>",
    strips=True,
)
"""Llama 3 Instruct, as its model card and its chat template write it; contents are trimmed."""

CHATML = Template(
    system=("<|im_start|>system\n", "<|im_end|>\n"),
    user=("<|im_start|>user\n", "<|im_end|>\n"),
    opening="<|im_start|>assistant\n",
    answer=("", "<|im_end|>"),
    next_turn="<|im_end|>\n",
)
"""ChatML (OpenAI, 2023; the chat template of Qwen and others). An answer ends with <|im_end|> and not with the newline
after it: trainers look whether a text ends with the model's EOS token, and put another one there if not."""

ALPACA = Template(
    system=("", "\n\n"),
    default_system="Below is an instruction that describes a task. Write a response that appropriately completes the "
    "request.",
    user=("### Instruction:\n", "\n\n"),
    opening="### Response:\n",
    next_turn="\n\n",
)
"""Stanford Alpaca's prompt without input (Taori et al., 2023, tatsu-lab/stanford_alpaca), with a newline before the
response as in CS336 and LLaMA-Factory; a system message takes the place of its first sentences."""

MISTRAL = Template(
    user=("[INST] ", "[/INST]"),
    answer=(" ", "</s>"),
    system=("", "\n\n"),
    system_in="last",
    bos="<s>",
)
"""Mistral Instruct, from v0.3 and Mixtral 8x22B on, in their sentencepiece form (tokenizer V3 of mistral-common): the
system text is part of the last question."""

TEMPLATES: dict[str, Template] = {
    "hh": HH,
    "nemo": NEMO,
    "extra-id": EXTRA_ID,
    "llama2": LLAMA2,
    "llama3": LLAMA3,
    "chatml": CHATML,
    "alpaca": ALPACA,
    "mistral": MISTRAL,
}


def template_of(name: str) -> Template:
    """Give the template of that name.

    Raises:
        ValueError: for a name that is not there.
    """
    try:
        return TEMPLATES[name]
    except KeyError:
        raise ValueError(f"no template {name!r}; there are {', '.join(TEMPLATES)}") from None
