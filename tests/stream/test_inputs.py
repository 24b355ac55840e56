from __future__ import annotations

import os
from pathlib import Path

import pytest

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.inputs import Input, check_readable

LINES = {
    "no newline at the end": (b'{"a":1}\n{"b":2}', [b'{"a":1}\n', b'{"b":2}']),
    "a BOM": (b"\xef\xbb\xbf{}\n", [b"{}\n"]),
    "only a BOM": (b"\xef\xbb\xbf", []),
    "less than a BOM": (b"{}", [b"{}"]),
    "nothing": (b"", []),
    "blank lines": (b"\n\n{}\n", [b"\n", b"\n", b"{}\n"]),
    "line separators inside": ("{\u2028\x85\x0b}\n".encode(), ["{\u2028\x85\x0b}\n".encode()]),
    "an array": (b"[{}, {}]", [b"{}", b"{}"]),
    "a BOM and an array": (b"\xef\xbb\xbf[{}]", [b"{}"]),
    "as long as may be": (b"x" * 20 + b"\n{}\n", [b"x" * 20 + b"\n", b"{}\n"]),
    "longer by one": (b"x" * 21 + b"\n{}\n", [b"x" * 21, b"{}\n"]),
    "much longer": (b"x" * 500_000 + b"\n{}\n", [b"x" * 21, b"{}\n"]),
    "longer, at the end": (b"{}\n" + b"x" * 50, [b"{}\n", b"x" * 21]),
}


@pytest.mark.parametrize(("data", "lines"), LINES.values(), ids=LINES)
def test_lines(data: bytes, lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(data)
    given = Input(str(path), max_line=20)
    assert list(given.lines()) == lines
    assert given.bytes_read == len(data)
    assert given.end == ("verified" if b"[" in data else "unverified")
    given.close()


@pytest.mark.parametrize("size", [1, 2, 5])
def test_lines_that_arrive_in_pieces(size: int) -> None:
    data = b'\xef\xbb\xbf{"a":1}\n{"b":2}\n'
    reader, writer = os.pipe()
    saved = os.dup(0)
    try:
        os.dup2(reader, 0)
        waits = 0

        def feed_some() -> None:
            nonlocal waits
            piece = data[waits * size : (waits + 1) * size]
            waits += 1
            os.write(writer, piece) if piece else os.close(writer)

        assert list(Input("-", before_wait=feed_some).lines()) == [b'{"a":1}\n', b'{"b":2}\n']
        assert waits == -(-len(data) // size) + 1
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(reader)


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    for path, told in {str(tmp_path / "none"): "No such file", str(tmp_path): "directory"}.items():
        with pytest.raises(Fault, match=f"{path}: cannot be opened: .*{told}") as caught:
            check_readable(path)
        assert caught.value.code == Exit.NO_INPUT
    check_readable("-")
    check_readable("s3://bucket/key")
