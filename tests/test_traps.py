"""What real HH-RLHF rows do to trainers, and what becomes of it here: one test for each trap, for every format."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from hhtools import Dropped, parse_pair
from hhtools.records import Rows
from tests.dialogues import pair, transcript, user
from tests.golden import CASES, METHODS
from tests.shell import hh, jsonl, rows, shell

ALL = pytest.mark.parametrize(("command", "format_name"), CASES)
COMMANDS = pytest.mark.parametrize("command", METHODS)


def made_of(command: str, format_name: str, chosen: str, rejected: str) -> Rows:
    (parsed,) = parse_pair({"chosen": chosen, "rejected": rejected})
    return METHODS[command].function(parsed, format_name=format_name)


def reason_of(result: Rows) -> str:
    assert isinstance(result, Dropped)
    return result.reason


def texts(value: object) -> list[str]:
    """List every string in rows, in order."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else []
    return [text for inner in inside for text in texts(inner)]


@ALL
def test_an_empty_chosen_answer_is_no_row(command: str, format_name: str) -> None:
    """LLaMA-Factory trains on it as on an undesirable one."""
    asked = "\n\nHuman: q\n\nAssistant:"
    assert reason_of(made_of(command, format_name, asked, f"{asked} y")) == "empty-answer"


@ALL
def test_the_space_after_the_last_marker_changes_nothing(command: str, format_name: str) -> None:
    """A missing answer ends with "Assistant: " in the files, and with "Assistant:" once a tool has trimmed them."""
    for end in ("\n\nAssistant: ", "\n\nAssistant:"):
        empty, full = f"\n\nHuman: q{end}", "\n\nHuman: q\n\nAssistant: y"
        assert reason_of(made_of(command, format_name, full, empty)) == "empty-answer"


@ALL
def test_two_answers_at_the_end_are_no_row(command: str, format_name: str) -> None:
    single, double = transcript("H: q", "A: x"), transcript("H: q", "A: y", "A: z")
    assert reason_of(made_of(command, format_name, single, double)) == "prompts-differ"
    shared = transcript("H: q", "A: w", "A: x"), transcript("H: q", "A: w", "A: y")
    assert reason_of(made_of(command, format_name, *shared)) == "role-order"


@ALL
def test_an_answer_that_begins_the_other_stays_whole(command: str, format_name: str) -> None:
    """Trainers that look for the first difference of two texts cut it off, or the first letter of the other."""
    chosen, rejected = transcript("H: q?", "A: Yes"), transcript("H: q?", "A: Yes, but no")
    found = texts(made_of(command, format_name, chosen, rejected))
    answers = {text for text in found if "Yes" in text}
    assert all("q?" in text or text.startswith(("Yes", " Yes")) for text in answers)
    assert any("but no" in text for text in answers) == (command not in {"hh-to-sft", "hh-to-prompts"})


@ALL
@pytest.mark.parametrize("answer", ["Bye\n\nHuman", "Human: Bye", "Bye\nHuman: q", "Bye\n\nHum: q"])
def test_words_that_are_no_marker_stay_in_the_answer(command: str, format_name: str, answer: str) -> None:
    (parsed,) = parse_pair({"chosen": transcript("H: q", f"A: {answer}"), "rejected": transcript("H: q", "A: y")})
    assert parsed["chosen"] == [{"role": "assistant", "content": answer}]
    made = METHODS[command].function(parsed, format_name=format_name)
    wanted = format_name == "verl" or command != "hh-to-prompts"
    assert any(answer in text for text in texts(made)) == wanted


LABELS = {"preference": ["chosen", "rejected"], "label": [True, False], "kto_tag": [True, False]}


@pytest.mark.parametrize("format_name", METHODS["hh-unpack-kto"].formats)
def test_labels_have_the_one_type_that_the_trainer_takes(format_name: str) -> None:
    """Not 1 and 0, not 1 and -1, not "true": most trainers take each of them for something, without a word."""
    done = hh("hh-unpack-kto", "--for", format_name, stdin=jsonl(pair()))
    found = [row[field] for row in rows(done.stdout) for field in LABELS if field in row]
    assert json.dumps(found) in {json.dumps(labels) for labels in LABELS.values()}


@pytest.mark.parametrize("margin", ["NaN", "true", '"-1"', "null"])
def test_a_margin_is_a_number(margin: str) -> None:
    line = json.dumps({**pair(), "m": 7}).replace("7", margin)
    done = hh("hh-to-reward", "--margin", "m", stdin=line)
    assert (done.returncode, done.stdout) == (65, b"")


def test_the_two_lines_of_a_nemo_reward_pair_come_and_go_together() -> None:
    """The number of a line is the label: one line too many, and all after it are the wrong way round."""
    records = [pair(user("a")), pair(user("b"), chosen=""), {"id": 1}, pair(user("c"))]
    for limit in ("3", "4"):
        done = hh("hh-to-reward", "--for", "nemo", "--max-bad", "1", "-n", limit, stdin=jsonl(*records))
        found = [row["text"] for row in rows(done.stdout)]
        assert [text[-15:] for text in found] == ["\n4\n<extra_id_1>", "\n5\n<extra_id_1>"] * (len(found) // 2)
        assert len(found) == {"3": 2, "4": 4}[limit]


@COMMANDS
def test_half_a_character_is_never_written(command: str) -> None:
    line = json.dumps(pair(user("q"), chosen="\ud800"))
    done = hh(command, "--max-bad", "1", stdin=f"{line}\n".encode() + jsonl(pair()))
    assert (done.returncode, b"bad-surrogate 1" in done.stderr) == (0, True)
    assert b"\\ud8" not in done.stdout


@COMMANDS
def test_files_are_read_to_their_end_however_they_were_made(command: str, tmp_path: Path) -> None:
    """Without a newline at the end, with blank lines, packed in several members."""
    line = jsonl(pair())
    expected = hh(command, stdin=line + line).stdout
    assert expected.endswith(b"}\n")
    assert b"\n\n" not in expected
    assert hh(command, stdin=line + line.rstrip(b"\n")).stdout == expected
    assert hh(command, stdin=b"\n" + line + b" \n" + line).stdout == expected
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(line) + gzip.compress(line))
    assert hh(command, tmp_path / "x.jsonl.gz").stdout == expected


@COMMANDS
def test_a_reader_that_has_enough_ends_the_command_without_a_word(command: str, tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_bytes(jsonl(pair()) * 20_000)
    done = shell(f"set +o pipefail; {command} pairs.jsonl | head -n 1; echo ${{PIPESTATUS[0]}} >&2", tmp_path)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == "141\n"
