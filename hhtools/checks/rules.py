"""What a row has to be, beyond the types of its values: each rule looks at one row and the dialogues in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from hhtools.checks.dialogues import Dialogue, Turn
from hhtools.checks.kinds import Finding
from hhtools.formats.regression import MASK_VALUE
from hhtools.records import Record

Rule = Callable[[Record, Sequence[Dialogue]], Iterator[Finding]]

_ONE_SPACE = re.compile(r" \S")
_BREAKS = ("\n", "\r")
_TRANSCRIPT = re.compile(r"\n\n(?:Human|Assistant):")
_LABEL = re.compile(r"\s*[^\s:,][^:,]*:\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_EXTRA_ID = "<extra_id_1>"


def no_empty_text(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that every turn says something; a system message need not."""
    for where, turn in _named_turns(dialogues):
        if not turn.text.strip() and turn.speaker != "system":
            yield Finding("empty-text", f"{where} is empty")


def clean_joint(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that no token of the prompt swallows the beginning of the answer.

    Tried with BPE tokenizers that cut texts as GPT-2, Llama 2 and Llama 3 do, trained on HH-RLHF: the prompt's tokens
    begin those of the whole unless the prompt ends with a space, or a line break meets another one. One space that
    begins the answer belongs to its first word in all of them.
    """
    for prompt, answer in dialogues:
        if prompt and answer and not prompt[-1].speaker and not answer[0].speaker:
            before, after = prompt[-1].text, answer[0].text
            if before.endswith(" ") and not _ONE_SPACE.match(after):
                yield Finding("boundary-white-space", "the prompt ends with a space")
            elif before.endswith(_BREAKS) and after.startswith(_BREAKS):
                yield Finding("boundary-white-space", "a line break ends the prompt, and one begins the answer")


def trimmed(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that no message begins or ends with white space."""
    for where, turn in _named_turns(dialogues):
        if turn.text.strip() not in ("", turn.text):
            yield Finding("outer-white-space", f"{where} begins or ends with white space")


def in_turn(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that user and assistant take turns, after one system message at most, and the assistant has the last word."""
    for prompt, answer in dialogues:
        yield from _out_of_turn([turn.speaker for turn in prompt + answer])


def asks(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that user and assistant take turns in a prompt, and the user has the last word."""
    for prompt, _ in dialogues:
        yield from _out_of_turn([*(turn.speaker for turn in prompt), "assistant"])


def one_system_message(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask for one system message at most: NeMo-Aligner asserts it."""
    for prompt, answer in dialogues:
        count = [turn.speaker for turn in prompt + answer].count("system")
        if count > 1:
            yield Finding("many-system-messages", f"{count} system messages")


def no_transcript(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that no message holds the marks of other turns: a chat template takes a whole dialogue for one turn."""
    for where, turn in _named_turns(dialogues):
        found = turn.speaker and _TRANSCRIPT.search(turn.text)
        if found:
            yield Finding("transcript-in-message", f'{where} holds another turn, "{found[0].strip()}"')


def answers_differ(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that the two answers are not the same."""
    if len(dialogues) == 2 and dialogues[0].answer == dialogues[1].answer:
        yield Finding("same-answers", "both answers are the same")


def prompts_agree(_row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that the two dialogues are the same up to their last messages."""
    if len(dialogues) == 2 and dialogues[0].prompt != dialogues[1].prompt:
        yield Finding("prompts-differ", "the two dialogues part before their last messages")


def prompt_apart(row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that the prompt has a key of its own."""
    if "prompt" not in row:
        yield Finding("no-prompt", 'no "prompt": the trainer looks for what both dialogues share')


def same_form(row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that prompt and answers are all texts, or all lists of messages: the trainer adds them up."""
    kinds = {key: type(row[key]) for key in ("prompt", "completion", "chosen", "rejected") if key in row}
    if len(set(kinds.values())) > 1:
        texts = ", ".join(f'"{key}"' for key, kind in kinds.items() if kind is str)
        yield Finding("wrong-type", f"{texts} is a string, and the rest are lists of messages")


def closed_turns(row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that prompts in NeMo's <extra_id_1> form open the assistant's turn, and that the answers close it."""
    if _EXTRA_ID in row["prompt"]:
        for prompt, answer in dialogues:
            if not prompt[-1].text.endswith(f"{_EXTRA_ID}Assistant\n"):
                yield Finding("unclosed-turn", f"the prompt does not end with {_EXTRA_ID}Assistant\\n")
            if not answer[-1].text.endswith(f"\n{_EXTRA_ID}"):
                yield Finding("unclosed-turn", f"an answer does not end with \\n{_EXTRA_ID}")


def label_marked(row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that the text ends where the rating is read."""
    if not row["text"].endswith("<extra_id_2>"):
        yield Finding("no-label-marker", "the text does not end with <extra_id_2>")


def rated(row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that some attribute has a number that is not the mask value."""
    if row["label"] and all(number == MASK_VALUE for number in row["label"]):
        yield Finding("all-masked", f"all {len(row['label'])} attributes are {MASK_VALUE:g}")


def masked_speaker(row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that the mask names one of the speakers: else the loss is taken on every turn."""
    if row["mask"] not in {turn["from"] for turn in row["conversations"]}:
        yield Finding("unmasked", f'nobody in the conversation is "{row["mask"][:30]}"')


def readable_labels(row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
    """Ask that labels are ``attribute:number`` joined by commas: NeMo-Aligner's next step stops at any other."""
    for position, turn in enumerate(row["conversations"]):
        label = turn.get("label")
        if label and not all(map(_LABEL.fullmatch, label.split(","))):
            yield Finding("bad-label", f'"conversations"[{position}] has the label "{label[:40]}"')


def _named_turns(dialogues: Sequence[Dialogue]) -> Iterator[tuple[str, Turn]]:
    # Gives each turn with what people call it.
    which = [""] if len(dialogues) == 1 else ["first ", "second "]
    for (prompt, answer), ordinal in zip(dialogues, which, strict=True):
        for number, turn in enumerate(prompt, 1):
            yield (f"message {number} of the prompt" if turn.speaker else "the prompt" if answer else "the text"), turn
        for turn in answer:
            yield f"the {ordinal}answer", turn


def _out_of_turn(speakers: Sequence[str]) -> Iterator[Finding]:
    if "" in speakers or "tool" in speakers:
        return  # a text, whose turns are not known; or turns in an order of their own
    wanted = "user"
    for number, speaker in enumerate(speakers, 1):
        if speaker != wanted and (speaker != "system" or number > 1):
            yield Finding("turn-order", f"message {number} is the {speaker}'s, not the {wanted}'s")
            return
        if speaker == wanted:
            wanted = "assistant" if wanted == "user" else "user"
    if wanted == "assistant":
        yield Finding("turn-order", "the user has the last word")


TEXT: Sequence[Rule] = (no_empty_text, clean_joint)
"""What is asked of texts that a trainer joins as they are."""

CHAT: Sequence[Rule] = (no_empty_text, in_turn, no_transcript)
"""What is asked of messages that a trainer puts through a chat template."""

PROMPT: Sequence[Rule] = (no_empty_text, asks, no_transcript)
"""The same of a prompt alone."""

PAIR: Sequence[Rule] = (answers_differ,)
"""What is asked of two answers."""

WHOLE_PAIR: Sequence[Rule] = (answers_differ, prompts_agree)
"""The same of two whole dialogues."""
