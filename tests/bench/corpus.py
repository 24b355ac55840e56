"""A corpus in the shape of HH-RLHF, made from a seed: the same bytes on every machine, and nothing to download.

The shape was measured on harmless-base/test: how many turns a dialogue has, how long they are, how often a row holds a
curly quote, two spaces in a row or an odd pair. The words mean nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

ROWS = 160_000

_SEED = 2204
_SMALL_BYTES = 10_000_000
_STEERLM_ROWS = 8_000

_WORDS = """the to a you it of and is that in for your can be are this with on or have if not as would some do there an
what like how people about them so think they could good more time help sure want make just know when might really also
but see one other any get way idea because which from better maybe great than who find something different into work has
their should look most sounds happy start new read out ask keep try own much need first all home place learn example
talk friend question useful garden kitchen music river mountain bicycle breakfast library window market morning evening
picture letter travel weather summer winter animal language history science number water coffee recipe flour butter
paper pencil travelling painting drawing singing walking cooking planting reading writing building choosing planning
carefully slowly quickly usually sometimes probably especially together outside perhaps enough several important simple
interesting possible popular beautiful comfortable neighbour teacher student family children parents weekend holiday
station airport village museum theatre concert festival football exercise healthy vegetable potato tomato orange
strawberry chocolate sandwich restaurant conversation information instructions suggestion experience opportunity
community organization environment temperature electricity engineering mathematics photography"""
_CURLY_WORDS = "I’m don’t it’s you’re that’s I’d can’t let’s there’s isn’t “yes” “maybe”"
_PLAIN_WORDS = "i'm don't it's thats i'd can't dont whats \"this\" ok yeah u lol"
_ENDINGS = {
    "human": {" ": 90, ", ": 3, "? ": 3, ". ": 3, "\n": 0.1},
    "assistant": {" ": 88, ", ": 5, ". ": 3.1, ".  ": 1.9, "? ": 1, ":\n": 0.08},
}
_HUMAN_TURNS = {
    1: 0.286,
    2: 0.256,
    3: 0.253,
    4: 0.145,
    5: 0.035,
    **{turns: 0.007 * 0.72 ** (turns - 6) for turns in range(6, 19)},
}


class Corpus(NamedTuple):
    """The files of a corpus: all pairs, the same as .gz, their first 10 MB, and SteerLM records."""

    pairs: Path
    pairs_gz: Path
    small: Path
    steerlm: Path


def make(folder: Path, rows: int = ROWS) -> Corpus:
    """Write the corpus into a folder, unless it is there already."""
    corpus = Corpus(*(folder / name for name in ("pairs.jsonl", "pairs.jsonl.gz", "small.jsonl", "steerlm.jsonl")))
    marker = folder / "made"
    made = f"{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()} {rows}\n"
    if not marker.exists() or marker.read_text() != made:
        folder.mkdir(parents=True, exist_ok=True)
        marker.unlink(missing_ok=True)
        _write(corpus, rows)
        marker.write_text(made)
    return corpus


def _write(corpus: Corpus, rows: int) -> None:
    with corpus.pairs.open("w", encoding="utf-8") as pairs:
        pairs.writelines(islice(map(_line, _Dialogues(_SEED).pairs()), rows))
    with corpus.pairs.open("rb") as pairs_again, gzip.GzipFile(corpus.pairs_gz, "wb", 6, mtime=0) as packed:
        shutil.copyfileobj(pairs_again, packed, 1 << 20)
    with corpus.pairs.open("rb") as pairs_again, corpus.small.open("wb") as small:
        small.writelines(pairs_again.readlines(_SMALL_BYTES))
    with corpus.steerlm.open("w", encoding="utf-8") as steerlm:
        steerlm.writelines(islice(map(_line, _Dialogues(_SEED).steerlm_records()), _STEERLM_ROWS))


def _line(record: object) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def _typewritten(text: str) -> str:
    return text.replace("’", "'").replace("“", '"').replace("”", '"')


class _Dialogues:
    # Every text is a piece of one long text for each speaker: drawing each word by itself would take minutes.
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        human, assistant = (
            self._long_text("human", _PLAIN_WORDS.split()),
            self._long_text("assistant", _CURLY_WORDS.split()),
        )
        self._question = partial(self._text, human, 46, 0.69)
        self._reply = partial(self._text, assistant, 125, 0.91)
        self._chosen = partial(self._text, assistant, 107, 0.91)
        self._rejected = partial(self._text, assistant, 141, 0.88)

    def pairs(self) -> Iterator[dict[str, str]]:
        """Give raw pairs without end."""
        while True:
            prompt = self._prompt()
            chosen, rejected = prompt + self._chosen(), prompt + self._rejected()
            chance = self._random.random()
            if chance < 0.002:
                rejected = self._prompt() + self._rejected()
            elif chance < 0.004:
                chosen = prompt
            elif chance < 0.0055:
                doubled = f"{prompt}{self._reply()}\n\nAssistant: "
                chosen, rejected = doubled + self._chosen(), doubled + self._rejected()
            if self._random.random() < 0.11:
                chosen, rejected = _typewritten(chosen), _typewritten(rejected)
            yield {"chosen": chosen, "rejected": rejected}

    def steerlm_records(self) -> Iterator[dict[str, object]]:
        """Give attribute-conditioned SFT records without end, every one rated once."""
        while True:
            ratings = "helpfulness:{},correctness:{},coherence:{},complexity:{},verbosity:{}"
            label = ratings.format(*(self._random.randrange(5) for _ in range(5)))
            question = {"from": "User", "value": self._question() + " " + self._reply(), "label": None}
            answer = {"from": "Assistant", "value": " ".join(self._reply() for _ in range(5)), "label": label}
            yield {"conversations": [question, answer], "system": "", "mask": "User", "type": "VALUE_TO_TEXT"}

    def _prompt(self) -> str:
        (turns,) = self._random.choices(list(_HUMAN_TURNS), list(_HUMAN_TURNS.values()))
        exchanges = [f"\n\nHuman: {self._question()}\n\nAssistant: {self._reply()}" for _ in range(turns - 1)]
        return "".join([*exchanges, f"\n\nHuman: {self._question()}\n\nAssistant: "])

    def _text(self, long_text: str, median: int, spread: float) -> str:
        length = min(2500, int(median * self._random.lognormvariate(0, spread)))
        start = long_text.index(" ", self._random.randrange(len(long_text) - 3000)) + 1
        text = long_text[start : long_text.index(" ", start + length)].strip()
        chance = self._random.random()
        if chance < 0.05:
            return text.replace(". ", ".\n\n", 2)
        return text + " " if chance < 0.06 else text

    def _long_text(self, speaker: str, own_words: list[str]) -> str:
        common_words = _WORDS.split()
        # Zipf's law, more or less; one word in 26 is the speaker's own.
        frequencies = [1 / (rank + 8) for rank in range(len(common_words))]
        frequencies += [sum(frequencies) / 25 / len(own_words)] * len(own_words)
        endings = _ENDINGS[speaker]
        count = 300_000
        drawn = self._random.choices(common_words + own_words, frequencies, k=count)
        ends = self._random.choices(list(endings), list(endings.values()), k=count)
        return "".join(word + end for word, end in zip(drawn, ends, strict=True))
