"""What is known of Anthropic/hh-rlhf: where its files are, their checksums, and what its card says of their use.

Source of the places and the words: the card of the dataset, https://huggingface.co/datasets/Anthropic/hh-rlhf.
"""

from __future__ import annotations

NAME = "hh-rlhf"
REPOSITORY = "Anthropic/hh-rlhf"

PREFERENCES = ("harmless-base", "helpful-base", "helpful-online", "helpful-rejection-sampled")
"""The subsets of preference pairs, each a folder with the files of its splits."""

RED_TEAM = "red-team-attempts"
"""The subset of red-team transcripts, which has no splits."""

SPLITS = ("train", "test")

NOTICE = (
    "Anthropic/hh-rlhf: its card says that the text may be offensive or upsetting, and that the data is meant for "
    "research and for preference models, not for the supervised training of dialogue agents."
)

SHA256 = {
    "harmless-base/test.jsonl.gz": "ebfaaed21162a4de120ae85366075b34425e2a6303fac59b99555002f7016f03",
    "helpful-base/test.jsonl.gz": "8be3fc1a13b27901631696f2be6f184c799f1baeaf145f53ac5db24960adc37b",
    "helpful-base/train.jsonl.gz": "518a5bf288456fc9f3b7c980c54116fba0c52f274d3f4d344675d83e4058f6f4",
    "helpful-online/test.jsonl.gz": "39a475cc7e0df972902f8e3a0972726fce826ac65369bda8c671de4330c60a10",
    "helpful-online/train.jsonl.gz": "0994d18b82083f5c084ce04071b683958a724df8c7215ab1d851986642d36a2a",
    "helpful-rejection-sampled/test.jsonl.gz": "abc35dbc56015db1dae0faa484514ccbc3eee0133bfcd557fc69250619b028bb",
    "helpful-rejection-sampled/train.jsonl.gz": "0cea2d2ab2187624ec1314e8cc6fb579f0fa987b3a33e8102b7556ed4d255f64",
}
"""The sha256 of each file of which it is known.

Source: the git-lfs pointers of https://github.com/anthropics/hh-rlhf at 354e5c3; for harmless-base/test, the file.
"""


def paths(subsets: tuple[str, ...], splits: tuple[str, ...]) -> list[str]:
    """Name the files of subsets and splits; none of either means all, of the preferences.

    >>> paths(("helpful-base", "red-team-attempts"), ("test",))
    ['helpful-base/test.jsonl.gz', 'red-team-attempts/red_team_attempts.jsonl.gz']
    """
    return [
        path
        for subset in subsets or PREFERENCES
        for path in (
            [f"{RED_TEAM}/red_team_attempts.jsonl.gz"]
            if subset == RED_TEAM
            else [f"{subset}/{split}.jsonl.gz" for split in splits or SPLITS]
        )
    ]
