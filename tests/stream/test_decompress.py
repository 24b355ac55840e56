from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from hhtools.stream import decompress as module
from hhtools.stream.decompress import decompress
from hhtools.stream.exits import InputFault
from hhtools.stream.feed import Feed
from tests.archives import with_all_gzip_fields, zstd, zstd_frame
from tests.shell import hh, jsonl

LINES = b"".join(b'{"messages":[{"role":"user","content":"%d %d"}]}\n' % (n, n * n) for n in range(3000))


def plain(data: bytes) -> bytes:
    chunks, _ = decompress(Feed("x", io.BytesIO(data)))
    return b"".join(chunks)


WHOLE: dict[str, tuple[bytes, bytes]] = {
    "plain": (LINES, LINES),
    "empty": (b"", b""),
    "gzip": (gzip.compress(LINES), LINES),
    "gzip of nothing": (gzip.compress(b""), b""),
    "gzip, stored": (gzip.compress(LINES, 0), LINES),
    "gzip, several members": (gzip.compress(b"a\n") + gzip.compress(b"") + gzip.compress(LINES), b"a\n" + LINES),
    "gzip, all header fields": (with_all_gzip_fields(LINES), LINES),
    "gzip, padded with zeros": (gzip.compress(LINES) + b"\0" * 5000, LINES),
    "zstd": (zstd.compress(LINES), LINES),
    "zstd of nothing": (zstd.compress(b""), b""),
    "zstd, several frames": (zstd.compress(b"a\n") + zstd.compress(LINES), b"a\n" + LINES),
    "zstd, a skippable frame first": (b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstd.compress(LINES), LINES),
}


@pytest.mark.parametrize(("packed", "expected"), WHOLE.values(), ids=WHOLE)
def test_whole_streams(packed: bytes, expected: bytes) -> None:
    assert plain(packed) == expected


def test_without_isal_the_standard_library_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "fast_zlib", zlib)
    assert plain(gzip.compress(LINES)) == LINES


GZIP = gzip.compress(LINES)
ZSTD = zstd_frame(LINES)

BROKEN: dict[str, tuple[bytes, str]] = {
    "cut in the header": (GZIP[:5], "ends early"),
    "cut after the header": (GZIP[:10], "ends early"),
    "cut in the middle": (GZIP[: len(GZIP) // 2], "ends early"),
    "trailer missing": (GZIP[:-8], "ends early"),
    "trailer cut": (GZIP[:-1], "ends early"),
    "wrong checksum": (GZIP[:-8] + b"abcd" + GZIP[-4:], "checksum"),
    "wrong length": (GZIP[:-4] + b"abcd", "checksum"),
    "second member cut": (GZIP + GZIP[:50], "ends early"),
    "junk behind": (GZIP + b"junk", "something else after the end"),
    "unknown method": (b"\x1f\x8b\x07" + GZIP[3:], "corrupt gzip header"),
    "a bit flipped": (GZIP[:900] + bytes([GZIP[900] ^ 255]) + GZIP[901:], "corrupt|checksum|ends early"),
    "zstd cut": (ZSTD[: len(ZSTD) // 2], "ends early"),
    "zstd flipped": (ZSTD[:900] + bytes([ZSTD[900] ^ 255]) + ZSTD[901:], "corrupt"),
    "zstd, second frame cut": (ZSTD + ZSTD[:50], "ends early"),
    "zstd, junk behind": (ZSTD + b"junk", "corrupt"),
}


@pytest.mark.parametrize(("packed", "told"), BROKEN.values(), ids=BROKEN)
def test_broken_streams_are_told(packed: bytes, told: str) -> None:
    with pytest.raises(InputFault, match=told):
        plain(packed)


@pytest.mark.parametrize("packed", [GZIP, ZSTD], ids=["gzip", "zstd"])
def test_everything_before_a_cut_is_given(packed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    whole = 0
    for cut in range(1, len(packed), max(1, len(packed) // 12)):
        path.write_bytes(packed[:cut])
        done = hh("hh-filter-singleturn", path)
        assert done.returncode == (74 if cut > 3 else 65)
        assert LINES.startswith(done.stdout)
        decodable = zlib.decompressobj(31).decompress(packed[:cut]) if packed is GZIP else done.stdout
        assert done.stdout == decodable[: decodable.rfind(b"\n") + 1]
        assert len(done.stdout) >= whole
        whole = len(done.stdout)


def test_first_bytes_tell_and_not_the_name(tmp_path: Path) -> None:
    record = jsonl({"messages": [{"role": "user", "content": "q"}]})
    for name, packed in {"a.gz": record, "b.jsonl": gzip.compress(record), "c.gz": zstd.compress(record)}.items():
        (tmp_path / name).write_bytes(packed)
        assert hh("hh-filter-singleturn", tmp_path / name).stdout == record
        assert hh("hh-filter-singleturn", stdin=packed).stdout == record


def test_what_is_not_installed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.zst"
    path.write_bytes(zstd.compress(b"{}\n"))
    code = "import sys; sys.modules[sys.argv.pop()] = None; import hhtools.commands.parse as parse; parse.main()"
    done = subprocess.run([sys.executable, "-c", code, path, zstd.__name__], capture_output=True, check=False)
    assert done.returncode == 78
    assert done.stderr.decode() == f"hh-parse: {path}: zstd needs one more package: pip install backports.zstd\n"
