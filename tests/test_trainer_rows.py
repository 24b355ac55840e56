"""Laws for the rows of every format of every command, written once: a new format cannot be forgotten."""

from __future__ import annotations

import json
import pickle
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools import read_pairs
from hhtools.formats.pair_rows import fields_of
from hhtools.formats.templates import TEMPLATES
from hhtools.pairs import UNFIT
from hhtools.records import Bad, Record
from tests.dialogues import assistant, pair, system, user
from tests.golden import CASES, METHODS, given_pair
from tests.shell import FILTERS, SAMPLE, hh, jsonl, rows

WITH_TEXT = [(command, name) for command, name in CASES if METHODS[command].formats[name].text]
OF_MESSAGES = [case for case in CASES if case not in WITH_TEXT]


def test_every_command_and_every_format_is_tried_here() -> None:
    assert METHODS.keys() == {
        command for command, main in FILTERS.items() if any(param.name == "template" for param in main.params)
    }
    for method in METHODS.values():
        assert method.rows.keys() == method.formats.keys()


@pytest.mark.parametrize(("command", "format_name"), CASES)
def test_rows_are_what_the_trainer_reads(command: str, format_name: str) -> None:
    """By the function and by the command; compared as JSON, where true is not 1 and the order of fields shows."""
    method, record = METHODS[command], given_pair(format_name)
    expected = [json.dumps(row) for row in method.rows[format_name]]
    assert [json.dumps(row) for row in method.function(record, format_name=format_name)] == expected
    done = hh(command, "--for", format_name, stdin=jsonl(record))
    assert (done.returncode, [json.dumps(row) for row in rows(done.stdout)], done.stderr) == (0, expected, b"")


@pytest.mark.parametrize(("command", "format_name"), CASES)
def test_stages_are_pure_and_pickle(command: str, format_name: str) -> None:
    record = given_pair(format_name)
    before = pickle.dumps(record)
    stage = partial(METHODS[command].function, format_name=format_name)
    assert list(pickle.loads(pickle.dumps(stage))(record)) == METHODS[command].rows[format_name]
    assert pickle.dumps(record) == before


@pytest.mark.parametrize("command", METHODS)
def test_stages_pickle_with_all_their_options(command: str) -> None:
    argv = ["--for", "trl-text", "--template", "llama2", "--bos", "--system", "s", "--keep", "tie", "--carry", "id"]
    record = {**pair(user("q"), chosen="5"), "id": 1}
    stage, _ = FILTERS[command].read(argv)
    copy = pickle.loads(pickle.dumps(stage))
    assert list(copy(record)) == list(stage(record)) != []


# Any pair that there can be: odd roles and turns, empty texts, ties, other fields.
CONTENTS = st.sampled_from(["", " ", "x", " x", "Human: x", "é\n\nx"])
MESSAGES = st.builds(lambda speak, content: speak(content), st.sampled_from([user, assistant, system]), CONTENTS)
PAIRS = st.fixed_dictionaries(
    {
        "prompt": st.lists(MESSAGES, max_size=5) | st.just([user("q")]) | st.just([system("s"), user("q")]),
        "chosen": st.lists(MESSAGES, min_size=1, max_size=2) | st.builds(lambda text: [assistant(text)], CONTENTS),
        "rejected": st.lists(MESSAGES, min_size=1, max_size=2) | st.builds(lambda text: [assistant(text)], CONTENTS),
    },
    optional={"source": st.sampled_from(["a", "", None]), "split": st.sampled_from(["test", 1])},
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "keep": st.sets(st.sampled_from(UNFIT)),
        "history": st.sampled_from(["full", "last"]),
        "system": st.sampled_from(["", "Be brief."]),
    },
)


@given(record=PAIRS, options=OPTIONS)
def test_every_row_has_the_same_fields_of_the_same_types(record: Record, options: dict[str, Any]) -> None:
    for command, format_name in CASES:
        method = METHODS[command]
        try:
            made = method.function(record, format_name=format_name, **options)
        except Bad:
            made = ()
        assert not made or _is_like(list(made), method.rows[format_name]), (command, format_name)


def _is_like(value: Any, golden: Any) -> bool:
    """Tell whether a value has the type of a golden one, and so on inwards; a list may be longer or shorter."""
    if type(value) is not type(golden):
        return False
    if isinstance(value, dict):
        return list(value) == list(golden) and all(_is_like(inner, golden[key]) for key, inner in value.items())
    return not isinstance(value, list) or all(any(_is_like(inner, other) for other in golden) for inner in value)


@pytest.mark.parametrize(("command", "format_name"), CASES)
def test_every_fit_pair_of_the_sample_gives_its_rows(command: str, format_name: str) -> None:
    method = METHODS[command]
    each = len(method.rows[format_name])
    made = [len(method.function(record, format_name=format_name, history="last")) for record in read_pairs(SAMPLE)]
    assert (made.count(each), made.count(0)) == (35, 5)


@pytest.mark.parametrize("command", METHODS)
def test_the_help_names_every_format_and_every_template_with_its_defaults(command: str) -> None:
    text = " ".join(hh(command, "--help").stdout.decode().split()).replace("- ", "-")  # lines break after hyphens
    formats = METHODS[command].formats
    assert f"Who reads the rows: {', '.join(formats)}." in text
    assert f"Write text in this form: {', '.join(TEMPLATES)}, or a chat template in Hugging Face's form." in text
    defaults = text.partition("Hugging Face's form. [default: ")[2].partition("; else messages]")[0]
    told = dict(_names_for(part) for part in defaults.split("; "))
    expected = {name: form.template for name, form in formats.items() if not form.messages}
    assert {name: template for template, names in told.items() for name in names} == expected


def _names_for(part: str) -> tuple[str, list[str]]:
    template, _, names = part.partition(" for ")
    return template, names.split(", ")


@pytest.mark.parametrize(("command", "format_name"), WITH_TEXT)
@pytest.mark.parametrize("template", ["chatml", "llama2"])
def test_naming_a_template_gives_text(command: str, format_name: str, template: str) -> None:
    record = given_pair(format_name)
    prompt, chosen, rejected = TEMPLATES[template].texts(record["prompt"], "good", "poor")
    argv = ["--for", format_name, "--template", template]
    made = rows(hh(command, *argv, stdin=jsonl(record)).stdout)
    assert made == list(METHODS[command].function(record, format_name=format_name, template=TEMPLATES[template]))
    texts = [value for row in made for value in row.values() if isinstance(value, str)]
    assert {prompt, prompt + chosen} & set(texts)
    assert set(texts) <= {prompt, chosen, rejected, prompt + chosen, prompt + rejected, "chosen", "rejected"}


@pytest.mark.parametrize(("command", "format_name"), OF_MESSAGES)
def test_a_template_where_only_messages_are_read_is_a_usage_error(command: str, format_name: str) -> None:
    done = hh(command, "--for", format_name, "--template", "chatml")
    assert (done.returncode, done.stdout) == (2, b"")
    told = done.stderr.decode()
    assert f"rows for {format_name} are made of messages" in told
    assert "leave it out, or write text --for one of " in told
    with pytest.raises(ValueError, match="its trainer applies a template of its own"):
        METHODS[command].function(given_pair(format_name), format_name=format_name, template=TEMPLATES["hh"])


@pytest.mark.parametrize("command", METHODS)
def test_names_that_are_not_there_are_answered_with_those_that_are(command: str) -> None:
    function = METHODS[command].function
    with pytest.raises(ValueError, match=r"no format for 'tlr'; there are .*trl, trl-text"):
        function(pair(), format_name="tlr")
    with pytest.raises(ValueError, match="no template 'lama'; there are hh, nemo"):
        function(pair(), format_name="trl", template="lama")
    assert function(pair(), template="hh") == function(pair(), template=TEMPLATES["hh"])


@pytest.mark.parametrize(("command", "format_name"), CASES)
def test_no_field_of_a_row_can_be_carried_over_it(command: str, format_name: str) -> None:
    for field in fields_of(METHODS[command].formats[format_name]):
        done = hh(command, "--for", format_name, "--carry", field)
        assert (done.returncode, b"a field of that name" in done.stderr) == (2, True)


USAGE = {
    "an unknown format": (["--for", "tlr"], "'tlr' is not one of"),
    "an unknown template": (["--template", "lama"], "'lama' is none of hh, nemo, extra-id, llama2, llama3, chatml"),
    "a template without a name": (["--template", ""], "'' is none of hh, nemo"),
    "BOS without text": (["--for", "trl", "--bos"], "--bos: the rows are made of messages"),
    "BOS of a template that has none": (["--for", "trl", "--template", "hh", "--bos"], "hh has no BOS token; of the"),
    "turns that a template cannot write": (
        ["--for", "trl", "--template", "llama2", "--keep", "role-order"],
        "--keep role-order: this template has no way to write turns that do not alternate",
    ),
}


@pytest.mark.parametrize("command", METHODS)
@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(command: str, argv: list[str], message: str) -> None:
    done = hh(command, *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


@pytest.mark.parametrize("command", METHODS)
def test_a_system_message_stands_where_there_is_none(command: str) -> None:
    records = [pair(user("q")), pair(system("Be kind."), user("q"))]
    argv = ["--for", "trl-text", "--template", "chatml", "--system", "Be brief."]
    first, second = (hh(command, *argv, stdin=jsonl(record)).stdout.decode() for record in records)
    assert r"<|im_start|>system\nBe brief.<|im_end|>" in first
    assert r"<|im_start|>system\nBe kind.<|im_end|>" in second
    assert "brief" not in second


@pytest.mark.parametrize("command", METHODS)
def test_bos_on_request(command: str) -> None:
    record = jsonl(pair(user("q")))
    for argv, begins in ((["--bos"], True), ([], False)):
        done = hh(command, "--for", "trl-text", "--template", "mistral", *argv, stdin=record)
        assert (b'"<s>[INST] q[/INST]' in done.stdout) == begins
