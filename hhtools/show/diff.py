"""Which words of two texts differ."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

from hhtools.show.width import MARK, UNMARK, WORD

MAX_WORDS = 2000
"""How many words a text may have, but for those that both begin and end with, to be compared word by word."""

_Block = tuple[int, int, int]


def marked(first: str, second: str) -> tuple[str, str] | None:
    r"""Give both texts with the runs of words that differ between MARK and UNMARK.

    A few shared words between two runs that are longer are taken into the run: answers that say something else share
    "the" and "is" by chance. None means that the texts are too long to be compared; it takes quadratic time.

    >>> marked("It is hot.", "It is cold.")
    ('It is \x01hot.\x02', 'It is \x01cold.\x02')
    """
    words, others = WORD.findall(first), WORD.findall(second)
    start, end = _shared_ends(words, others)
    middle, other_middle = words[start : len(words) - end], others[start : len(others) - end]
    if max(len(middle), len(other_middle)) > MAX_WORDS:
        return None
    matcher = SequenceMatcher(None, middle, other_middle)
    within = [(a + start, b + start, size) for a, b, size in matcher.get_matching_blocks() if size]
    blocks = [(0, 0, start), *within, (len(words) - end, len(others) - end, end)]
    kept = _without_chance(_joined(blocks))
    return _marked(first, [(a, size) for a, _, size in kept]), _marked(second, [(b, size) for _, b, size in kept])


def _shared_ends(words: list[str], others: list[str]) -> tuple[int, int]:
    shorter = min(len(words), len(others))
    start = next((i for i in range(shorter) if words[i] != others[i]), shorter)
    room = shorter - start
    end = next((i for i in range(room) if words[-1 - i] != others[-1 - i]), room)
    return start, end


def _joined(blocks: list[_Block]) -> list[_Block]:
    joined = [blocks[0]]
    for block in blocks[1:]:
        a, b, size = joined[-1]
        if (a + size, b + size) == block[:2]:
            joined[-1] = (a, b, size + block[2])
        else:
            joined.append(block)
    return joined


def _without_chance(blocks: list[_Block]) -> list[_Block]:
    # The first and the last block are the ends of the texts, and stay. Of the others, one that is shorter than what
    # differs before it and what differs after it, on the longer side of each, is chance.
    kept = [blocks[0]]
    for block, following in pairwise(blocks[1:]):
        if block[2] >= min(_gap(kept[-1], block), _gap(block, following)):
            kept.append(block)
    return kept + blocks[1:][-1:]


def _gap(block: _Block, following: _Block) -> int:
    return max(following[0] - block[0] - block[2], following[1] - block[1] - block[2])


def _marked(text: str, shared: list[tuple[int, int]]) -> str:
    # Marks all runs of words between those that are shared, without the white space around them.
    spans = [match.span() for match in WORD.finditer(text)]
    parts, written = [], 0
    for (before, size), (after, _) in pairwise([*shared, (len(spans), 0)]):
        if before + size < after:
            start, end = spans[before + size][0], spans[after - 1][1]
            parts += [text[written:start], MARK, text[start:end], UNMARK]
            written = end
    return "".join([*parts, text[written:]])
