"""Shards of every kind, runs over them, and what a run may leave behind."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

from tests.archives import zstd_frame
from tests.shell import SAMPLE

LINES = gzip.decompress(SAMPLE.read_bytes()).splitlines(keepends=True)

KINDS: dict[str, bytes] = {
    "plain.jsonl": b"".join(LINES),
    "packed.jsonl.gz": gzip.compress(b"".join(LINES[10:]), mtime=0),
    "framed.jsonl.zst": zstd_frame(b"".join(LINES[:20])),
    "empty.jsonl": b"",
    "empty-archive.jsonl.gz": gzip.compress(b"", mtime=0),
    "array.json": b"[" + b",\n".join(line.strip() for line in LINES[:9]) + b"]\n",
    "blank/lines and.crlf.jsonl": b"\n" + b"\r\n \n".join(line.strip() for line in LINES[20:]) + b"\r\n\r\n",
    "blank/train.jsonl.gz": gzip.compress(b"".join(LINES[:3]), mtime=0) + gzip.compress(b"".join(LINES[3:6]), mtime=0),
    "no-newline.ndjson": b"".join(LINES[:5]).rstrip(),
}
"""One input of each kind: how it is packed, how it ends, what stands between its records."""


def write_inputs(folder: Path, inputs: Mapping[str, bytes]) -> None:
    """Write inputs below folder/in."""
    for name, content in inputs.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def outputs(folder: Path) -> dict[str, bytes]:
    """Give the outputs in a folder, and nothing that hh-run keeps for itself; hidden files are seen."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "_hh" not in path.parts and path.name != "_SUCCESS"
    }


def strays(folder: Path) -> list[str]:
    """Name all files in a folder that are neither outputs nor what hh-run keeps of them."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    made = {name for name in found if name.endswith((".jsonl", ".jsonl.gz")) and not name.startswith("_hh/")}
    kept = {"_SUCCESS", "_hh/plan.json", "_hh/report.json"} | {f"_hh/reports/{name}.json" for name in made}
    return sorted(name for name in found - kept - made if not name.rpartition("/")[2].startswith("report-")) + sorted(
        name for name in made if name.rpartition("/")[2].startswith(".")
    )
