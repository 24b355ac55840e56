from __future__ import annotations

from typing import Any

import pytest

from hhtools.commands.filter_length import filter_length
from hhtools.records import Bad, Dropped, Record
from tests.dialogues import assistant, pair, user
from tests.shell import hh, jsonl

PAIR = pair(user("How many?"), assistant("Of  what?"), user("Cats."), chosen="Four cats", rejected="5")
"""The prompt has 9 + 9 + 5 = 23 characters and 2 + 2 + 1 = 5 words, the answers 9 and 1 characters, 2 and 1 words."""

ACCENTS = {"messages": [user("où ?\u2028日本"), assistant("🙂\n")]}
"""4 + 1 + 2 + 1 + 1 = 9 characters, 3 + 1 = 4 words, and 5 + 3 + 6 + 4 + 1 = 19 bytes."""

LONGER_LATER = {"prompt": [user("q")], "chosen": [assistant("x"), user("r"), assistant("yy")], "rejected": []}
NO_PROMPT = {"prompt": [], "chosen": [user("q"), assistant("xx")], "rejected": [assistant("y")]}

# (record, the smallest length that counts and the largest, of what, unit)
LENGTHS: dict[str, tuple[Record, int, int, str, str]] = {
    "the prompt": (PAIR, 23, 23, "prompt", "chars"),
    "the chosen answer": (PAIR, 9, 9, "chosen", "chars"),
    "the rejected answer": (PAIR, 1, 1, "rejected", "chars"),
    "each of the answers": (PAIR, 1, 9, "answers", "chars"),
    "each dialogue": (PAIR, 24, 32, "whole", "chars"),
    "words of the prompt": (PAIR, 5, 5, "prompt", "words"),
    "words of the answers": (PAIR, 1, 2, "answers", "words"),
    "words of each dialogue": (PAIR, 6, 7, "whole", "words"),
    "characters of a conversation": (ACCENTS, 9, 9, "whole", "chars"),
    "words of a conversation": (ACCENTS, 4, 4, "whole", "words"),
    "bytes of a conversation": (ACCENTS, 19, 19, "whole", "bytes"),
    "bytes of an answer": (pair(chosen="é"), 2, 2, "chosen", "bytes"),
    "a side that goes on": ({**LONGER_LATER, "rejected": [assistant("z")]}, 1, 4, "answers", "chars"),
    "no prompt at all": (NO_PROMPT, 0, 0, "prompt", "chars"),
    "sides without a prompt": (NO_PROMPT, 1, 3, "whole", "chars"),
    "an empty conversation": ({"messages": []}, 0, 0, "whole", "words"),
}


@pytest.mark.parametrize(("record", "low", "high", "of", "unit"), LENGTHS.values(), ids=LENGTHS)
def test_lengths(record: Record, low: int, high: int, of: Any, unit: Any) -> None:
    """Kept within the very bounds, and dropped when one of them is one further in."""
    bounds: list[tuple[int | None, int | None, str | None]] = [
        (low, high, None),
        (low, None, None),
        (None, high, None),
        (low + 1, None, "too-short"),
        *([(None, high - 1, "too-long")] if high else []),
    ]
    for minimum, maximum, reason in bounds:
        result = filter_length(record, of=of, unit=unit, minimum=minimum or 0, maximum=maximum)
        if reason is None:
            assert result[0] is record
        else:
            assert isinstance(result, Dropped)
            assert result.reason == reason
        given = {"--min": minimum, "--max": maximum}
        limits = [f"{option}={bound}" for option, bound in given.items() if bound is not None]
        done = hh("hh-filter-length", *limits, "--of", of, "--unit", unit, stdin=jsonl(record))
        assert (done.returncode, done.stdout, done.stderr) == (0, b"" if reason else jsonl(record), b"")


def test_too_short_is_told_before_too_long() -> None:
    result = filter_length(PAIR, of="answers", minimum=2, maximum=8)
    assert isinstance(result, Dropped)
    assert result.reason == "too-short"


def test_whole_dialogues_and_characters_are_what_is_measured_unless_told_otherwise() -> None:
    for limit, dropped in (("32", 0), ("31", 1)):
        done = hh("hh-filter-length", "--max", limit, "-v", stdin=jsonl(PAIR))
        assert f" {dropped} dropped" in done.stderr.decode()


def test_the_bytes_of_a_record_are_kept() -> None:
    kept = b'{"messages" : [{"role":"user","content":"\\u00e9\\/"}], "n":1.50, "big":123456789012345678901234567890}\n'
    assert hh("hh-filter-length", "--min", "2", "--max", "2", stdin=kept).stdout == kept


@pytest.mark.parametrize(
    ("record", "of", "message"),
    [
        ({"chosen": "\n\nHuman: q", "rejected": "\n\nHuman: q"}, "whole", "hh-parse first"),
        ({"messages": [user("q")]}, "answers", "a conversation has no preferred answer"),
        ({"prompt": [user("q")], "completion": [assistant("x")], "label": True}, "prompt", 'no field "chosen"'),
        ({"prompt": "q", "chosen": "x", "rejected": "y"}, "whole", '"prompt" is a string'),
        (LONGER_LATER, "whole", '"rejected" holds no message'),
    ],
)
def test_bad(record: Any, of: Any, message: str) -> None:
    with pytest.raises(Bad, match=message):
        filter_length(record, of=of, minimum=1)
    done = hh("hh-filter-length", "--min", "1", "--of", of, stdin=jsonl(record))
    assert done.returncode == 65
    assert message in done.stderr.decode()


USAGE = {
    "no bounds": (["-v"], "give --min, --max or both"),
    "bounds that leave nothing": (["--min", "9", "--max", "8"], "nothing would be kept"),
    "a negative bound": (["--min", "-1"], "--min"),
    "a bound that is no number": (["--max", "4k"], "--max"),
    "an unknown text": (["--max", "9", "--of", "answer"], "answer"),
    "an unknown unit": (["--max", "9", "--unit", "tokens"], "tokens"),
}


@pytest.mark.parametrize(("argv", "message"), USAGE.values(), ids=USAGE)
def test_usage(argv: list[str], message: str) -> None:
    done = hh("hh-filter-length", *argv)
    assert done.returncode == 2
    assert message in done.stderr.decode()
