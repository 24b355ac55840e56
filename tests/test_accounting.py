"""Counted from the outside, for any bytes: every record is used, dropped or bad, and the bad are set aside exactly."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.archives import zstd
from tests.every_command import run_here
from tests.shell import jsonl, raw_of, rows

COMMAND = "hh-filter-singleturn"
MAX_LINE = 200

Kind = Literal["used", "dropped", "bad", "blank"]


class Line(NamedTuple):
    content: bytes  # without its line break
    kind: Kind


def conversation(*contents: str) -> bytes:
    return jsonl({"messages": [{"role": "user", "content": content} for content in contents]}).strip()


def of_any_bytes(content: bytes) -> Line:
    content = content.replace(b"\n", b"").replace(b"\x18", b"")  # no line break, and no abort marker
    return Line(content, "bad" if content.strip() else "blank")


USED = Line(conversation("Où ?"), "used")
KNOWN = [
    USED,
    Line(b" \t" + conversation("\u2028\x85\x0b\0") + b" \r", "used"),
    Line(conversation("q", "r"), "dropped"),
    Line(conversation(), "dropped"),
    Line(conversation("q") * 2, "bad"),
    Line(conversation("q")[:-1], "bad"),
    Line(conversation("q").replace(b"q", b"\xff"), "bad"),
    Line(conversation("q").replace(b"q", rb"\ud800"), "bad"),
    Line(b"\xef\xbb\xbf" + conversation("q"), "bad"),  # in the middle of a file it is no mark of the encoding
    Line(b'{"messages":"\xc3"}\r', "bad"),
    Line(b"{}", "bad"),
    Line(b"[" + conversation("q") + b"]", "bad"),
    Line(b"\0\0\0\r", "bad"),
    Line(b"\x1f\x8b\x08", "bad"),
    Line(b"\r", "blank"),
    Line(b"", "blank"),
    Line(b" \t\x0b\x0c ", "blank"),
    Line(b" " * MAX_LINE, "blank"),
    Line(b" " * MAX_LINE + b" ", "bad"),  # too long to see that it is blank
    Line(conversation("x" * MAX_LINE), "bad"),
    Line("é".encode() * MAX_LINE, "bad"),
]
LINES = st.lists(st.sampled_from(KNOWN) | st.binary(max_size=12).map(of_any_bytes), max_size=8)
PACKINGS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "zstd": zstd.compress}


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
@given(files=st.lists(LINES, min_size=1, max_size=3), ends=st.booleans())
@settings(max_examples=60)
def test_every_line_is_where_it_belongs(pack: Callable[[bytes], bytes], files: list[list[Line]], ends: bool) -> None:
    """Byte for byte, in order, under its file and its number, whether the last line ends in a line break or not."""
    files = [[USED, *lines] for lines in files]  # so that each is lines, and not an array or another format
    with TemporaryDirectory() as place:
        folder = Path(place)
        paths = [folder / f"{number}.jsonl" for number in range(len(files))]
        for path, lines in zip(paths, files, strict=True):
            path.write_bytes(pack(b"\n".join(line.content for line in lines) + b"\n" * ends))
        code, passed_on, bad, report = run_with_all_files(folder, paths)

    assert code == 0
    every_line = [line for lines in files for line in lines]
    assert passed_on == b"".join(line.content.strip() + b"\n" for line in every_line if line.kind == "used")
    assert bad == [
        (str(path), number, line.content[: MAX_LINE + 1])
        for path, lines in zip(paths, files, strict=True)
        for number, line in enumerate(lines, 1)
        if line.kind == "bad"
    ]
    kinds = [line.kind for line in every_line]
    # The last line is no line when nothing stands behind the last line break.
    last_is_nothing = sum(lines[-1].content == b"" for lines in files) if not ends else 0
    assert report["blank"] == kinds.count("blank") - last_is_nothing
    assert (report["read"], report["used"]) == (len(kinds) - kinds.count("blank"), kinds.count("used"))
    assert sum(report["dropped"].values()) == kinds.count("dropped")
    assert sum(report["bad"].values()) == kinds.count("bad")
    assert report["read"] == report["used"] + sum(report["dropped"].values()) + sum(report["bad"].values())


@given(content=st.binary(max_size=80) | st.text(max_size=40).map(str.encode))
@settings(max_examples=150)
def test_a_file_of_any_bytes_is_all_bad(content: bytes) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / "x.jsonl"
        path.write_bytes(content)
        code, passed_on, bad, report = run_with_all_files(folder, [path])
    assert passed_on is None if code else passed_on == b""
    assert report["read"] == sum(report["bad"].values()) == len(bad)
    assert (code, report["exit"], report["written"]) == (report["exit"], code, 0)
    text = content.removeprefix(b"\xef\xbb\xbf")
    if code in {0, 3} and not text.startswith(b"["):
        lines = list(enumerate(text.split(b"\n"), 1))
        assert bad == [(str(path), number, line) for number, line in lines if line.strip()]
        assert (code == 3) == bool(bad)


def run_with_all_files(
    folder: Path, paths: list[Path]
) -> tuple[int, bytes | None, list[tuple[str, int, bytes]], dict[str, Any]]:
    """Give the exit code, the rows, source, number and bytes of each bad record, and the report."""
    out, bad, report = folder / "out", folder / "bad", folder / "report"
    code = run_here(COMMAND, "-q", "-o", out, "--bad", bad, "--report", report, "--max-line", str(MAX_LINE), *paths)
    entries = [(entry["source"], entry["line"], raw_of(entry)) for entry in rows(bad.read_bytes())]
    return code, out.read_bytes() if out.exists() else None, entries, json.loads(report.read_bytes())
