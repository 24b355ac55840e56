"""Turn a raw HH-RLHF file into KTO rows with nothing but the standard library: the loop that everyone writes."""

from __future__ import annotations

import json
import sys

HUMAN, ASSISTANT = "\n\nHuman:", "\n\nAssistant:"


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


with open(sys.argv[1], encoding="utf-8") as lines, open(1, "w", encoding="utf-8") as rows:
    for line in lines:
        pair = json.loads(line)
        shared, _, chosen = pair["chosen"].rpartition(ASSISTANT)
        other_shared, _, rejected = pair["rejected"].rpartition(ASSISTANT)
        chosen, rejected = chosen.strip(), rejected.strip()
        prompt = prompt_text(shared.split(HUMAN)[1:]) if shared == other_shared else None
        if prompt and chosen and rejected and chosen != rejected:
            # Any argument but the defaults makes json build an encoder for each row, and takes a third more time.
            rows.write(json.dumps({"prompt": prompt, "response": chosen, "preference": "chosen"}) + "\n")
            rows.write(json.dumps({"prompt": prompt, "response": rejected, "preference": "rejected"}) + "\n")
