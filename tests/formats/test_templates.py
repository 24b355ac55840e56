from __future__ import annotations

from hhtools.formats import templates
from tests.dialogues import assistant, system, user

PROMPT = [user("Q1"), assistant("A1"), user("Q2")]


def test_hh_is_the_transcript_of_the_data_set() -> None:
    assert templates.hh(PROMPT) == "\n\nHuman: Q1\n\nAssistant: A1\n\nHuman: Q2\n\nAssistant:"


def test_nemo_has_the_whole_history() -> None:
    assert templates.nemo(PROMPT) == "Human:\nQ1\nAssistant:\nA1\nHuman:\nQ2\nAssistant:\n"


def test_a_system_message_comes_first_as_it_is() -> None:
    assert templates.hh([system("Be brief."), user("Q")]) == "Be brief.\n\nHuman: Q\n\nAssistant:"
    assert templates.nemo([system("Be brief."), user("Q")]) == "Be brief.\nHuman:\nQ\nAssistant:\n"
