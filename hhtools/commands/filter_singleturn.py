"""hh-filter-singleturn: pairs and conversations -> those in which the human speaks exactly once."""

from __future__ import annotations

from hhtools.pairs import dialogues_of, roles_of
from hhtools.records import Dropped, Record, Rows, Stage
from hhtools.stream.command import filter_command


def filter_singleturn(record: Record) -> Rows:
    """Keep a pair or a conversation, as it is, if the human speaks exactly once (in a pair, on both sides).

    The rule of the CS336 exercise on HH-RLHF. Others are dropped as ``multi-turn``, or as ``no-human-turn``.

    >>> filter_singleturn({"messages": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "Hi?"}]})
    Dropped('multi-turn')

    Raises:
        Bad: ``missing-field`` or ``wrong-type``.
    """
    human_turns = [roles_of(dialogue).count("user") for dialogue in dialogues_of(record)]
    if max(human_turns) > 1:
        return Dropped("multi-turn")
    if min(human_turns) < 1:
        return Dropped("no-human-turn")
    return (record,)


@filter_command(read_fields=("prompt", "chosen", "rejected", "messages"), passes_on=True)
def main() -> Stage:
    """Pairs or conversations in, those with exactly one human message out, byte for byte.

    In a pair the human must speak exactly once on both sides. The others are dropped: multi-turn, or
    no-human-turn when the human says nothing at all.

    Examples:
        zcat helpful-base.jsonl.gz | hh-parse | hh-filter-singleturn > singleturn.jsonl
        hh-parse red-team.json.gz | hh-filter-singleturn -v > attempts.jsonl
    """
    return filter_singleturn
