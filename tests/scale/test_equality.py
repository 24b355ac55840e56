"""One pipeline, one shard, one file: whoever makes it, and however, its bytes are the same."""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.scale.engines import running
from tests.scale.ray_cluster import cluster
from tests.scale.shards import KINDS, outputs, strays, write_inputs
from tests.shell import hh, shell

# Each with the form of its outputs.
PIPES = {
    "hh-parse": "",
    "hh-parse | hh-filter-singleturn | hh-unpack-kto --for trl": "gz",
    "hh-parse --whitespace keep | hh-unpack-kto --for trl-text --stagger 3 --carry source": "",
    "hh-sample --rate 0.5 | hh-parse --source x | hh-to-dpo --template llama2": "gz",
}
ENGINES = {
    "local, one process": ["-j1"],
    "local, two processes": ["-j2"],
    "local, shards in threes": ["-j2", "--shards-per-task", "3"],
}
"""The options of hh-run that choose who makes the shards."""


def stem_of(name: str) -> str:
    for suffix in (".gz", ".zst", ".jsonl", ".ndjson", ".json"):
        name = name.removesuffix(suffix)
    return name


def made_by_pipes(pipe: str, suffix: str, folder: Path) -> dict[str, bytes]:
    """Have the shell make all outputs; its commands know an input by its path, as hh-run does."""
    first, *rest = pipe.split(" | ", 1)
    for name in KINDS:
        (folder / "piped" / name).parent.mkdir(parents=True, exist_ok=True)
    done = shell(
        "\n".join(
            f"{' | '.join([f'{first} {shlex.quote(path)}', *rest])} -o {shlex.quote(f'piped/{stem_of(name)}{suffix}')}"
            for name in KINDS
            for path in [f"in/{name}"]
        ),
        folder,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return outputs(folder / "piped")


@pytest.mark.parametrize(("pipe", "compress"), PIPES.items(), ids=PIPES)
def test_the_pipe_the_stream_and_every_engine_give_the_same_bytes(pipe: str, compress: str, tmp_path: Path) -> None:
    write_inputs(tmp_path, KINDS)
    suffix = f".jsonl.{compress}" if compress else ".jsonl"
    expected = made_by_pipes(pipe, suffix, tmp_path)
    assert len(expected) == len(KINDS)
    assert sum(map(bool, expected.values())) >= 7

    for name in KINDS:
        into: list[str | Path] = ["-o", tmp_path / "one.gz"] if compress else []
        streamed = hh("hh-run", pipe, tmp_path / "in" / name, *into)
        assert (streamed.returncode, streamed.stderr) == (0, b"")
        rows = (tmp_path / "one.gz").read_bytes() if compress else streamed.stdout
        assert rows == expected[stem_of(name) + suffix]

    packing = ["--compress", compress] if compress else []
    for number, engine in enumerate(ENGINES.values()):
        out = tmp_path / f"out-{number}"
        done = hh("hh-run", pipe, tmp_path / "in" / "**" / "*.*", "-O", out, *packing, *engine)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert outputs(out) == expected
        assert (strays(out), (out / "_SUCCESS").read_bytes()) == ([], b"")


@pytest.mark.skipif(not find_spec("ray"), reason="Ray is not installed: make test-ray")
def test_ray_gives_the_same_bytes_on_this_machine_and_on_a_cluster(tmp_path: Path) -> None:
    write_inputs(tmp_path, KINDS)
    pipe, compress = list(PIPES.items())[1]
    expected = made_by_pipes(pipe, f".jsonl.{compress}", tmp_path)
    words = ["hh-run", pipe, str(tmp_path / "in" / "**" / "*.*"), "--compress", compress, "--engine", "ray", "-j2"]
    with cluster() as nodes:
        places: dict[str, dict[str, str]] = {"own": {}, "cluster": {**nodes.environment, "RAY_ADDRESS": nodes.address}}
        for name, environment in places.items():
            done = hh(*words, "-O", tmp_path / name, **environment)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
            assert outputs(tmp_path / name) == expected
            assert strays(tmp_path / name) == []


AT_ONCE = {
    "two slices": [["--slice", "0/2"], ["--slice", "1/2"]],
    "the same run twice": [[], []],
    "the same run twice, all again": [["--no-resume"], ["--no-resume"]],
}


@pytest.mark.parametrize("options", AT_ONCE.values(), ids=AT_ONCE)
def test_runs_at_once_into_one_folder_give_the_same_bytes(options: list[list[str]], tmp_path: Path) -> None:
    write_inputs(tmp_path, KINDS)
    expected = made_by_pipes("hh-parse", ".jsonl", tmp_path)
    for _ in range(2):
        words: list[str | Path] = ["hh-parse", "in/**/*.*", "-O", "out", "-j2"]
        with running([*words, *options[0]], tmp_path) as first, running([*words, *options[1]], tmp_path) as second:
            assert [first.end(), second.end()] == [(0, ""), (0, "")]
        assert (outputs(tmp_path / "out"), strays(tmp_path / "out")) == (expected, [])
        assert (tmp_path / "out" / "_SUCCESS").exists()
