from __future__ import annotations

import re

import pytest

from hhtools.records import Bad, Record
from hhtools.show.text import TextView
from hhtools.show.width import width_of
from tests.conftest import STEERLM_ROWS
from tests.dialogues import assistant, pair, transcript, user

LONG = {
    **pair(
        user("How do I keep basil fresh?"),
        chosen="Treat it like a bunch of flowers, and keep it out of the sun.\n\n1. Trim the stems.",
        rejected="Treat it like a bunch of weeds, and keep it out of the sun.",
    ),
    "source": "helpful-base",
    "margin": 2,
}

# (columns, record, what is shown)
SHOWN: dict[str, tuple[int, Record, str]] = {
    "side by side": (
        80,
        LONG,
        """\
== x.jsonl:7  source: helpful-base  pair =======================================
margin: 2

user
  How do I keep basil fresh?

chosen                                 | rejected
  Treat it like a bunch of             |   Treat it like a bunch of [-weeds,-]
  {+flowers,+} and keep it out of the  |   and keep it out of the sun.
  sun.                                 |
                                       |
  {+1. Trim the stems.+}               |

""",
    ),
    "one above the other": (
        40,
        LONG,
        """\
== x.jsonl:7  source: helpful-base  pair
margin: 2

user
  How do I keep basil fresh?

chosen
  Treat it like a bunch of {+flowers,+}
  and keep it out of the sun.

  {+1. Trim the stems.+}

rejected
  Treat it like a bunch of [-weeds,-]
  and keep it out of the sun.

""",
    ),
    "wide signs": (
        80,
        pair(user("你好 👩‍🔬"), chosen="世界 " * 12, rejected="👍🏽❤️🇫🇷e\u0301 x"),
        """\
== x.jsonl:7  pair =============================================================

user
  你好 👩‍🔬

chosen                                 | rejected
  {+世界 世界 世界 世界 世界 世界 世界 |   [-👍🏽❤️🇫🇷é x-]
  世界 世界 世界 世界 世界+}           |

""".replace("é", "e\u0301"),
    ),
    "several turns on a side": (
        80,
        {"chosen": transcript("H: 2+2?", "A: 4", "H: No!"), "rejected": transcript("H: 2+2?", "A: 5")},
        """\
== x.jsonl:7  pair =============================================================

user
  2+2?

chosen                                 | rejected
assistant                              |   [-5-]
  {+4+}                                |
user                                   |
  {+No!+}                              |

""",
    ),
    "a labelled row": (
        80,
        {"prompt": "2+2?", "completion": " 4", "label": True},
        """\
== x.jsonl:7  KTO row ==========================================================

prompt
  2+2?

desirable
   4

""",
    ),
    "labelled turns": (
        60,
        STEERLM_ROWS[0],
        """\
== x.jsonl:7  SteerLM record ===============================
mask: User
type: VALUE_TO_TEXT

User
  2+2?
Assistant (helpfulness:4,correctness:4)
  4

""",
    ),
    "a red-team transcript": (
        30,
        {"transcript": transcript("H: Hi", "A: Hello"), "rating": 1.0, "tags": ["theft", "violence", "and so on"]},
        """\
== x.jsonl:7  conversation ===
rating: 1.0
tags: theft, violence, and
  so on

user
  Hi
assistant
  Hello

""",
    ),
    "any other object": (
        30,
        {"id": 7, "of": ["x"]},
        """\
== x.jsonl:7  record =========

  {
    "id": 7,
    "of": [
      "x"
    ]
  }

""",
    ),
    "no prompt": (
        40,
        {"chosen": "4", "rejected": "4"},
        """\
== x.jsonl:7  pair =====================

chosen
  4

rejected
  4

""",
    ),
}


@pytest.mark.parametrize(("width", "record", "text"), SHOWN.values(), ids=SHOWN)
def test_a_record_as_text(width: int, record: Record, text: str) -> None:
    assert TextView(width, in_color=False).record("x.jsonl:7", record) == text
    assert max(map(width_of, text.splitlines())) <= width


def test_colour_takes_no_column() -> None:
    text = TextView(80, in_color=True).record("x.jsonl:7", LONG)
    assert text.splitlines()[6:10] == [
        "\x1b[1mchosen\x1b[m                                 | \x1b[1mrejected\x1b[m",
        "  Treat it like a bunch of \x1b[32mflowers,\x1b[m    |   Treat it like a bunch of \x1b[31mweeds,\x1b[m and",
        "  and keep it out of the sun.          |   keep it out of the sun.",
        "                                       |",
    ]
    without = re.sub("\x1b\\[[0-9;]*m", "", text)
    assert without.splitlines()[0] == SHOWN["side by side"][2].splitlines()[0]
    assert all(width_of(line) <= 80 for line in without.splitlines())


def test_a_colour_ends_with_its_line() -> None:
    text = TextView(80, in_color=True).record("x.jsonl:7", pair(chosen="word " * 40, rejected="other " * 60))
    for line in text.splitlines():
        assert line.count("\x1b[m") == len(re.findall("\x1b\\[[0-9;]+m", line))


def test_a_bad_record_is_a_line() -> None:
    bad = Bad("bad-json", "unexpected end of data (byte 57)")
    told = "x.jsonl:7: bad-json: unexpected end of data (byte 57)"
    assert TextView(20, in_color=False).bad("x.jsonl:7", bad) == f"{told}\n\n"
    assert TextView(20, in_color=True).bad("x.jsonl:7", bad) == f"\x1b[1;31m{told}\x1b[m\n\n"


HOSTILE = [
    "\x1b[2J\x1b]0;x\x07",
    "\n== fake.jsonl:1  pair ====",
    "\u202egnp.exe",
    "\x01\x02{+",
    "a\rb\x9b31m\0",
    "\x85\u2028",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("in_color", [True, False])
def test_no_text_passes_for_more_than_text(text: str, in_color: bool) -> None:
    records: list[Record] = [
        pair(user(text), assistant(text), user(text), chosen=text, rejected=f"{text}x"),
        {**pair(), text: text, "source": text},
        {"conversations": [{"from": text, "value": text, "label": text}], "mask": "User", "system": text},
        {text: [text]},
        {"text": text, text: {text: text}},
    ]
    for record in records:
        shown = TextView(80, in_color).record(text, record)
        plain = re.sub("\x1b\\[(1|31|32|36|1;31)?m", "", shown)
        lines = plain.split("\n")
        assert all(line.isprintable() for line in lines)
        assert [line for line in lines if line.startswith("==")] == lines[:1]
        assert shown.count("\x1b[") % 2 == 0


def test_sides_that_are_too_long_say_so() -> None:
    long = pair(chosen="a " * 3000, rejected="b " * 3000)
    first, *others = TextView(100, in_color=False).record("x:1", long).splitlines()
    assert first.startswith("== x:1  pair  not compared word by word: more than 2,000 words ==")
    assert not [line for line in others if "{+" in line or "[-" in line]
