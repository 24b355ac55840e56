"""hh-run: the rows of the shell pipe, in one process and over shards."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.dialogues import transcript
from tests.shell import SAMPLE, Done, hh, jsonl, on_terminal, rows, shell

PIPES = [
    "hh-parse",
    "hh-parse | hh-unpack-kto",
    "hh-parse | hh-unpack-kto --for trl",
    "hh-parse --compat nemo-aligner | hh-unpack-kto --compat nemo-aligner",
    "hh-parse | hh-filter-singleturn | hh-to-dpo --for instruction",
    "hh-parse --source x | hh-filter-length --max 2000 | hh-to-dpo --template llama2 --system 'Be | brief.'",
    "hh-sample --rate 0.5 | hh-parse --whitespace keep",
    "hh-filter-singleturn | hh-filter-length --max 9",
]


def raw(*human: str) -> dict[str, str]:
    """Make a raw pair of these questions and two answers to the last."""
    asked = [turn for text in human for turn in ("A: and?", f"H: {text}")][1:]
    return {"chosen": transcript(*asked, "A: yes"), "rejected": transcript(*asked, "A: no")}


# One stream


@pytest.mark.parametrize("pipe", PIPES)
def test_one_process_gives_the_rows_of_the_pipe(pipe: str, tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "a.jsonl.gz")
    first, *rest = pipe.split(" | ", 1)
    piped = shell(" | ".join([f"{first} --bad /dev/null a.jsonl.gz", *rest]), tmp_path)
    fused = shell(f'hh-run "{pipe}" --bad /dev/null a.jsonl.gz', tmp_path)
    assert (fused.stdout, fused.returncode) == (piped.stdout, piped.returncode)
    streamed = shell(f'zcat a.jsonl.gz | hh-run "{pipe}" --bad /dev/null', tmp_path)
    assert streamed.stdout == shell(" | ".join([f"zcat a.jsonl.gz | {first} --bad /dev/null", *rest]), tmp_path).stdout


def test_a_stage_that_needs_all_runs_over_one_stream() -> None:
    done = hh("hh-run", "hh-parse | hh-sample -k 3 | hh-unpack-kto --for trl", SAMPLE, "-q")
    piped = shell(f"hh-parse {SAMPLE} | hh-sample -k 3 | hh-unpack-kto --for trl", Path("/"))
    assert (done.returncode, done.stdout.decode()) == (0, piped.stdout)
    assert len(rows(done.stdout)) == 6


def test_records_pass_as_they_came_through_commands_that_change_nothing() -> None:
    line = b'{"messages": [{"role":"user","content":"\\u0041"}], "n": 1e2}\n'
    assert (
        hh("hh-run", "hh-filter-singleturn | hh-sample --rate 1 | hh-filter-length --min 1", stdin=line).stdout == line
    )


def test_every_command_has_its_counts(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    lines = jsonl(
        raw("a"), raw("a", "b"), {"chosen": transcript("H: a", "A: b"), "rejected": transcript("H: a", "A: b")}
    )
    done = hh("hh-run", "hh-parse | hh-filter-singleturn | hh-unpack-kto", "-v", "--report", report, stdin=lines)
    assert done.stderr.decode().splitlines() == [
        "hh-run: 3 read, 1 used, 2 dropped (multi-turn 1, tie 1), 0 bad; 2 rows written; desirable 1, undesirable 1",
        "hh-run: hh-parse: 3 read, 3 used, 0 dropped, 0 bad; 3 rows written",
        "hh-run: hh-filter-singleturn: 3 read, 2 used, 1 dropped (multi-turn 1), 0 bad; 2 rows written",
        "hh-run: hh-unpack-kto: 2 read, 1 used, 1 dropped (tie 1), 0 bad; 2 rows written; desirable 1, undesirable 1",
    ]
    told = json.loads(report.read_bytes())
    assert [(each["command"], each["read"], each["written"]) for each in told["stages"]] == [
        ("hh-parse", 3, 3),
        ("hh-filter-singleturn", 3, 2),
        ("hh-unpack-kto", 2, 2),
    ]
    assert (told["read"], told["used"], told["dropped"], told["held"]) == (3, 1, {"multi-turn": 1, "tie": 1}, 0)


def test_what_many_rows_become_is_told_for_each_command_alone() -> None:
    done = hh("hh-run", "hh-parse | hh-unpack-kto | hh-sample --rate 1", "-v", stdin=jsonl(raw("a")))
    assert done.stderr.decode().splitlines() == [
        "hh-run: hh-parse: 1 read, 1 used, 0 dropped, 0 bad; 1 rows written",
        "hh-run: hh-unpack-kto: 1 read, 1 used, 0 dropped, 0 bad; 2 rows written; desirable 1, undesirable 1",
        "hh-run: hh-sample: 2 read, 2 used, 0 dropped, 0 bad; 2 rows written",
    ]


def test_what_a_later_command_cannot_use_stops_the_run_or_is_set_aside(tmp_path: Path) -> None:
    lines = jsonl({**raw("a"), "id": 1}, raw("b"), {**raw("c"), "id": 3})
    pipe = "hh-parse | hh-unpack-kto --carry id"
    strict = hh("hh-run", pipe, stdin=lines)
    told = 'hh-run: stdin:2: hh-unpack-kto: missing-field: no field "id" to carry; --bad FILE sets such records aside\n'
    assert (strict.returncode, strict.stderr.decode()) == (65, told)
    assert len(rows(strict.stdout)) == 2

    report = tmp_path / "report"
    done = hh("hh-run", pipe, "--bad", tmp_path / "bad", "--report", report, stdin=lines)
    assert (done.returncode, [row["id"] for row in rows(done.stdout)]) == (0, [1, 1, 3, 3])
    told = f"1 bad (missing-field 1) of 3 records, set aside in {tmp_path}/bad"
    assert done.stderr.decode() == f"hh-run: hh-unpack-kto: {told}\n"
    (tmp_path / "in").write_bytes(lines)
    piped = shell("cat in | hh-parse | hh-unpack-kto --carry id --bad piped", tmp_path)
    (entry,), (expected,) = rows((tmp_path / "bad").read_bytes()), rows((tmp_path / "piped").read_bytes())
    assert (piped.returncode, entry) == (0, expected)
    assert (entry["command"], entry["line"]) == ("hh-unpack-kto", 2)
    assert [each["bad"] for each in json.loads(report.read_bytes())["stages"]] == [{}, {"missing-field": 1}]


def test_of_the_rows_of_one_record_some_may_be_bad(tmp_path: Path) -> None:
    """The others go on, as in the pipe, whose bad records are set aside alike."""
    back = "hh-from-pairs --prompt preference --chosen response --rejected prompt --better preference=chosen,other"
    (tmp_path / "in").write_bytes(jsonl(raw("a"), raw("b"), raw("c")))
    piped = shell(f"hh-parse in | hh-unpack-kto --stagger 1 | {back} --bad piped.bad", tmp_path)
    fused = shell(f"hh-run 'hh-parse | hh-unpack-kto --stagger 1 | {back}' in --bad fused.bad -v", tmp_path)
    assert (fused.returncode, fused.stdout) == (piped.returncode, piped.stdout)
    assert len(rows(fused.stdout.encode())) == 3
    assert "hh-run: hh-from-pairs: 6 read, 3 used, 0 dropped, 3 bad (bad-label 3); 3 rows written\n" in fused.stderr
    expected, entries = rows((tmp_path / "piped.bad").read_bytes()), rows((tmp_path / "fused.bad").read_bytes())
    assert [entry["line"] for entry in entries] == [2, 3, 3]
    same = ("command", "reason", "detail", "raw")
    assert [[entry[field] for field in same] for entry in entries] == [
        [entry[field] for field in same] for entry in expected
    ]


def test_limits_count_over_all_commands() -> None:
    lines = jsonl(raw("a"), raw("a", "b"), {"x": 1}, raw("c"))
    pipe = "hh-parse | hh-filter-singleturn"
    assert hh("hh-run", pipe, "--max-bad", "1", "--max-drop", "1", stdin=lines).returncode == 0
    dropped = hh("hh-run", pipe, "--max-bad", "1", "--max-drop", "0", "-q", stdin=lines)
    assert (dropped.returncode, dropped.stderr) == (
        3,
        b"hh-run: hh-filter-singleturn: 1 dropped (multi-turn 1) of 3 records: more than --max-drop 0 allows\n",
    )
    bad = hh("hh-run", pipe, "--max-bad", "0.2", "-q", stdin=lines)
    assert (bad.returncode, bad.stderr) == (
        3,
        b"hh-run: hh-parse: 1 bad (missing-field 1) of 4 records: more than --max-bad 0.2 allows\n",
    )


def test_the_wrong_data_for_a_later_command_is_never_success() -> None:
    done = hh("hh-run", "hh-sample --rate 1 | hh-unpack-kto", "--max-bad", "1.0", "-q", stdin=jsonl(raw("a")))
    assert done.returncode == 3
    assert b": nothing could be used\n" in done.stderr


USAGE: dict[str, tuple[list[str], str]] = {
    "no pipeline": (["-v"], "Missing argument 'PIPELINE'."),
    "redirected": (["hh-parse > x"], "'>' in the pipeline: only hh commands and | stand there; put ' ' around text"),
    "no filter": (["hh-parse | hh-check"], "hh-check is no filter: it does not stand in a pipeline"),
    "shards without -O": (
        ["hh-parse", "-j", "2"],
        "--processes means nothing without -O DIR, which makes a shard of each PATH",
    ),
    "a slice without -O": (
        ["hh-parse", "--slice", "0/2"],
        "--slice means nothing without -O DIR, which makes a shard of each PATH",
    ),
    "-o beside -O": (["hh-parse", "a", "-O", "x", "-o", "y"], "-o does not go with -O: each shard gets a file in DIR"),
    "--bad beside -O": (
        ["hh-parse", "a", "-O", "x", "--bad", "y"],
        "--bad does not go with -O: --bad-dir DIR gets a file for each shard",
    ),
    "-n beside -O": (["hh-parse", "a", "-O", "x", "-n", "1"], "-n does not go with -O: shards are read whole"),
    "no shard": (
        ["hh-parse", "-O", "x"],
        "-O writes a file for each shard: name the shards, such as 'data/*.jsonl.gz'",
    ),
    "a stream as a shard": (
        ["hh-parse", "-", "-O", "x"],
        "-: standard input is no shard, which has a name and can be read again",
    ),
    "an address without Ray": (
        ["hh-parse", "a", "-O", "x", "--address", "h:1"],
        "--address means nothing without --engine ray",
    ),
    "a slice of none": (
        ["hh-parse", "a", "-O", "x", "--slice", "0/0"],
        "Invalid value for '--slice': '0/0': there are 0/N to N-1/N, so 0/8 to 7/8 of eight",
    ),
    "no such slice": (
        ["hh-parse", "a", "-O", "x", "--slice", "8/8"],
        "Invalid value for '--slice': '8/8': there are 0/N to N-1/N, so 0/8 to 7/8 of eight",
    ),
}


@pytest.mark.parametrize("argv", [value[0] for value in USAGE.values()], ids=USAGE)
def test_what_makes_no_sense_is_refused(argv: list[str]) -> None:
    told = next(value[1] for value in USAGE.values() if value[0] == argv)
    done = hh("hh-run", *argv)
    assert (done.returncode, done.stderr.decode().splitlines()[0]) == (2, f"hh-run: {told}")


# Shards

PIPE = "hh-parse | hh-unpack-kto --for trl"


def shards_in(folder: Path, **contents: bytes) -> Path:
    """Write shards below folder/in."""
    for name, content in contents.items():
        path = folder / "in" / (name.replace("__", "/").replace("_", ".") + ".gz")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, mtime=0))
    return folder


def run(folder: Path, *argv: str | Path, **environment: str) -> Done:
    """Run hh-run over the shards in a folder, into out."""
    return hh("hh-run", PIPE, folder / "in" / "**" / "*.gz", "-O", folder / "out", *argv, **environment)


def outputs(folder: Path) -> Mapping[str, bytes]:
    """Give the outputs, and nothing that hh-run keeps for itself."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "_hh" not in path.parts
    }


def report_in(folder: Path) -> Any:
    """Give the report of the last run."""
    return json.loads((folder / "out" / "_hh" / "report.json").read_bytes())


GOOD = jsonl(raw("a"), raw("a", "b"), raw("c"))
THREE = {"helpful__train_jsonl": GOOD, "helpful__test_jsonl": jsonl(raw("t")), "x_v1_jsonl": jsonl()}


@pytest.mark.parametrize("options", [["-j1"], ["-j2"], ["-j2", "--shards-per-task", "2"], ["--compress", "gz"]])
def test_every_shard_becomes_what_the_pipe_makes_of_it(options: list[str], tmp_path: Path) -> None:
    shards_in(tmp_path, **THREE)
    done = run(tmp_path, *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    suffix = ".gz" if "gz" in options else ""
    made = outputs(tmp_path / "out")
    assert list(made) == [
        "_SUCCESS",
        f"helpful/test.jsonl{suffix}",
        f"helpful/train.jsonl{suffix}",
        f"x.v1.jsonl{suffix}",
    ]
    for name, content in made.items():
        if name != "_SUCCESS":
            piped = f"hh-parse in/{name.removesuffix('.gz')}.gz | hh-unpack-kto --for trl -o piped{suffix}"
            assert shell(piped, tmp_path).returncode == 0
            assert content == (tmp_path / f"piped{suffix}").read_bytes()
    told = report_in(tmp_path)
    assert told["shards"] == {"all": 3, "made": 3, "made_before": 0, "failed": []}
    assert (told["read"], told["used"], told["written"], told["success"], told["exit"]) == (4, 4, 8, True, 0)


def test_only_what_is_missing_or_has_changed_is_made_again(tmp_path: Path) -> None:
    shards_in(tmp_path, **THREE)
    assert run(tmp_path).returncode == 0
    first = outputs(tmp_path / "out")
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.jsonl")}

    (tmp_path / "out" / "helpful" / "test.jsonl").unlink()
    (tmp_path / "out" / "x.v1.jsonl").write_bytes(b"cut")
    assert run(tmp_path).returncode == 0
    assert outputs(tmp_path / "out") == first
    assert report_in(tmp_path)["shards"] == {"all": 3, "made": 2, "made_before": 1, "failed": []}
    assert (tmp_path / "out" / "helpful" / "train.jsonl").stat().st_mtime_ns == stamps[
        tmp_path / "out/helpful/train.jsonl"
    ]

    shards_in(tmp_path, x_v1_jsonl=jsonl(raw("new")))
    assert run(tmp_path).returncode == 0
    assert report_in(tmp_path)["shards"] == {"all": 3, "made": 1, "made_before": 2, "failed": []}
    assert report_in(tmp_path)["read"] == 5
    assert len(rows((tmp_path / "out" / "x.v1.jsonl").read_bytes())) == 2

    assert run(tmp_path, "--no-resume").returncode == 0
    assert report_in(tmp_path)["shards"] == {"all": 3, "made": 3, "made_before": 0, "failed": []}


def test_a_poisoned_shard_fails_alone(tmp_path: Path) -> None:
    shards_in(tmp_path, **THREE, poison_jsonl=b'{"chosen": 1}\n')
    cut = tmp_path / "in" / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(GOOD)[:-9])
    done = run(tmp_path)
    assert done.returncode == 74
    told = done.stderr.decode().splitlines()
    assert min(told).startswith("hh-run: 2 of 5 shards failed")
    why = 'wrong-type: "chosen" is a whole number, not a string'
    assert f"hh-run: poison.jsonl failed (65): {tmp_path}/in/poison.jsonl.gz:1: {why}" in told
    assert f"hh-run: cut.jsonl failed (74): {cut}: compressed input ends early" in told
    assert list(outputs(tmp_path / "out")) == ["helpful/test.jsonl", "helpful/train.jsonl", "x.v1.jsonl"]
    report = report_in(tmp_path)
    assert [(each["shard"], each["exit"]) for each in report["shards"]["failed"]] in (
        [("cut.jsonl", 74), ("poison.jsonl", 65)],
        [("poison.jsonl", 65), ("cut.jsonl", 74)],
    )
    assert (report["exit"], report["success"], report["complete"]) == (74, False, False)

    shards_in(tmp_path, poison_jsonl=GOOD, cut_jsonl=GOOD)
    assert run(tmp_path).returncode == 0
    assert report_in(tmp_path)["shards"] == {"all": 5, "made": 2, "made_before": 3, "failed": []}
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_a_failing_run_takes_the_mark_of_success_away(tmp_path: Path) -> None:
    shards_in(tmp_path, **THREE)
    assert run(tmp_path).returncode == 0
    shards_in(tmp_path, x_v1_jsonl=b"{\n")
    assert run(tmp_path).returncode == 65
    assert not (tmp_path / "out" / "_SUCCESS").exists()


def test_bad_records_are_set_aside_by_shard_and_counted_over_all(tmp_path: Path) -> None:
    shards_in(tmp_path, a_jsonl=GOOD + b"{}\n", b_jsonl=GOOD, c_jsonl=b"{}\n" + GOOD)
    done = run(tmp_path, "--bad-dir", tmp_path / "bad")
    assert (done.returncode, done.stderr.decode()) == (
        0,
        f"hh-run: hh-parse: 2 bad (missing-field 2) of 11 records, set aside below {tmp_path}/bad\n",
    )
    bad = outputs(tmp_path / "bad")
    assert [(name, rows(content)[0]["line"]) for name, content in bad.items()] == [("a.jsonl", 4), ("c.jsonl", 1)]
    assert rows(bad["a.jsonl"])[0]["source"] == f"{tmp_path}/in/a.jsonl.gz"

    assert run(tmp_path, "--max-bad", "2").returncode == 0
    too_many = run(tmp_path, "--max-bad", "1", "-q")
    assert (too_many.returncode, too_many.stderr) == (
        3,
        b"hh-run: hh-parse: 2 bad (missing-field 2) of 11 records: more than --max-bad 1 allows\n",
    )
    assert run(tmp_path, "--bad-dir", tmp_path / "bad", "--max-drop", "0").returncode == 0

    (tmp_path / "bad" / "c.jsonl").unlink()
    assert run(tmp_path, "--bad-dir", tmp_path / "other").returncode == 0
    assert outputs(tmp_path / "other") == bad
    strict = run(tmp_path)  # what was made with bad records set aside is not complete for whoever allows none
    assert (strict.returncode, report_in(tmp_path)["shards"]["made_before"]) == (65, 1)
    assert run(tmp_path, "--bad-dir", tmp_path / "bad").returncode == 0
    assert outputs(tmp_path / "bad") == bad

    shards_in(tmp_path, c_jsonl=GOOD)
    assert run(tmp_path, "--bad-dir", tmp_path / "bad").returncode == 0
    assert list(outputs(tmp_path / "bad")) == ["a.jsonl"]


def test_too_many_dropped_in_all_shards_are_no_success(tmp_path: Path) -> None:
    tie = {"chosen": transcript("H: a", "A: b"), "rejected": transcript("H: a", "A: b")}
    shards_in(tmp_path, a_jsonl=jsonl(tie, raw("a")), b_jsonl=jsonl(tie, raw("b")))
    done = run(tmp_path, "--max-drop", "1")
    assert (done.returncode, done.stderr) == (
        3,
        b"hh-run: hh-unpack-kto: 2 dropped (tie 2) of 4 records: more than --max-drop 1 allows\n",
    )
    assert list(outputs(tmp_path / "out")) == ["a.jsonl", "b.jsonl"]
    assert run(tmp_path, "--max-drop", "0.5").returncode == 0


def test_slices_share_the_shards_and_the_last_one_finds_all_complete(tmp_path: Path) -> None:
    shards_in(tmp_path, **THREE, y_jsonl=GOOD)
    assert run(tmp_path, "--slice", "1/2").returncode == 0
    assert list(outputs(tmp_path / "out")) == ["helpful/train.jsonl", "y.jsonl"]
    assert run(tmp_path, "--slice", "0/2").returncode == 0
    assert list(outputs(tmp_path / "out")) == [
        "_SUCCESS",
        "helpful/test.jsonl",
        "helpful/train.jsonl",
        "x.v1.jsonl",
        "y.jsonl",
    ]
    assert report_in(tmp_path)["read"] == 7
    parts = [json.loads((tmp_path / "out" / "_hh" / f"report-{part}-of-2.json").read_bytes()) for part in (0, 1)]
    assert [part["read"] for part in parts] == [1, 6]
    assert [part["success"] for part in parts] == [True, False]


REFUSED: dict[str, tuple[str, int, str]] = {
    "another pipeline": (
        "hh-run hh-parse 'in/*.gz' -O out",
        73,
        "out: has the outputs of another pipeline (hh-parse | hh-unpack-kto",
    ),
    "other options": (
        f"hh-run '{PIPE}' 'in/*.gz' -O out --compress gz",
        73,
        "of this pipeline with other options",
    ),
    "a shard is gone": (
        f"hh-run '{PIPE}' in/a.jsonl.gz -O out",
        73,
        "out: has a b.jsonl, and no input becomes that now",
    ),
    "one name twice": (
        f"cp in/a.jsonl.gz in/a.jsonl; hh-run '{PIPE}' 'in/*' -O new",
        2,
        "would both become a.jsonl; rename one of them",
    ),
    "outputs among inputs": (f"hh-run '{PIPE}' 'in/*.gz' -O in", 2, "lies below "),
    "bad records among inputs": (f"hh-run '{PIPE}' 'in/*.gz' -O new --bad-dir in", 2, "lies below "),
    "nothing matches": (f"hh-run '{PIPE}' 'no/*.gz' -O new", 66, "no/*.gz: matches no file"),
    "an input is missing": (
        f"hh-run '{PIPE}' in/a.jsonl.gz no.gz -O new",
        66,
        "no.gz: cannot be opened: No such file or directory",
    ),
    "no file": (
        f"mkfifo p.jsonl; hh-run '{PIPE}' p.jsonl -O new",
        2,
        "p.jsonl: is no file that can be read again, and so no shard",
    ),
    "somebody else's file": (
        f"mkdir new; echo x > new/a.jsonl; hh-run '{PIPE}' 'in/*.gz' -O new",
        73,
        "new: has a a.jsonl that hh-run has not made",
    ),
    "a hostile name": (
        f"cp in/a.jsonl.gz in/$'\\e[31m.jsonl.gz'; hh-run '{PIPE}' 'in/*.gz' -O new",
        2,
        "no output can have this name",
    ),
    "the name of the mark": (
        f"mkdir in/_hh; mv in/a.jsonl.gz in/_hh; hh-run '{PIPE}' 'in/**/*.gz' -O new",
        2,
        "no output can have this name",
    ),
    "what needs all records": (
        "hh-run 'hh-sample -k 3' 'in/*.gz' -O new",
        2,
        "hh-sample: what it is asked for takes all records at once",
    ),
    "ftp": (f"hh-run '{PIPE}' ftp://h/a.jsonl -O new", 2, "ftp:// cannot be opened"),
    "into https": (f"hh-run '{PIPE}' 'in/*.gz' -O https://h/new", 2, "https:// cannot be written"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_mix_up_data_is_refused(case: str, tmp_path: Path) -> None:
    shards_in(tmp_path, a_jsonl=GOOD, b_jsonl=GOOD)
    assert run(tmp_path).returncode == 0
    before = outputs(tmp_path / "out")
    command, code, told = REFUSED[case]
    done = shell(command, tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "\x1b" not in done.stderr
    assert outputs(tmp_path / "out") == before
    assert not (tmp_path / "new" / "_SUCCESS").exists()


def test_a_template_file_is_part_of_the_pipeline(tmp_path: Path) -> None:
    shards_in(tmp_path, a_jsonl=GOOD)
    template = tmp_path / "t.jinja"
    command = "hh-run 'hh-parse | hh-to-sft --for trl-text --template t.jinja' 'in/*.gz' -O out"
    template.write_text("{% for message in messages %}{{ message.content }}\n{% endfor %}")
    assert shell(command, tmp_path).returncode == 0
    assert shell(command, tmp_path).returncode == 0
    template.write_text("{% for message in messages %}{{ message.content }}!\n{% endfor %}")
    assert shell(command, tmp_path).returncode == 73


def test_a_terminal_sees_the_summary_and_cron_sees_nothing(tmp_path: Path) -> None:
    shards_in(tmp_path, **THREE)
    code, shown = on_terminal("hh-run", PIPE, f"{tmp_path}/in/**/*.gz", "-O", str(tmp_path / "out"))
    assert code == 0
    last = shown.decode().replace("\r\n", "\n").split("\r")[-1].splitlines()
    assert last == [
        "hh-run: 3 shards, 3 made, 0 made before, 0 failed",
        "hh-run: 4 read, 4 used, 0 dropped, 0 bad; 8 rows written; desirable 4, undesirable 4",
        "hh-run: hh-parse: 4 read, 4 used, 0 dropped, 0 bad; 4 rows written",
        "hh-run: hh-unpack-kto: 4 read, 4 used, 0 dropped, 0 bad; 8 rows written; desirable 4, undesirable 4",
    ]


def test_the_report_goes_where_it_is_asked_for_too(tmp_path: Path) -> None:
    shards_in(tmp_path, a_jsonl=GOOD)
    assert run(tmp_path, "--report", tmp_path / "told.json").returncode == 0
    assert json.loads((tmp_path / "told.json").read_bytes()) == report_in(tmp_path)
    assert run(tmp_path, HH_REPORT_DIR=str(tmp_path / "reports")).returncode == 0
    (found,) = (tmp_path / "reports").iterdir()
    assert found.name.startswith("hh-run.")


def test_paths_need_no_pattern_and_names_keep_their_folders(tmp_path: Path) -> None:
    shards_in(tmp_path, **THREE)
    done = shell(f"hh-run '{PIPE}' in/helpful/train.jsonl.gz in/x.v1.jsonl.gz -O out", tmp_path)
    assert done.returncode == 0
    assert list(outputs(tmp_path / "out")) == ["_SUCCESS", "helpful/train.jsonl", "x.v1.jsonl"]
    assert [row["source"] for row in rows(hh("hh-run", "hh-parse", tmp_path / "in/helpful/train.jsonl.gz").stdout)] == [
        "helpful"
    ] * 3
