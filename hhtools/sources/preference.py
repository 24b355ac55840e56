"""The shapes in which preference data is published, apart from HH-RLHF's own: a prompt, and two answers to it.

The prompt is a text (a question, or a transcript up to the answer), a message, a list of messages, or absent. An answer
is a text, a message, a list of messages that go on from the prompt, or a whole conversation that repeats it.

Sources: the cards and files of HuggingFaceH4/ultrafeedback_binarized, argilla/ultrafeedback-binarized-preferences-
cleaned, trl-lib/ultrafeedback_binarized, Intel/orca_dpo_pairs, Dahoas/full-hh-rlhf, stanfordnlp/SHP and
PKU-Alignment/PKU-SafeRLHF on the Hugging Face Hub.
"""

from __future__ import annotations

from typing import Any

from hhtools.records import Bad, Message, Record, wrong_field
from hhtools.sources.hh import ASSISTANT, HUMAN, Sides, Whitespace, shared_turns, split_transcript
from hhtools.sources.messages import turns_of
from hhtools.sources.pair_fields import Fields


def split_preference(record: Record, fields: Fields, whitespace: Whitespace = "strip") -> Sides:
    """Split a record into the turns that both sides share and what remains of each, as sources.hh.split_pair does.

    ``whitespace`` "strip" trims every message at both ends; "keep" leaves it as it is.

    >>> question, answer = {"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}
    >>> split_preference({"prompt": "2+2?", "chosen": [question, answer], "rejected": "5"}, Fields())[0]
    [{'role': 'user', 'content': '2+2?'}]

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    asked, system = _asked(record, fields.prompt), _system(record, fields.system)
    chosen, rejected = (
        _with_system(system, _dialogue(record, field, asked), field) for field in (fields.chosen, fields.rejected)
    )
    if whitespace == "strip":
        chosen, rejected = _trimmed(chosen), _trimmed(rejected)
    return shared_turns(chosen, rejected)


def _asked(record: Record, field: str | None) -> list[Message] | None:
    if field is None and record.get("prompt") is None:
        return None
    name = field or "prompt"
    if name not in record:
        raise _missing(record, name)
    if not _is_transcript(record[name]):
        return turns_of(record, name, "user")
    *turns, last = split_transcript(record[name], "keep")
    return turns if last["role"] == "assistant" and not last["content"].strip() else [*turns, last]


def _system(record: Record, field: str | None) -> list[Message]:
    text = record.get(field, "") if field else ""
    if field and (field not in record or type(text) not in (str, type(None))):
        raise wrong_field(record, field, "a string")
    return [{"role": "system", "content": text}] if text and text.strip() else []


def _dialogue(record: Record, field: str, asked: list[Message] | None) -> list[Message]:
    if field not in record:
        raise _missing(record, field)
    if _is_transcript(record[field]):
        raise _transcript(field, asked)
    answer = turns_of(record, field, "assistant")
    if not answer:
        raise Bad("wrong-type", f'"{field}" holds no message')
    if asked is not None:
        return _joined(asked, answer, field)
    if len(answer) == 1 and answer[0]["role"] == "assistant":
        raise _missing(record, "prompt")
    return answer


def _joined(asked: list[Message], answer: list[Message], field: str) -> list[Message]:
    system = asked[:1] if asked and asked[0]["role"] == "system" else []
    question = asked[len(system) :]
    if _repeats(answer, question):
        return _with_system(system, answer, field)
    if "assistant" in (answer[0]["role"], question[-1]["role"]):
        return asked + answer
    told = f'"{field}" is a conversation that does not repeat the prompt'
    raise Bad("wrong-type", f'{told}; take the prompt out (jq "del(.prompt)"), and what both answers share becomes it')


def _repeats(answer: list[Message], question: list[Message]) -> bool:
    # A system message or earlier turns may stand before the question. What begins with an answer goes on from it.
    answer, question = _trimmed(answer), _trimmed(question)
    last = 0 if answer[0]["role"] == "assistant" else len(answer) - len(question)
    return any(answer[start : start + len(question)] == question for start in range(last + 1))


def _with_system(system: list[Message], dialogue: list[Message], field: str) -> list[Message]:
    if not system or dialogue[0]["role"] != "system":
        return system + dialogue
    if _trimmed(dialogue[:1]) != _trimmed(system):
        raise Bad("wrong-type", f'"{field}" begins with a system message of its own, another than the prompt\'s')
    return dialogue


def _trimmed(messages: list[Message]) -> list[Message]:
    return [{"role": message["role"], "content": message["content"].strip()} for message in messages]


def _is_transcript(value: Any) -> bool:
    return type(value) is str and value.startswith((HUMAN, ASSISTANT))


def _transcript(field: str, asked: list[Message] | None) -> Bad:
    if asked is None:
        return Bad("missing-field", 'no field "prompt": this is a raw row of HH-RLHF, run it through hh-parse instead')
    return Bad("wrong-type", f'"{field}" is a transcript of HH-RLHF; without the prompt, hh-parse reads such a row')


def _missing(record: Record, field: str) -> Bad:
    found = ", ".join(f'"{name[:40]}"' for name in list(record)[:8] if name != field)
    what = f'"{field}" is null' if field in record else f'no field "{field}"'
    way_out = "--prompt, --chosen and --rejected name the fields"
    return Bad("missing-field", f"{what}{found and f' beside {found}'}; {way_out}")
