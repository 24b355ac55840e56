from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhtools.records import Bad, Message
from hhtools.sources.hh import Whitespace, split_pair, split_transcript
from tests.dialogues import assistant, transcript, user

TRANSCRIPTS = {
    "one turn each": ("\n\nHuman: Hi\n\nAssistant: Hello", [user("Hi"), assistant("Hello")]),
    "an empty answer": ("\n\nHuman: Hi\n\nAssistant: ", [user("Hi"), assistant("")]),
    "no space after the colon": ("\n\nHuman:Hi\n\nAssistant:Hello", [user("Hi"), assistant("Hello")]),
    "two assistant turns": (
        "\n\nHuman: a\n\nAssistant: b\n\nAssistant: c",
        [user("a"), assistant("b"), assistant("c")],
    ),
    "two human turns": ("\n\nHuman: a\n\nHuman: b", [user("a"), user("b")]),
    "the assistant begins": ("\n\nAssistant: a\n\nHuman: b", [assistant("a"), user("b")]),
    "two assistants begin": ("\n\nAssistant: a\n\nAssistant: b", [assistant("a"), assistant("b")]),
    "Human: inside a line": ("\n\nHuman: a\n\nAssistant: Human: b", [user("a"), assistant("Human: b")]),
    "one newline is no marker": ("\n\nHuman: a\nAssistant: b", [user("a\nAssistant: b")]),
    "three newlines": ("\n\nHuman: a\n\n\nAssistant: b", [user("a"), assistant("b")]),
    "a dangling Human": ("\n\nHuman: a\n\nAssistant: b\n\nHuman", [user("a"), assistant("b\n\nHuman")]),
    "paragraphs": ("\n\nHuman: a\n\nb\n\nAssistant: c\n\nd", [user("a\n\nb"), assistant("c\n\nd")]),
    "white space around": ("\n\nHuman:   a \n\nAssistant:\tb\n", [user("a"), assistant("b")]),
}

KEPT = {
    "one space belongs to the marker": ("\n\nHuman:  a \n\nAssistant:b\n", [user(" a "), assistant("b\n")]),
    "three newlines": ("\n\nHuman: a\n\n\nAssistant: b", [user("a\n"), assistant("b")]),
}

NOT_TRANSCRIPTS = {
    "": "the transcript is empty",
    "Hi": "it does not begin with a marker",
    " \n\nHuman: a": "it does not begin with a marker",
    "\n": "it does not begin with a marker",
}


@pytest.mark.parametrize(("text", "messages"), TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_transcript_is_split(text: str, messages: list[Message]) -> None:
    assert split_transcript(text) == messages


@pytest.mark.parametrize(("text", "messages"), KEPT.values(), ids=KEPT)
def test_white_space_is_kept_on_request(text: str, messages: list[Message]) -> None:
    assert split_transcript(text, "keep") == messages


@pytest.mark.parametrize(("text", "detail"), NOT_TRANSCRIPTS.items())
def test_text_without_a_leading_marker_is_bad(text: str, detail: str) -> None:
    with pytest.raises(Bad, match=f"bad-transcript: {detail}"):
        split_transcript(text)


PAIRS = {
    "the last answer differs": (["H: q", "A: x"], ["H: q", "A: y"], 1),
    "the last answer of three turns": (["H: q", "A: x", "H: r", "A: y"], ["H: q", "A: x", "H: r", "A: z"], 3),
    "the prompts differ": (["H: q", "A: x", "H: r", "A: y"], ["H: q", "A: x", "H: s", "A: y"], 2),
    "nothing is shared": (["H: q", "A: x"], ["H: r", "A: x"], 0),
    "one side has one turn": (["H: q"], ["H: q", "A: x"], 0),
    "one answer is empty": (["H: q", "A: "], ["H: q", "A: x"], 1),
    "one answer begins the other": (["H: q", "A: x"], ["H: q", "A: x and y"], 1),
    "a tie": (["H: q", "A: x"], ["H: q", "A: x"], 1),
    "two answers at the end of one side": (
        ["H: q", "A: x", "H: r", "A: y", "A: z"],
        ["H: q", "A: x", "H: r", "A: w"],
        3,
    ),
    "two answers inside the prompt": (
        ["H: q", "A: x", "A: y", "H: r", "A: z"],
        ["H: q", "A: x", "A: y", "H: r", "A: w"],
        4,
    ),
    "the human speaks last": (["H: q", "A: x", "H: r"], ["H: q", "A: x", "H: s"], 2),
    "the human speaks last on one side": (["H: q", "A: x"], ["H: q", "A: x", "H: s"], 1),
    "the assistant begins": (["A: x"], ["A: y"], 0),
    "white space at the joint": (["H: q ", "A: x"], ["H: q", "A: y"], 1),
}


@pytest.mark.parametrize(("chosen", "rejected", "shared"), PAIRS.values(), ids=PAIRS)
def test_prompt_is_what_both_sides_share(chosen: list[str], rejected: list[str], shared: int) -> None:
    left, right = split_transcript(transcript(*chosen)), split_transcript(transcript(*rejected))
    assert split_pair(transcript(*chosen), transcript(*rejected)) == (left[:shared], left[shared:], right[shared:])


PIECES = st.sampled_from(
    ["\n\nHuman:", "\n\nAssistant:", " ", "\n", "a", "Human:", "\n\n", "“é”", "😀", "\x1c", "\u2028"]
)
DIALOGUES = st.lists(PIECES, max_size=12).map("".join)


@given(DIALOGUES, DIALOGUES, DIALOGUES, st.sampled_from(["strip", "keep"]))
def test_nothing_is_lost(shared: str, chosen: str, rejected: str, whitespace: Whitespace) -> None:
    """Prompt + chosen and prompt + rejected are both dialogues, whichever way the pair was split."""
    texts = ("\n\nHuman: " + shared + chosen, "\n\nHuman: " + shared + rejected)
    dialogues = [split_transcript(text, whitespace) for text in texts]
    prompt, *remainders = split_pair(texts[0], texts[1], whitespace)
    assert [prompt + remainder for remainder in remainders] == dialogues
    assert all(remainders)
    assert len(prompt) == min(len(dialogues[0]) - 1, len(dialogues[1]) - 1, _common(*dialogues))


@given(st.text() | DIALOGUES, st.text() | DIALOGUES)
def test_both_sides_are_checked(chosen: str, rejected: str) -> None:
    """A pair is bad exactly when one of its transcripts is."""
    assert _is_bad(split_pair, chosen, rejected) == (
        _is_bad(split_transcript, chosen) or _is_bad(split_transcript, rejected)
    )


@given(st.lists(st.tuples(st.sampled_from(["\n\nHuman:", "\n\nAssistant:"]), st.text("ab \n", max_size=4)), min_size=1))
def test_kept_text_can_be_rebuilt(turns: list[tuple[str, str]]) -> None:
    """With "keep", a transcript that has a space after each colon comes back character by character."""
    text = "".join(f"{marker} {content}" for marker, content in turns)
    names = {"user": "Human", "assistant": "Assistant"}
    messages = split_transcript(text, "keep")
    assert "".join(f"\n\n{names[message['role']]}: {message['content']}" for message in messages) == text


def _common(left: list[Message], right: list[Message]) -> int:
    return next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _is_bad(split: object, *texts: str) -> bool:
    assert callable(split)
    try:
        split(*texts)
    except Bad:
        return True
    return False
