"""The kinds of findings: what each is called, whether a trainer gets over it, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """Something that a trainer trips over: the slug of its kind, and what was found."""

    slug: str
    detail: str


class Kind(NamedTuple):
    """What to do about a kind of finding, and whether it is an error.

    With an error the trainer crashes, or learns something wrong without a word; with a warning it works, but probably
    not as was meant. ``is_error`` holds unless a format or its loader is stricter.
    """

    remedy: str
    is_error: bool = True


def _warning(remedy: str) -> Kind:
    return Kind(remedy, is_error=False)


KINDS: dict[str, Kind] = {
    # The file
    "file-name": Kind("Rename the file: this loader goes by the end of its name."),
    "compressed": Kind("Unpack the file (gunzip, zstd -d): this loader cannot."),
    "byte-order-mark": Kind("Take the mark out: sed -i '1s/^\\xEF\\xBB\\xBF//' FILE"),
    "json-array": Kind("Give each row a line of its own: jq -c '.[]' FILE"),
    "blank-line": Kind("Take the blank lines out: this loader takes each for a row."),
    "no-final-newline": _warning("End the last line with a line break, or cat glues the next file to it."),
    "no-rows": Kind("Look at what made the file: a trainer stops when there are no rows."),
    "few-rows": _warning("Give more rows, or tell the trainer to take smaller batches."),
    # The line
    "bad-json": Kind("Write one whole JSON object on each line, and nothing else."),
    "bad-utf8": Kind("Convert the file to UTF-8: iconv -f ENCODING -t UTF-8 FILE"),
    "bad-surrogate": Kind("Write whole characters; what writes rows has --repair-surrogates for it."),
    "nul-line": Kind("Make the file again: it was damaged, probably by a crash."),
    "line-too-long": Kind("Drop the row, or check it all the same with --max-line BYTES."),
    "too-deep": Kind("Take out what is nested so deeply: loaders refuse it."),
    "not-object": Kind('Write each row as one object, {"key": value, ...}.'),
    "not-a-number": Kind("Write a number, or drop the row: JSON has no NaN and no Infinity."),
    "duplicate-key": Kind("Write each key once: a loader refuses the row, or takes the last value."),
    # Keys and types
    "missing-key": Kind("Write every key of the format in every row."),
    "other-format": Kind("Check it with --for that format, or make the file again for this one."),
    "keys-differ": _warning("Give all rows the keys of the first one."),
    "types-differ": _warning("Give each key values of one type, in all rows."),
    "wrong-type": Kind("Write the type that this trainer reads under this key."),
    "empty-list": Kind("Drop such rows: there has to be a message."),
    "unknown-role": Kind("Name the speakers as this trainer does."),
    # Labels
    "label-not-boolean": Kind("Write true or false, without quotation marks."),
    "label-is-number": _warning("Write true and false: other KTO trainers drop rows that say 1 and 0."),
    "unknown-preference": Kind('Write "chosen" or "rejected": all else counts as rejected.'),
    "label-length": Kind("Give all rows a number for each attribute, in one order."),
    "all-masked": Kind("Drop such rows: when all attributes are masked, training stops."),
    "bad-label": _warning("Write labels as attribute:number, with commas between them."),
    # Texts and turns
    "empty-text": _warning("Drop such rows: there is nothing to learn from an empty text."),
    "long-text": Kind("Drop such rows, or allow longer ones with --max-chars."),
    "boundary-white-space": _warning("Take white space off the prompt's end; one space may begin the answer."),
    "outer-white-space": Kind("Trim each message at both ends, as hh-parse does."),
    "turn-order": _warning("Let user and assistant take turns: some chat templates refuse all else."),
    "many-system-messages": Kind("Make one system message of them, at the start."),
    "transcript-in-message": _warning("Give each turn a message of its own, as hh-parse does."),
    "unmasked": Kind("Let the mask name a speaker, as the conversations name them."),
    "no-label-marker": _warning("End each text with <extra_id_2>: that is where the rating is read."),
    "unclosed-turn": _warning("End prompts with <extra_id_1>Assistant\\n, answers with \\n<extra_id_1>."),
    # Preferences
    "no-prompt": _warning("Write the prompt apart from the answers, as hh-parse does."),
    "prompts-differ": _warning("Drop such rows: only the last answer may tell the two sides apart."),
    "same-answers": _warning("Drop such rows: of two equal answers, neither is better."),
    "same-rank": Kind("Drop such rows, or rank one answer 0 and the other 1."),
    "answer-count": Kind("Give each prompt exactly two answers."),
    "unpaired-rows": Kind("Write each good row with its bad row on the next line, and nothing between."),
    "adjacent-prompts": _warning("Write the rows of a prompt apart: hh-unpack-kto --stagger 16"),
    "imbalance": _warning("Set one of the two weights in the trainer, and leave the other at 1."),
}
