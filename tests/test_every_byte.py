"""An archive that is cut or damaged, at every one of its bytes: it never passes for a whole one."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest

from hhtools.records import Bad
from hhtools.stream import decompress
from hhtools.stream.compress import Framed
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.run import Run
from tests.archives import with_all_gzip_fields, zstd, zstd_frame
from tests.every_command import run_here
from tests.shell import hh, jsonl, shell

COMMAND = "hh-filter-singleturn"
RECORDS = [jsonl({"messages": [{"role": "user", "content": f"Où {n * n * 79}?"}]}) for n in range(1, 6)]
FIRST, SECOND = b"".join(RECORDS[:3]), b"".join(RECORDS[3:])


def framed(*pieces: bytes) -> bytes:
    """Give what goes through a checked pipe."""
    frame = Framed()
    return b"".join(map(frame.compress, pieces)) + frame.finish()


class Archive(NamedTuple):
    """All records in one member or two, and the bytes of a member that may be anything: they carry no data."""

    members: list[bytes]
    idle: set[int]

    @property
    def packed(self) -> bytes:
        return b"".join(self.members)

    @property
    def ends(self) -> set[int]:
        """The lengths at which a cut leaves nothing but whole members."""
        return {sum(map(len, self.members[:count])) for count in range(1, len(self.members) + 1)}

    def idle_places(self) -> set[int]:
        return {start + place for start in {0, *self.ends} - {len(self.packed)} for place in self.idle}


# Of a gzip header: time, flags for the compressor, operating system; and where they are, extra field, name, comment,
# checksum of the header. What says how long they are is not idle.
TIME_AND_SYSTEM = set(range(4, 10))
FIELDS = {*range(12, 19), *range(20, 27), 28, 29}

ARCHIVES = {
    "gzip": Archive([gzip.compress(FIRST), gzip.compress(SECOND)], TIME_AND_SYSTEM),
    "gzip with all fields": Archive(list(map(with_all_gzip_fields, (FIRST, SECOND))), TIME_AND_SYSTEM | FIELDS),
    "a checked pipe": Archive([framed(FIRST, SECOND)], TIME_AND_SYSTEM),
    "zstd": Archive([zstd_frame(*RECORDS[:3]), zstd_frame(*RECORDS[3:])], set()),
}
CASES = {
    f"{name}, by {decoder}": (archive, decoder)
    for name, archive in ARCHIVES.items()
    for decoder in (["zstd"] if name == "zstd" else ["isal.isal_zlib", "zlib"])
}

every_archive = pytest.mark.parametrize(("archive", "decoder"), CASES.values(), ids=CASES, indirect=["decoder"])


@pytest.fixture
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let gzip be decoded by isal, or as on a machine that has no isal."""
    if request.param != "zstd":
        monkeypatch.setattr(decompress, "fast_zlib", pytest.importorskip(request.param))


def flipped(packed: bytes, place: int, bits: int = 0xFF) -> bytes:
    return packed[:place] + bytes([packed[place] ^ bits]) + packed[place + 1 :]


def put(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)  # some file systems wait for the disk when a file is written over
    path.write_bytes(data)


def decodable(packed: bytes) -> bytes:
    """Decode byte by byte, so that nothing is lost that can be had."""
    plain, decoder = b"", None
    for place in range(len(packed)):
        if decoder is None or decoder.eof:
            decoder = zlib.decompressobj(31) if packed.startswith(b"\x1f") else zstd.ZstdDecompressor()
        plain += decoder.decompress(packed[place : place + 1])
    return plain


def rows_of(path: Path) -> tuple[Fault | None, bytes]:
    """Pass on the records of a file that stops at the first bad one: its fault, and the rows before it."""

    def stop(bad: Bad, *_: object) -> None:
        raise Fault(Exit.BAD_RECORD, str(bad))

    rows: list[bytes] = []
    try:
        rows.extend(Run(lambda record: (record,), [str(path)]).rows(stop, lambda: None))
    except Fault as fault:
        return fault, b"".join(rows)
    return None, b"".join(rows)


@every_archive
@pytest.mark.usefixtures("decoder")
def test_cut_at_every_byte(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    for cut in range(len(archive.packed)):
        put(path, archive.packed[:cut])
        fault, rows = rows_of(path)
        decoded = decodable(archive.packed[:cut])
        assert rows == decoded[: decoded.rfind(b"\n") + 1]
        assert (fault is None) == (cut in archive.ends)  # what is cut between two members is a whole archive
        assert fault is None or fault.code == Exit.IO


@every_archive
@pytest.mark.usefixtures("decoder")
def test_a_bit_flipped_in_every_byte(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    unnoticed = set()
    for place in range(len(archive.packed)):
        for bits in (1, 2, 4, 8, 16, 32, 64, 128, 0xFF):
            put(path, flipped(archive.packed, place, bits))
            fault, rows = rows_of(path)
            if fault is None:
                assert rows == FIRST + SECOND
                unnoticed.add((place, bits))
            elif len(archive.ends) == 2 and place >= min(archive.ends):
                assert rows.startswith(FIRST)
    assert {place for place, bits in unnoticed if bits == 0xFF} == archive.idle_places()


LARGE = b"".join(jsonl({"messages": [{"role": "user", "content": f"{n**9}"}]}) for n in range(2000))
LARGE_ARCHIVES = {
    "gzip, by isal": (gzip.compress(LARGE), "isal.isal_zlib"),
    "gzip, by zlib": (gzip.compress(LARGE), "zlib"),
    "zstd": (zstd_frame(*LARGE.splitlines(keepends=True)), "zstd"),
}


@pytest.mark.parametrize(("packed", "decoder"), LARGE_ARCHIVES.values(), ids=LARGE_ARCHIVES, indirect=["decoder"])
@pytest.mark.usefixtures("decoder")
def test_what_stands_before_the_damage_is_passed_on(packed: bytes, tmp_path: Path) -> None:
    """All of it but for what the last kibibyte holds: a decoder that fails keeps what it was just given."""
    path = tmp_path / "x.jsonl.gz"
    for place in range(100, len(packed), len(packed) // 10):
        put(path, flipped(packed, place))
        fault, rows = rows_of(path)
        assert fault
        assert fault.code == Exit.IO
        before = decodable(packed[: max(0, place - 1024)])
        assert rows.startswith(before[: before.rfind(b"\n") + 1])


@every_archive
@pytest.mark.usefixtures("decoder")
def test_a_file_is_replaced_by_a_whole_one_or_not(
    archive: Archive, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Cut and flipped at every byte; with --bad, and with an input that is whole, there are no excuses either."""
    packed = archive.packed
    broken = {f"cut at {cut}": packed[:cut] for cut in range(len(packed)) if cut not in archive.ends}
    broken |= {
        f"flipped at {place}": flipped(packed, place) for place in set(range(len(packed))) - archive.idle_places()
    }
    whole, path, bad, out = (tmp_path / name for name in ("whole.jsonl", "x.jsonl.gz", "bad", "out"))
    whole.write_bytes(FIRST)
    out.write_text("old\n")
    ways: Iterator[list[str | Path]] = cycle([[path], ["--bad", bad, whole, path], ["--bad", bad, path, whole]])
    for (what, data), argv in zip(broken.items(), ways, strict=False):
        put(path, data)
        assert run_here(COMMAND, "-o", out, *argv) == 74, (what, argv)
        assert out.read_text() == "old\n"
    assert {name.name for name in tmp_path.iterdir()} == {"whole.jsonl", "x.jsonl.gz", "bad", "out"}
    told = set(capfd.readouterr().err.splitlines())
    assert all(line.endswith(f"; {out} is left as it was") for line in told)

    for place in archive.idle_places():
        path.write_bytes(flipped(packed, place))
        assert run_here(COMMAND, "-o", out, whole, path) == 0
        assert out.read_bytes() == FIRST + FIRST + SECOND


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES)
def test_a_sample_through_the_command(archive: Archive, tmp_path: Path) -> None:
    packed = archive.packed
    for place in sorted(set(range(4, len(packed))) - archive.idle_places())[:: len(packed) // 3]:
        for broken in (packed[:place], flipped(packed, place)):
            assert hh(COMMAND, stdin=broken).returncode == 74
            put(tmp_path / "x", broken)
            assert shell(f"set +e; cat x | {COMMAND} -o out", tmp_path).returncode == 74
            assert not (tmp_path / "out").exists()
