"""What rows have to be to each other: rules that remember what came before, and no more of it than one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hhtools.checks.dialogues import Dialogue, Turn
from hhtools.checks.kinds import Finding
from hhtools.formats.balance import balance_notes
from hhtools.records import Notes, Record

# Where the assistant begins to speak, in the chat templates that people train with; what is like no other text first.
_MARKS = (
    "<extra_id_1>Assistant\n",
    "<|start_header_id|>assistant<|end_header_id|>",
    "<|im_start|>assistant",
    "[/INST]",
    "### Response:",
    "\nAssistant:",
)


class Neighbours:
    """A rule about rows that stand together: it sees each of them, and at the end tells what only the whole shows."""

    def __call__(self, _row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
        """Look at the next row."""
        return iter(())

    def skip(self) -> None:
        """Pass over a row that cannot be read."""

    def finish(self) -> Iterator[Finding]:
        """Look at the whole, when there are no more rows."""
        return iter(())

    def notes(self) -> Notes:
        """Give what there is to know about the whole, for the summary and the report."""
        return {}


class PromptsApart(Neighbours):
    """No row has the prompt of the row before it: trainers with a KL term read neighbours together."""

    def __init__(self) -> None:
        self._last: list[Turn] | None = None

    def __call__(self, _row: Record, dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
        """Compare a row's prompt with that of the row before."""
        prompt = dialogues[0].prompt
        if prompt == self._last:
            yield Finding("adjacent-prompts", "this row has the prompt of the row before it")
        self._last = prompt

    def skip(self) -> None:
        """Forget the row before."""
        self._last = None


class Balance(Neighbours):
    """Desirable and undesirable rows are about as many, or the trainer's weights have to make up for it."""

    def __init__(self, key: str, desirable: bool | str, undesirable: bool | str) -> None:
        self._key = key
        self._sides = (desirable, undesirable)
        self._counts = dict.fromkeys(self._sides, 0)

    def __call__(self, row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
        """Count a row, if its label is one."""
        if row[self._key] in self._sides:
            self._counts[row[self._key]] += 1
        return iter(())

    def finish(self) -> Iterator[Finding]:
        """Tell the weights that TRL recommends, or that one kind is missing."""
        desirable, undesirable = self._counts.values()
        weights = self.notes().get("weights")
        if weights or bool(desirable) != bool(undesirable):
            counts = f"{desirable} desirable and {undesirable} undesirable rows"
            yield Finding("imbalance", f"{counts}: {weights}" if weights else counts)

    def notes(self) -> Notes:
        """Count the desirable and the undesirable rows, if there are any."""
        return balance_notes(*self._counts.values()) if any(self._counts.values()) else {}


class LabelLength(Neighbours):
    """All labels are as long as the first."""

    def __init__(self) -> None:
        self._length = 0

    def __call__(self, row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
        """Compare a label with the first."""
        length = len(row["label"])
        self._length = self._length or length
        if not length:
            yield Finding("label-length", "the label has no number")
        elif length != self._length:
            yield Finding("label-length", f"the label has {length} numbers, and the first one {self._length}")


class PairedRows(Neighbours):
    """Rows come in twos, a good answer and then a bad one to the same prompt: their parity is the label."""

    def __init__(self) -> None:
        self._good: str | None = None
        self._rows = 0

    def __call__(self, row: Record, _dialogues: Sequence[Dialogue]) -> Iterator[Finding]:
        """Compare every other row with the row before it."""
        self._rows += 1
        if self._rows % 2:
            self._good = row["text"]
        elif self._good is not None:
            if self._good == row["text"]:
                yield Finding("same-answers", "this row is the same as its partner, the row before it")
            elif not _share_a_prompt(self._good, row["text"]):
                yield Finding("unpaired-rows", "this row and its partner before it do not share a prompt")

    def skip(self) -> None:
        """Count a row that cannot be read: it still has its place."""
        self._rows += 1
        self._good = None

    def finish(self) -> Iterator[Finding]:
        """Tell of a last row without a partner."""
        if self._rows % 2:
            yield Finding("unpaired-rows", f"{self._rows} rows is an odd number: one has no partner")


def _share_a_prompt(good: str, bad: str) -> bool:
    for mark in _MARKS:
        # A prompt ends where the assistant begins to speak for the last time. An answer may hold such a mark as well,
        # and then the other text, whose answer does not, tells where the prompt ends.
        ends = [text.rindex(mark) + len(mark) for text in (good, bad) if mark in text]
        if ends:
            return any(good[:end] == bad[:end] for end in ends)
    # A template that we do not know: then at least the first lines are the same.
    return "\n" not in good or "\n" not in bad or good.split("\n", 1)[0] == bad.split("\n", 1)[0]
