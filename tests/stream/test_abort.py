from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogues import pair, transcript
from tests.every_command import NEEDED
from tests.shell import FILTERS, hh, jsonl, rows, shell

GOOD = jsonl({"chosen": transcript("H: q", "A: x"), "rejected": transcript("H: q", "A: y")})

EARLY_ENDS = {
    "a bad record": "(cat good; echo 7) | hh-parse",
    "usage": "hh-parse --nothing good",
    "no such file": "hh-parse none",
    "a cut archive": "gzip -c good | head -c 60 | hh-parse",
    "its own input": "hh-parse --bad good good",
}


@pytest.mark.parametrize("first", EARLY_ENDS.values(), ids=EARLY_ENDS)
def test_an_early_end_is_heard_at_the_end_of_the_pipe(first: str, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(GOOD)
    (tmp_path / "out").write_text("old\n")
    rest = "hh-filter-singleturn | hh-unpack-kto -o out"
    done = shell(f"set +e; {first} | {rest}; echo ${{PIPESTATUS[@]: -2}}", tmp_path)
    assert done.stdout == "74 74\n"
    assert (tmp_path / "out").read_text() == "old\n"
    told = done.stderr.splitlines()[-1]
    assert told.startswith("hh-unpack-kto: stdin:")
    assert "the program before this one stopped: hh-filter-singleturn ended with exit code 74: " in told
    assert "hh-parse ended with exit code " in told


@pytest.mark.parametrize("command", FILTERS)
def test_a_marker_is_no_record(command: str, tmp_path: Path) -> None:
    marker = hh("hh-parse", stdin="7").marker
    for cut in (marker, marker[:15], b'{"half": ' + marker):
        done = hh(command, *NEEDED[command], "--bad", tmp_path / "bad", "--max-bad", "9", stdin=cut)
        assert done.returncode == 74
        assert b"the program before this one stopped: " in done.stderr
        assert (tmp_path / "bad").read_bytes() == b""


def test_there_is_no_marker_where_it_does_not_belong(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"7\n")
    for script in (
        "hh-parse --no-abort-marker < bad",
        "hh-parse -o out < bad",
        "hh-parse -qo out --nothing",
        "hh-parse bad >> bad",
    ):
        done = shell(f"set +e; {script}", tmp_path)
        assert (done.stdout, done.returncode != 0) == ("", True)
    assert (tmp_path / "bad").read_bytes() == b"7\n"


def test_exit_3_is_a_complete_stream() -> None:
    done = hh("hh-parse", "--max-bad", "0", stdin=GOOD + b"7\n")
    assert (done.returncode, len(rows(done.stdout)), done.marker) == (3, 1, b"")


@pytest.mark.parametrize("reader", ["jq -c .", "python3 -c 'import json,sys; [json.loads(l) for l in sys.stdin]'"])
def test_other_readers_of_json_refuse_it(reader: str, tmp_path: Path) -> None:
    if shell(f"command -v {reader.split()[0]}", tmp_path).returncode:
        pytest.skip(f"{reader.split()[0]} is not installed")
    (tmp_path / "x").write_bytes(jsonl(pair()) + b"7\n")
    done = shell(
        f"set +e; hh-filter-singleturn x 2> told | {reader} > out 2> refused; echo ${{PIPESTATUS[1]}}", tmp_path
    )
    assert done.stdout != "0\n"
