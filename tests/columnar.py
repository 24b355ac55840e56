"""Parquet and Arrow files of records, as tests write them."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
from pyarrow import ipc, parquet

from hhtools.records import Record


def parquet_of(*records: Record, **options: Any) -> bytes:
    """Write records as a Parquet file."""
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(records)), file, **options)
    return file.getvalue()


def arrow_file_of(*records: Record, rows: int = 1000, **options: Any) -> bytes:
    """Write records as a file of Arrow's IPC, so many rows a batch."""
    return _arrow(ipc.new_file, records, rows, options)


def arrow_stream_of(*records: Record, rows: int = 1000, **options: Any) -> bytes:
    """Write records as a stream of Arrow's IPC, so many rows a batch."""
    return _arrow(ipc.new_stream, records, rows, options)


def _arrow(new: Any, records: tuple[Record, ...], rows: int, options: dict[str, Any]) -> bytes:
    table = pa.Table.from_pylist(list(records))
    file = io.BytesIO()
    with new(file, table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, rows)
    return file.getvalue()
