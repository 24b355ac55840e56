"""What faults.md promises of every command, for a run over shards: whatever happens, outputs are whole."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.scale.engines import readers_of, running, wait_for
from tests.scale.shards import LINES, outputs, strays, write_inputs
from tests.shell import BIN, ENVIRONMENT, hh, on_terminal, rows, shell

BAD = b'{"chosen": 1}\n'
RUN = "hh-run hh-parse 'in/*' -O out -j2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make two inputs, one with a bad record."""
    write_inputs(tmp_path, {"a.jsonl": b"".join(LINES), "b.jsonl.gz": gzip.compress(b"".join(LINES[:3]) + BAD)})
    return tmp_path


def parsed(count: int, source: str) -> bytes:
    return hh("hh-parse", "--source", source, stdin=b"".join(LINES[:count])).stdout


def whole() -> dict[str, bytes]:
    return {"a.jsonl": parsed(40, "a"), "b.jsonl": parsed(3, "b")}


# Standard input, output and error


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_descriptors_are_nobodys(closed: str, folder: Path) -> None:
    done = shell(f"{RUN} --bad-dir bad {closed}", folder)
    assert (done.returncode, done.stdout) == (0, "")
    told = "hh-run: hh-parse: 1 bad (wrong-type 1) of 44 records, set aside below bad\n"
    assert done.stderr == ("" if "2>&-" in closed else told)
    assert (outputs(folder / "out"), strays(folder / "out")) == (whole(), [])
    failed = shell(f"{RUN} --no-resume {closed}; echo done", folder)
    assert (failed.returncode, failed.stdout) == (65, "")


def test_standard_input_may_be_a_terminal(folder: Path) -> None:
    words = ["hh-parse", f"{folder}/in/*", "-O", f"{folder}/out", "--bad-dir", f"{folder}/bad"]
    code, shown = on_terminal("hh-run", *words)
    assert code == 0
    assert b"hh-run: 2 shards, 2 made, 0 made before, 0 failed" in shown
    code, shown = on_terminal("hh-run", "hh-parse", "-O", f"{folder}/out")
    assert code == 2
    assert b"-O writes a file for each shard: name the shards, such as 'data/*.jsonl.gz'" in shown


def test_standard_output_that_is_an_input_is_not_emptied_twice(folder: Path) -> None:
    done = shell(f"{RUN} --bad-dir bad --report r.json >> in/a.jsonl", folder)
    assert (done.returncode, "in/a.jsonl: input file is output file" in done.stderr) == (73, True)
    assert (folder / "in" / "a.jsonl").read_bytes() == b"".join(LINES)


# Places


DESTRUCTIVE = {
    "a report over an input": "--report in/a.jsonl",
    "a report over an output": "--report out/a.jsonl",
    "a report over a report": "--report out/_hh/reports/a.jsonl.json",
    "a report over an input, by a link": "--report link/a.jsonl",
    "reports among outputs": "--report file://$PWD/out/x.json",
    "bad records over outputs": "--bad-dir out",
    "bad records among inputs": "--bad-dir link",
    "outputs among inputs, by a link": "-O link",
    "bad records nowhere": "--bad-dir ''",
}


@pytest.mark.parametrize("options", DESTRUCTIVE.values(), ids=DESTRUCTIVE)
def test_nothing_that_is_read_or_written_is_written_over(options: str, folder: Path) -> None:
    (folder / "link").symlink_to("in")
    inputs = outputs(folder / "in")
    done = shell(f"hh-run hh-parse 'in/*' -O out {options}", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert outputs(folder / "in") == inputs
    assert not list(folder.glob("out/*"))


def test_any_name_of_a_folder_is_that_folder(folder: Path) -> None:
    os.rename(folder / "in", os.fsencode(folder) + b"/in \n\xe9")
    out = folder / "o u\nté"
    done = hh("hh-run", "hh-parse", f"{folder}/in \n\udce9/*", "-O", out, "--bad-dir", folder / "b d", LC_ALL="C")
    assert (done.returncode, outputs(out)) == (0, whole())
    (entry,) = rows((folder / "b d" / "b.jsonl").read_bytes())
    assert entry["source"] == f"{folder}/in \n\\xe9/b.jsonl.gz"
    failed = hh("hh-run", "hh-parse", f"{folder}/in \n\udce9/*", "-O", out, "--no-resume")
    assert failed.returncode == 65
    told = f"hh-run: b.jsonl failed (65): {folder}/in \\n\\xe9/b.jsonl.gz:4: wrong-type: "
    assert failed.stderr.decode().startswith(told)
    (failure,) = json.loads((out / "_hh" / "report.json").read_bytes())["shards"]["failed"]
    assert failure["message"].startswith(f"{folder}/in \n\\xe9/b.jsonl.gz:4: ")


def test_outputs_may_be_reached_by_a_link(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "out").symlink_to("elsewhere")
    assert shell(f"{RUN} --bad-dir bad", folder).returncode == 0
    assert outputs(folder / "elsewhere") == whole()
    assert (folder / "out").is_symlink()


def test_inputs_and_outputs_may_be_file_urls(folder: Path) -> None:
    done = shell(
        'hh-run hh-parse file://$PWD/in/a.jsonl "file://$PWD/in/b*" -O file://$PWD/out --bad-dir file://$PWD/bad '
        "--report file://$PWD/r.json",
        folder,
    )
    assert (done.returncode, outputs(folder / "out")) == (0, whole())
    assert json.loads((folder / "r.json").read_bytes())["read"] == 44


# A disk that is full, or may not be written


def test_a_full_disk_fails_the_shards_that_it_has_no_room_for(folder: Path) -> None:
    done = shell(f"(ulimit -f 8; {RUN} --bad-dir bad)", folder)
    assert done.returncode == 74
    assert done.stderr.splitlines() == [
        f"hh-run: a.jsonl failed (74): {folder}/out/a.jsonl: write error: File too large",
        "hh-run: 1 of 2 shards failed; the report of the run names them, and the others are complete",
    ]
    assert outputs(folder / "out") == {"b.jsonl": whole()["b.jsonl"]}
    assert strays(folder / "out") == []
    assert not (folder / "out" / "_SUCCESS").exists()
    assert shell(f"{RUN} --bad-dir bad", folder).returncode == 0
    assert (outputs(folder / "out"), strays(folder / "out")) == (whole(), [])


def test_a_shard_that_takes_too_much_memory_fails_alone(folder: Path) -> None:
    bomb = b"".join(gzip.compress(piece, 1, mtime=0) for piece in (b'{"chosen": "', b"x" * (256 << 20), b'"}'))
    (folder / "in" / "bomb.jsonl.gz").write_bytes(bomb)
    done = shell(f"ulimit -v 250000; {RUN} --bad-dir bad --max-line 400000000", folder)
    assert done.returncode == 74
    told, total = done.stderr.splitlines()
    out_of_memory = f"{folder}/in/bomb.jsonl.gz: out of memory behind record 0; --max-line BYTES makes longer lines bad"
    assert told.startswith(f"hh-run: bomb.jsonl failed (74): {out_of_memory}")
    assert total == "hh-run: 1 of 3 shards failed; the report of the run names them, and the others are complete"
    assert (outputs(folder / "out"), strays(folder / "out")) == (whole(), [])


def read_only(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script where folder/out may not be written, also not by root."""
    mounted = f"mount --bind out out && mount -o remount,ro,bind out && cd . && {script}"
    argv = ["unshare", "--user", "--map-root-user", "--mount", "/bin/bash", "-c", mounted]
    if subprocess.run([*argv[:-1], "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs user namespaces, to make a folder that root may not write")
    return subprocess.run(argv, capture_output=True, text=True, cwd=folder, env=ENVIRONMENT, timeout=60, check=False)


def test_a_folder_that_may_not_be_written_is_told(folder: Path) -> None:
    (folder / "out").mkdir()
    done = read_only(folder, f"exec {BIN}/{RUN}")
    assert done.returncode == 73
    assert done.stderr.startswith("hh-run: -O: ")
    assert done.stderr.count("\n") == 1
    assert shell(f"{RUN} --bad-dir bad", folder).returncode == 0
    before = outputs(folder / "out")
    (folder / "in" / "a.jsonl").write_bytes(b"".join(LINES[:3]))
    assert read_only(folder, f"exec {BIN}/{RUN} --bad-dir bad").returncode == 73
    assert outputs(folder / "out") == before == whole()


# Inputs that change


def test_an_input_that_changes_while_it_is_read_fails_its_shard(tmp_path: Path) -> None:
    write_inputs(tmp_path, {"large.jsonl": b"".join(LINES) * 400, "z.jsonl": b"".join(LINES)})
    large = tmp_path / "in" / "large.jsonl"
    with running(["hh-parse", "in/*", "-O", "out", "-j1"], tmp_path) as run:
        wait_for(lambda: readers_of(large), run)
        with large.open("ab") as file:
            file.write(LINES[0])
        code, told = run.end()
    assert (code, told.splitlines()[0]) == (
        74,
        f"hh-run: large.jsonl failed (74): {large}: has changed since the run began; run again",
    )
    assert (list(outputs(tmp_path / "out")), strays(tmp_path / "out")) == (["z.jsonl"], [])
    assert hh("hh-run", "hh-parse", tmp_path / "in" / "*", "-O", tmp_path / "out").returncode == 0
    assert outputs(tmp_path / "out")["large.jsonl"].count(b"\n") == 16_001


def test_an_input_that_goes_away_fails_its_shard(tmp_path: Path) -> None:
    write_inputs(tmp_path, {"large.jsonl": b"".join(LINES) * 400, "z.jsonl": b"".join(LINES)})
    with running(["hh-parse", "in/*", "-O", "out", "-j1"], tmp_path) as run:
        wait_for(lambda: readers_of(tmp_path / "in" / "large.jsonl"), run)
        (tmp_path / "in" / "z.jsonl").unlink()
        code, told = run.end()
    gone = f"hh-run: z.jsonl failed (66): {tmp_path}/in/z.jsonl: cannot be opened: No such file or directory"
    assert (code, told.splitlines()[0]) == (66, gone)
    assert list(outputs(tmp_path / "out")) == ["large.jsonl"]


def test_a_run_that_was_to_do_all_again_is_not_complete_before_it_has(folder: Path) -> None:
    """Else bad records of the new run would stand beside rows of the old one, and pass for complete."""
    assert shell(f"{RUN} --bad-dir bad", folder).returncode == 0
    failed = shell(f"(ulimit -f 8; {RUN} --bad-dir bad --no-resume)", folder)
    assert failed.returncode == 74
    assert outputs(folder / "out") == whole()
    assert not (folder / "out" / "_SUCCESS").exists()
    assert shell(f"{RUN} --bad-dir bad", folder).returncode == 0
    assert json.loads((folder / "out" / "_hh" / "report.json").read_bytes())["shards"] == {
        "all": 2,
        "made": 1,
        "made_before": 1,
        "failed": [],
    }


def test_stricter_limits_take_the_mark_of_success_away(folder: Path) -> None:
    assert shell(f"{RUN} --max-bad 1", folder).returncode == 0
    assert (folder / "out" / "_SUCCESS").exists()
    assert shell(f"{RUN} --max-bad 0", folder).returncode == 3
    assert not (folder / "out" / "_SUCCESS").exists()
    assert shell(f"{RUN} --max-bad 1", folder).returncode == 0
    assert (folder / "out" / "_SUCCESS").exists()


# The environment


def test_a_folder_for_the_bad_records_of_a_whole_pipe_takes_those_of_shards(folder: Path) -> None:
    done = shell(RUN, folder, HH_BAD_DIR="aside")
    (place,) = (folder / "aside").iterdir()
    told = f"hh-run: hh-parse: 1 bad (wrong-type 1) of 44 records, set aside below aside/{place.name}\n"
    assert (done.returncode, done.stderr) == (0, told)
    assert [entry["line"] for entry in rows((place / "b.jsonl").read_bytes())] == [4]
    assert shell(f"{RUN} --no-resume", folder, HH_BAD_DIR="aside").returncode == 0
    assert list((folder / "aside").iterdir()) == [place]
    assert outputs(folder / "out") == whole()


def test_quiet_and_checked_pipes_change_no_output(folder: Path) -> None:
    done = shell(f"{RUN} --bad-dir bad", folder, HH_QUIET="1", HH_CHECKED="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert outputs(folder / "out") == whole()
    words = "in/a.jsonl | hh-filter-singleturn"
    assert shell(f"hh-run hh-parse {words} > checked", folder, HH_CHECKED="1").returncode == 0
    assert (folder / "checked").read_text() == shell(f"hh-parse {words}", folder).stdout != ""


def test_no_secret_of_a_url_is_told(tmp_path: Path) -> None:
    url = "http://127.0.0.1:1/a.jsonl?X-Amz-Signature=hunter2"
    done = hh("hh-run", "hh-parse", url, "-O", tmp_path / "out", "--report", tmp_path / "r.json")
    assert done.returncode == 75
    assert done.stderr.startswith(b"hh-run: a.jsonl failed (75): http://127.0.0.1:1/a.jsonl: ")
    sliced = hh("hh-run", "hh-parse", url, "-O", tmp_path / "sliced", "--slice", "0/2")
    assert sliced.returncode == 2
    assert b"nobody can tell when http://127.0.0.1:1/a.jsonl changes" in sliced.stderr
    for told in (done.stderr, sliced.stderr, (tmp_path / "r.json").read_bytes()):
        assert b"hunter2" not in told
    assert b"hunter2" not in b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*.json"))
