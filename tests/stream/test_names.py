from __future__ import annotations

from pathlib import Path

import pytest

from hhtools.stream.names import source_of

SOURCES = {
    "helpful-base.jsonl.gz": "helpful-base",
    "/data/helpful-base/train.jsonl.gz": "helpful-base",
    "helpful-base/test.jsonl": "helpful-base",
    "helpful-base/validation.jsonl.zst": "helpful-base",
    "helpful-base/train-00.jsonl": "train-00",
    "v1.2-pairs.jsonl": "v1.2-pairs",
    "pairs": "pairs",
    "ultrafeedback/train.parquet": "ultrafeedback",
    "https://host/orca_dpo_pairs.arrow?download=true": "orca_dpo_pairs",
    ".gz": ".gz",
    "/train.jsonl": "train",
    "s3://bucket/hh/harmless-base/test.jsonl.gz": "harmless-base",
    "https://host/red-team.json.gz?download=true": "red-team",
    "-": None,
    "/dev/fd/63": None,
    "/dev/stdin": None,
    "caf\udce9.jsonl": "caf\\xe9",
}


@pytest.mark.parametrize(("path", "source"), SOURCES.items())
def test_source_is_named_after_the_file_or_its_folder(path: str, source: str | None) -> None:
    assert source_of(path) == source


def test_a_split_in_the_working_folder_is_named_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "helpful-online"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert source_of("train.jsonl.gz") == "helpful-online"
