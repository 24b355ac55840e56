from __future__ import annotations

import pickle
from datetime import datetime

import pytest

from hhtools.formats.chat_template import ChatTemplate
from hhtools.records import Bad
from tests.dialogues import assistant, system, user
from tests.formats import test_templates

NOW = datetime(2026, 1, 31, 12, 0)
PROMPT = [user("Q1"), assistant("A1"), user("Q2")]
LLAMA2_TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}

# Written for these tests, each with what templates of real models do.
CHATML = """
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if message.role == 'assistant' %}
        {%- generation %}{{ message.content + '<|im_end|>' }}{% endgeneration %}
        {{- '\\n' }}
    {%- else %}
        {{- message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""
LLAMA2 = """
{%- for message in messages %}
    {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('Conversation roles must alternate') }}
    {%- elif message.role == 'user' %}
        {{- bos_token + '[INST] ' + message.content | trim + ' [/INST]' }}
    {%- else %}
        {{- ' ' + message.content | trim + ' ' + eos_token }}
    {%- endif %}
{%- endfor %}"""
SPACED = """
{%- for message in messages %}{{ message.role }}: {{ message.content }}
{% endfor %}
{%- if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"""
DATED = "{% if not date is defined %}{% set date = strftime_now('%d %b %Y') %}{% endif %}{{ date }}" + SPACED
JSON = "{% for message in messages %}{{ message | tojson }}{% break %}{% endfor %}"
NO_TOOLS = "{% if tools is none and documents is none %}{{ messages[0].content }}{% endif %}:"


def template(source: str, **tokens: str) -> ChatTemplate:
    return ChatTemplate(source, tokens, NOW)


# (the template, the text of PROMPT, the text of the answer "A2")
TEXTS: dict[str, tuple[ChatTemplate, str, str]] = {
    "chatml, with what only matters to a mask": (
        template(CHATML),
        test_templates.TEXTS["chatml"].prompt,
        "A2<|im_end|>\n",
    ),
    "llama2, with BOS in every exchange but none in front": (
        template(LLAMA2, **LLAMA2_TOKENS),
        "[INST] Q1 [/INST] A1 </s><s>[INST] Q2 [/INST]",
        " A2 </s>",
    ),
    "llama2, with BOS": (
        template(LLAMA2, **LLAMA2_TOKENS).with_bos(),
        "<s>[INST] Q1 [/INST] A1 </s><s>[INST] Q2 [/INST]",
        " A2 </s>",
    ),
    "a space at the end of the prompt goes to the answer": (
        template(SPACED),
        "user: Q1\nassistant: A1\nuser: Q2\nassistant:",
        " A2\n",
    ),
    "the date of the run": (
        template(DATED),
        "31 Jan 2026user: Q1\nassistant: A1\nuser: Q2\nassistant:",
        " A2\n",
    ),
    "JSON as it is, and a loop that breaks": (template(JSON), '{"role": "user", "content": "Q1"}', ""),
    "no tools, no documents": (template(NO_TOOLS), "Q1:", ""),
}


@pytest.mark.parametrize(("chat", "prompt", "answer"), TEXTS.values(), ids=TEXTS)
def test_a_prompt_and_its_answer(chat: ChatTemplate, prompt: str, answer: str) -> None:
    assert chat.texts(PROMPT, "A2") == [prompt, answer]
    assert pickle.loads(pickle.dumps(chat)).texts(PROMPT, "A2") == [prompt, answer]


WRONG: dict[str, tuple[str, str]] = {
    "the template raises": (LLAMA2, "TemplateError: Conversation roles must alternate"),
    "an error in it": ("{{ messages[0].content + 1 }}", "TypeError: "),
    "a name that is not there": ("{{ messages[0].name.first }}", "UndefinedError: "),
    "it reaches for Python": ("{{ messages.__class__.__mro__ }}", "SecurityError: "),
    "it changes the messages": ("{{ messages.append(1) }}", "SecurityError: "),
    "half a character": (r'{{ "\ud800" }}', "UnicodeEncodeError: "),
    "another prompt": (
        "{% if add_generation_prompt %}A long prompt{% else %}A short one{% endif %}",
        "from character 3 on: 'long prompt' becomes 'short one'",
    ),
    "an end where the answer should be": (
        "{{ messages[0].content }}{% if add_generation_prompt %}<think>{% endif %}",
        "from character 10 on: '<think>' becomes ''",
    ),
}


@pytest.mark.parametrize(("source", "message"), WRONG.values(), ids=WRONG)
def test_what_a_template_does_wrong_is_told_of_the_record(source: str, message: str) -> None:
    with pytest.raises(Bad, match="template-error: ") as caught:
        template(source, **LLAMA2_TOKENS).texts([system("Be brief."), *PROMPT], "A2")
    assert message in caught.value.detail


def test_messages_are_not_changed() -> None:
    prompt = [*PROMPT]
    template(CHATML).texts(prompt, "A2")
    assert prompt == PROMPT


def test_variables_that_nobody_sets() -> None:
    assert {"bos_token", "eos_token", "messages"} <= template(LLAMA2).variables()
    assert not {"bos_token", "eos_token"} & template(CHATML).variables()


@pytest.mark.parametrize("source", ["{{", "{% if %}", "{{ x | nothing }}", "\n{% nothing %}"])
def test_a_template_that_does_not_compile(source: str) -> None:
    with pytest.raises(ValueError, match=r"^line [12]: "):
        template(source).variables()
