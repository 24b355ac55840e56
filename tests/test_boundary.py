"""Where prompt and answer meet, real tokenizers split the two apart as they split them together.

A trainer tokenizes a prompt alone and with its answer, and takes what follows the length of the first for the answer:
when the two disagree, TRL warns and trains on a broken prompt, and NeMo-Aligner stops. The tokenizers here are of the
kinds that models use, trained on the sample's own dialogues.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

import pytest
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from hhtools import read_pairs
from hhtools.formats.chat_template import ChatTemplate
from hhtools.formats.templates import TEMPLATES
from hhtools.formats.text import TextForm
from hhtools.pairs import FitPair, fit_pair
from tests.shell import SAMPLE

# Llama 3 and, but for the digits, Qwen; written anew from its description: a contraction, a word, up to three digits,
# other signs with the newlines after them, newlines with the space before them, space.
LLAMA3_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

KINDS = {
    "gpt2": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "llama3": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA3_WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
    # In sentencepiece as Llama 2 and Mistral have it, a space begins a word, and a newline is a byte of its own.
    "sentencepiece": pre_tokenizers.Sequence(
        [pre_tokenizers.Split("\n", "isolated"), pre_tokenizers.Metaspace(prepend_scheme="first")]
    ),
}


@cache
def pairs() -> list[FitPair]:
    return [fit for fit in map(fit_pair, read_pairs(SAMPLE)) if fit]


@cache
def tokenizer(kind: str) -> Tokenizer:
    """Train a tokenizer on all dialogues in all templates, whose markers are plain text to it: the hardest case."""
    spm = kind == "sentencepiece"
    made = Tokenizer(models.BPE(byte_fallback=spm, unk_token="<unk>"))
    made.pre_tokenizer = KINDS[kind]
    trainer = trainers.BpeTrainer(
        vocab_size=1500,
        special_tokens=["<unk>", *[f"<0x{byte:02X}>" for byte in range(256 if spm else 0)]],
        initial_alphabet=[] if spm else pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    dialogues = ("".join(made.texts(pair.prompt, pair.chosen)) for made in TEMPLATES.values() for pair in pairs())
    made.train_from_iterator(dialogues, trainer)
    return made


def tokens(kind: str, text: str) -> list[int]:
    found: list[int] = tokenizer(kind).encode(text, add_special_tokens=False).ids
    return found


def broken(kind: str, template: TextForm, space_in_prompt: bool = False) -> int:
    """Count the answers whose prompt is split in another way when they follow it, or they when it precedes them."""
    count = 0
    for pair in pairs():
        prompt, *answers = template.texts(pair.prompt, pair.chosen, pair.rejected)
        for answer in answers:
            first, second = (f"{prompt} ", answer.removeprefix(" ")) if space_in_prompt else (prompt, answer)
            alone, together = tokens(kind, first), tokens(kind, first + second)
            # sentencepiece begins every text of its own with a space, an answer too.
            ends_alike = kind == "sentencepiece" or together == alone + tokens(kind, second)
            count += together[: len(alone)] != alone or not ends_alike
    return count


# Llama 3 writes two newlines before an answer: its own tokenizer, and no GPT-2, keeps them together there.
MODELS = {name: [kind for kind in KINDS if (name, kind) != ("llama3", "gpt2")] for name in TEMPLATES}


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in MODELS.items() for kind in kinds])
def test_apart_and_together_agree(name: str, kind: str) -> None:
    assert len(pairs()) == 35
    assert broken(kind, TEMPLATES[name]) == 0
    assert broken(kind, TEMPLATES[name].with_bos()) == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["hh", "llama2", "mistral"])
def test_they_would_not_with_the_space_in_the_prompt(name: str, kind: str) -> None:
    assert broken(kind, TEMPLATES[name], space_in_prompt=True) > 50


SPEAKERS = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"
ASSISTANT = "{% if add_generation_prompt %}assistant: {% endif %}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_chat_template_that_ends_a_prompt_in_a_space(kind: str) -> None:
    template = ChatTemplate(SPEAKERS + ASSISTANT, {}, datetime(2026, 1, 31))
    assert template.texts(pairs()[0].prompt)[0].endswith("assistant:")
    assert broken(kind, template) == 0
    assert broken(kind, template, space_in_prompt=True) > 50
