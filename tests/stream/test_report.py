from __future__ import annotations

import gzip
import json
from pathlib import Path

import hhtools
from tests.dialogues import pair, user
from tests.shell import SAMPLE, hh, jsonl

TIE = pair(user("q"), chosen="5")


def test_report_of_a_whole_run(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(jsonl(pair(), TIE) + b"\n"))
    plain = tmp_path / "b.jsonl"
    plain.write_bytes(jsonl(pair(), 7))
    report = tmp_path / "report.json"
    done = hh("hh-unpack-kto", "--max-bad", "1", "--report", report, path, plain)
    assert done.returncode == 0
    found = json.loads(report.read_text())
    assert 0 <= found.pop("seconds") < 60
    assert found == {
        "command": "hh-unpack-kto",
        "version": hhtools.__version__,
        "argv": ["--max-bad", "1", "--report", str(report), str(path), str(plain)],
        "inputs": [
            {"name": str(path), "bytes": path.stat().st_size, "records": 2, "end": "verified"},
            {"name": str(plain), "bytes": plain.stat().st_size, "records": 2, "end": "unverified"},
        ],
        "read": 4,
        "used": 2,
        "dropped": {"tie": 1},
        "bad": {"not-object": 1},
        "held": 0,
        "blank": 1,
        "repaired": 0,
        "written": 4,
        "notes": {"desirable": 2, "undesirable": 2},
        "exit": 0,
        "complete": True,
    }


def test_report_of_a_run_that_failed(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert hh("hh-unpack-kto", "--report", report, stdin=jsonl(pair(), 7, pair())).returncode == 65
    found = json.loads(report.read_text())
    assert (found["read"], found["used"], found["bad"], found["written"]) == (2, 1, {"not-object": 1}, 2)
    assert (found["exit"], found["complete"], found["inputs"][0]["end"]) == (65, False, "not reached")
    assert hh("hh-unpack-kto", "--report", report, "/none").returncode == 66
    found = json.loads(report.read_text())
    assert (found["exit"], found["complete"], found["inputs"], found["read"]) == (66, False, [], 0)


def test_repaired_records_are_counted_whatever_became_of_them(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    half = [record[:-2] + rb',"x":"\ud800"}' for record in (jsonl(pair()), jsonl(TIE), jsonl({"id": 1}))]
    given = jsonl(pair()) + b"\n".join(half)
    done = hh("hh-unpack-kto", "--repair-surrogates", "--max-bad", "1", "--report", report, "-v", stdin=given)
    counted = b"4 read (3 repaired), 2 used, 1 dropped (tie 1), 1 bad (missing-field 1); 4 rows written"
    assert (done.returncode, done.stderr.splitlines(True)[-1]) == (
        0,
        b"hh-unpack-kto: %b; desirable 2, undesirable 2\n" % counted,
    )
    assert json.loads(report.read_text())["repaired"] == 3


def test_report_holds_no_secrets(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    hh("hh-parse", "--report", report, "https://me:hunter2@127.0.0.1:1/x?X-Amz-Signature=hunter2")
    assert "hunter2" not in report.read_text()
    assert "https://127.0.0.1:1/x" in report.read_text()


def test_a_report_for_every_stage_of_a_pipe(tmp_path: Path) -> None:
    for command in ("hh-parse", "hh-filter-singleturn"):
        hh(command, HH_REPORT_DIR=str(tmp_path))
    assert sorted(path.name.split(".")[0] for path in tmp_path.iterdir()) == ["hh-filter-singleturn", "hh-parse"]


def test_a_report_that_cannot_be_written_is_told() -> None:
    done = hh("hh-parse", "--report", "/dev/full", "-o", "/dev/null", SAMPLE)
    assert done.returncode == 74
    assert done.stderr == b"hh-parse: --report: /dev/full: write error: No space left on device\n"


def test_rows_that_did_not_leave_are_not_counted_as_written(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = hh("hh-parse", "--report", report, "-o", "/dev/full", SAMPLE)
    found = json.loads(report.read_text())
    assert (done.returncode, found["used"], found["written"], found["complete"]) == (74, 40, 0, False)


def test_dropping_too_much_is_told() -> None:
    given = jsonl(pair(), TIE, TIE)
    assert hh("hh-unpack-kto", "--max-drop", "2", stdin=given).returncode == 0
    done = hh("hh-unpack-kto", "--max-drop", "0.5", stdin=given)
    assert (done.returncode, len(done.stdout.splitlines())) == (3, 2)
    assert done.stderr == b"hh-unpack-kto: 2 dropped (tie 2) of 3 records: more than --max-drop 0.5 allows\n"
