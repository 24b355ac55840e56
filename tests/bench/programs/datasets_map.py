"""Turn a raw HH-RLHF file into KTO rows with Hugging Face datasets: a batched map, its cache in a new folder."""

# The peers are installed for the bench alone.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"  # read by datasets when it is imported

import datasets

HUMAN, ASSISTANT = "\n\nHuman:", "\n\nAssistant:"


def kto_rows(batch: dict[str, list[str]]) -> dict[str, list[str]]:
    """Turn a batch of raw pairs into the rows of those that are fit."""
    rows: dict[str, list[str]] = {"prompt": [], "response": [], "preference": []}
    for pair in zip(batch["chosen"], batch["rejected"], strict=True):
        (shared, _, chosen), (other_shared, _, rejected) = (side.rpartition(ASSISTANT) for side in pair)
        chosen, rejected = chosen.strip(), rejected.strip()
        prompt = prompt_text(shared.split(HUMAN)[1:]) if shared == other_shared else None
        if prompt and chosen and rejected and chosen != rejected:
            rows["prompt"] += prompt, prompt
            rows["response"] += chosen, rejected
            rows["preference"] += "chosen", "rejected"
    return rows


def prompt_text(exchanges: list[str]) -> str | None:
    """Write the turns as one text, or give None when they do not alternate."""
    text = ""
    for exchange in exchanges[:-1]:
        turns = exchange.split(ASSISTANT)
        if len(turns) != 2:
            return None
        text += f"Human:\n{turns[0].strip()}\nAssistant:\n{turns[1].strip()}\n"
    if ASSISTANT in exchanges[-1]:
        return None
    return f"{text}Human:\n{exchanges[-1].strip()}\nAssistant:\n"


datasets.disable_progress_bars()
with tempfile.TemporaryDirectory() as cache:
    pairs = datasets.load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=cache)
    pairs.map(kto_rows, batched=True, remove_columns=pairs.column_names).to_json("/dev/stdout")
