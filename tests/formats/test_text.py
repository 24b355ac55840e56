from __future__ import annotations

import pickle

from hhtools.formats.templates import TEMPLATES
from hhtools.formats.text import texts_of
from hhtools.pairs import FitPair
from tests.dialogues import user

Q, R = [user("q")], [user("r")]


def test_both_answers_follow_one_prompt() -> None:
    pair = FitPair(Q, "x", "y", Q, {})
    assert texts_of(pair, TEMPLATES["nemo"]) == ("Human:\nq\nAssistant:\n", "x", "Human:\nq\nAssistant:\n", "y")


def test_each_answer_follows_its_own_prompt() -> None:
    pair = FitPair(Q, "x", "y", R, {})
    assert texts_of(pair, TEMPLATES["nemo"]) == ("Human:\nq\nAssistant:\n", "x", "Human:\nr\nAssistant:\n", "y")


def test_templates_can_be_sent_to_workers() -> None:
    for template in TEMPLATES.values():
        assert pickle.loads(pickle.dumps(template.with_bos())).texts(Q, "x") == template.with_bos().texts(Q, "x")


def test_only_templates_that_pair_their_turns_cannot_write_others() -> None:
    assert [name for name, template in TEMPLATES.items() if template.cannot] == ["llama2", "mistral"]
