"""A language model small enough to be trained in seconds, and a tokenizer trained on the spot: no hub, no download."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    set_seed,
)

_SPECIAL = ["<|endoftext|>", "<|pad|>", "<|im_start|>", "<|im_end|>"]
_CHAT = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def tokenizer_of(rows: Iterable[dict[str, Any]]) -> PreTrainedTokenizerBase:
    """Train a byte-level BPE of 600 tokens on all the text of some rows, with a ChatML template."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=_SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator((text for row in rows for text in _texts(list(row.values()))), trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token=_SPECIAL[0], pad_token=_SPECIAL[1])
    tokenizer.chat_template = _CHAT
    return tokenizer


def language_model(tokenizer: PreTrainedTokenizerBase) -> LlamaForCausalLM:
    """Make a language model with random weights."""
    set_seed(0)
    return LlamaForCausalLM(_config(tokenizer))


def reward_model(tokenizer: PreTrainedTokenizerBase) -> LlamaForSequenceClassification:
    """Make a reward model with random weights."""
    set_seed(0)
    return LlamaForSequenceClassification(_config(tokenizer, num_labels=1))


def _config(tokenizer: PreTrainedTokenizerBase, **more: Any) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        **more,
    )


def _texts(values: list[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _texts([message["content"] for message in value])
