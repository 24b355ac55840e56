from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.formats.templates import TEMPLATES
from hhtools.records import Message
from tests.dialogues import assistant, system, user

PROMPT = [user("Q1"), assistant("A1"), user("Q2")]
WITH_SYSTEM = [system("Be brief."), *PROMPT]


class Written(NamedTuple):
    """The text of PROMPT, of the answer "A2" to it, and of the same prompt after a system message."""

    prompt: str
    answer: str
    with_system: str


TEXTS = {
    "hh": Written(
        "\n\nHuman: Q1\n\nAssistant: A1\n\nHuman: Q2\n\nAssistant:",
        " A2",
        "Be brief.\n\nHuman: Q1\n\nAssistant: A1\n\nHuman: Q2\n\nAssistant:",
    ),
    "nemo": Written(
        "Human:\nQ1\nAssistant:\nA1\nHuman:\nQ2\nAssistant:\n",
        "A2",
        "Be brief.\nHuman:\nQ1\nAssistant:\nA1\nHuman:\nQ2\nAssistant:\n",
    ),
    "extra-id": Written(
        "<extra_id_0>System\n\n<extra_id_1>User\nQ1\n<extra_id_1>Assistant\nA1\n<extra_id_1>User\nQ2\n"
        "<extra_id_1>Assistant\n",
        "A2\n<extra_id_1>",
        "<extra_id_0>System\nBe brief.\n<extra_id_1>User\nQ1\n<extra_id_1>Assistant\nA1\n<extra_id_1>User\nQ2\n"
        "<extra_id_1>Assistant\n",
    ),
    "llama2": Written(
        "[INST] Q1 [/INST] A1 </s><s>[INST] Q2 [/INST]",
        " A2 </s>",
        "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nQ1 [/INST] A1 </s><s>[INST] Q2 [/INST]",
    ),
    "llama3": Written(
        "<|start_header_id|>user<|end_header_id|>\n\nQ1<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nA1<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nQ2<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
        "A2<|eot_id|>",
        "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nQ1<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nA1<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nQ2<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    "chatml": Written(
        "<|im_start|>user\nQ1<|im_end|>\n<|im_start|>assistant\nA1<|im_end|>\n<|im_start|>user\nQ2<|im_end|>\n"
        "<|im_start|>assistant\n",
        "A2<|im_end|>",
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nQ1<|im_end|>\n<|im_start|>assistant\nA1<|im_end|>\n"
        "<|im_start|>user\nQ2<|im_end|>\n<|im_start|>assistant\n",
    ),
    "alpaca": Written(
        "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
        "### Instruction:\nQ1\n\n### Response:\nA1\n\n### Instruction:\nQ2\n\n### Response:\n",
        "A2",
        "Be brief.\n\n### Instruction:\nQ1\n\n### Response:\nA1\n\n### Instruction:\nQ2\n\n### Response:\n",
    ),
    "mistral": Written(
        "[INST] Q1[/INST] A1</s>[INST] Q2[/INST]",
        " A2</s>",
        "[INST] Q1[/INST] A1</s>[INST] Be brief.\n\nQ2[/INST]",
    ),
}


def test_every_template_is_written_out_here() -> None:
    assert TEXTS.keys() == TEMPLATES.keys()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_prompt_and_its_answer(name: str) -> None:
    prompt, answer, with_system = TEXTS[name]
    assert TEMPLATES[name].texts(PROMPT, "A2") == [prompt, answer]
    assert TEMPLATES[name].texts(WITH_SYSTEM, "A2") == [with_system, answer]


@pytest.mark.parametrize("name", TEMPLATES)
def test_messages_are_not_changed(name: str) -> None:
    prompt = [*WITH_SYSTEM]
    TEMPLATES[name].texts(prompt)
    assert prompt == [system("Be brief."), user("Q1"), assistant("A1"), user("Q2")]


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_prompt_ends_in_a_space(name: str) -> None:
    assert not TEXTS[name][0].endswith(" ")


BOS = {"llama2": "<s>", "llama3": "<|begin_of_text|>", "mistral": "<s>"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_bos_stands_at_the_beginning_once_and_only_on_request(name: str) -> None:
    bos = BOS.get(name, "")
    assert TEMPLATES[name].bos == bos
    assert TEMPLATES[name].with_bos().texts(PROMPT) == [bos + TEXTS[name][0]]
    assert TEMPLATES[name].texts(PROMPT) == [TEXTS[name][0]]


@pytest.mark.parametrize("name", ["llama2", "llama3"])
def test_these_models_trim_contents(name: str) -> None:
    given_text = TEMPLATES[name].texts([user(" Q1\n"), assistant(" A1 "), user("\nQ2")], " A2\n")
    assert given_text == [*TEXTS[name][:2]]


@pytest.mark.parametrize("name", ["hh", "nemo", "extra-id", "chatml", "alpaca", "mistral"])
def test_the_others_keep_them(name: str) -> None:
    _, answer = TEMPLATES[name].texts(PROMPT, " A2")
    assert answer == TEXTS[name][1].replace("A2", " A2")


# The way back, for the tests alone: what a turn looks like, and who speaks in it.
TURNS = {
    "hh": r"\n\n(Human|Assistant): (.*?)(?=\n\nHuman: |\n\nAssistant: |\Z)",
    "nemo": r"(?:\A|(?<=\n))(Human|Assistant):\n(.*?)(?:\n(?=Human:\n|Assistant:\n)|\Z)",
    "extra-id": r"<extra_id_\d>(System|User|Assistant)\n(.*?)\n(?=<extra_id_1>)",
    "llama3": r"<\|start_header_id\|>(\w+)<\|end_header_id\|>\n\n(.*?)<\|eot_id\|>",
    "chatml": r"<\|im_start\|>(\w+)\n(.*?)<\|im_end\|>",
    "alpaca": r"### (Instruction|Response):\n(.*?)(?:\n\n(?=### )|\Z)",
}
# Their turns come in exchanges: a system text if any, a question, an answer.
EXCHANGES = {
    "llama2": r"\[INST\] (?:<<SYS>>\n(.*?)\n<</SYS>>\n\n)?(.*?) \[/INST\] (.*?) </s>",
    "mistral": r"\[INST\] (?:(Be [^\n]*)\n\n)?(.*?)\[/INST\] (.*?)</s>",
}
SPEAKERS = {"Human": "user", "User": "user", "Instruction": "user", "Assistant": "assistant", "Response": "assistant"}


def messages_in(name: str, text: str) -> list[tuple[str, str]]:
    """Read a dialogue back from its text; a system message comes first."""
    if name in EXCHANGES:
        exchanges = re.findall(EXCHANGES[name], text, re.DOTALL)
        systems = [("system", found) for found, _, _ in exchanges if found]
        return systems + [turn for _, asked, said in exchanges for turn in (("user", asked), ("assistant", said))]
    first = re.search(TURNS[name], text, re.DOTALL)
    before = text[: first.start()].strip() if first else ""
    turns = [(SPEAKERS.get(who, who.lower()), said) for who, said in re.findall(TURNS[name], text, re.DOTALL)]
    return [("system", before)] * bool(before) + [turn for turn in turns if turn != ("system", "")]


CONTENTS = st.text(alphabet="ab é0.\n'?", min_size=1, max_size=12).map(str.strip).filter(bool)


@pytest.mark.parametrize("name", TEMPLATES)
@given(contents=st.lists(CONTENTS, min_size=2, max_size=8), begins_with_system=st.booleans())
def test_the_way_back_gives_the_messages(name: str, contents: list[str], begins_with_system: bool) -> None:
    speakers = (user, assistant)
    dialogue: list[Message] = [speakers[number % 2](content) for number, content in enumerate(contents)]
    if len(dialogue) % 2:
        dialogue.append(assistant("A"))
    if begins_with_system or name == "alpaca":
        dialogue = [system("Be brief."), *dialogue]
    *prompt, answer = dialogue
    text = "".join(TEMPLATES[name].texts(prompt, answer["content"]))
    assert messages_in(name, text) == [(message["role"], message["content"]) for message in dialogue]
