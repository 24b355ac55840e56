"""TRL's trainers read the rows and train on them: three real steps of a tiny model on the CPU (make test-trainers)."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from datasets import load_dataset
from trl import (
    DPOConfig,
    DPOTrainer,
    KTOConfig,
    KTOTrainer,
    RewardConfig,
    RewardTrainer,
    SFTConfig,
    SFTTrainer,
)

from tests.shell import SAMPLE, rows, shell
from tests.trainers.tiny import language_model, reward_model, tokenizer_of

STEPS = 3


class Method(NamedTuple):
    """How TRL trains by a method; one with a reference model is given a copy of the model, for it has no name."""

    trainer: Any
    config: Any
    model: Any
    has_reference: bool


KTO = Method(KTOTrainer, KTOConfig, language_model, True)
DPO = Method(DPOTrainer, DPOConfig, language_model, True)
REWARD = Method(RewardTrainer, RewardConfig, reward_model, False)
SFT = Method(SFTTrainer, SFTConfig, language_model, False)

PIPES = [
    (KTO, "hh-unpack-kto --for trl", 70),
    (KTO, "hh-unpack-kto --for trl-text", 70),
    (KTO, "hh-unpack-kto --for axolotl", 70),
    (KTO, "hh-unpack-kto --for trl --template llama3 --carry source", 70),
    (DPO, "cat", 40),  # what hh-parse writes, as it is
    (DPO, "hh-to-dpo", 35),
    (DPO, "hh-to-dpo --for trl-text", 35),
    (DPO, "hh-to-dpo --for trl-text --template llama2", 35),
    (DPO, "hh-to-dpo --for openrlhf", 35),
    (DPO, "hh-to-dpo --for open-instruct", 35),
    (REWARD, "hh-to-reward", 35),
    (REWARD, "hh-to-reward --for trl-text", 35),
    (REWARD, """sed 's/}$/,"strength":1}/' | hh-to-reward --margin strength""", 35),
    (SFT, "hh-to-sft", 35),
    (SFT, "hh-to-sft --for prompt-completion", 35),
    (SFT, "hh-to-sft --for trl-text", 35),
]


@pytest.mark.parametrize(
    ("method", "command", "count"), PIPES, ids=[f"{pipe[0].trainer.__name__}: {pipe[1]}" for pipe in PIPES]
)
def test_a_model_learns_from_the_rows(method: Method, command: str, count: int, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    done = shell(f"hh-parse {SAMPLE} | {command} > {path}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    data = load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert data.num_rows == count
    tokenizer = tokenizer_of(rows(path.read_bytes()))
    model = method.model(tokenizer)
    before = [weights.detach().clone() for weights in model.parameters()]
    settings = method.config(
        output_dir=str(tmp_path / "model"),
        max_steps=STEPS,
        per_device_train_batch_size=4,
        learning_rate=1e-3,
        max_length=512,
        logging_steps=1,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
    )
    reference = {"ref_model": copy.deepcopy(model)} if method.has_reference else {}
    trainer = method.trainer(model=model, args=settings, train_dataset=data, processing_class=tokenizer, **reference)
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert len(losses) == STEPS
    assert all(math.isfinite(loss) for loss in losses)
    assert any(not torch.equal(old, new) for old, new in zip(before, trainer.model.parameters(), strict=True))
