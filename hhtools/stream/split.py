"""One run of a split: every record into one of several files, which appear together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from hhtools.records import Notes, Record, Rows
from hhtools.stream.files import file_in, located
from hhtools.stream.filter import Target, run_into
from hhtools.stream.outputs import Output
from hhtools.stream.signals import end_whole, held_off
from hhtools.stream.split_options import Division, SplitOptions


def run_split(
    name: str, division: Division, options: SplitOptions, argv: Sequence[str], *, read_fields: Sequence[str]
) -> int:
    """Write each record into its part as the options say, and give the exit code; above 128, the signal to die of."""
    end_whole()
    options = located(options)
    paths = {part: file_in(options.output_dir, options.file_of(part), "-O") for part in division.parts}
    sorter = Sorter(division)
    target = Target(
        {f"-O ({part})": path for part, path in paths.items()},
        partial(Parts, sorter, paths, options.clobber, options.timeout),
    )
    return run_into(target, name, sorter, options, argv, read_fields=read_fields)


class Sorter:
    """A stage that passes every record on as it is, and remembers which part it belongs to until the next one."""

    def __init__(self, division: Division) -> None:
        self.part = ""
        self.counts = dict.fromkeys(division.parts, 0)
        self._part_of = division.part_of

    def __call__(self, record: Record) -> Rows:
        """Pass the record on."""
        self.part = self._part_of(record)
        self.counts[self.part] += 1
        return (record,)

    def notes(self) -> Notes:
        """Tell how many records each part has."""
        return {**self.counts}


class Parts:
    """The files of all parts: rows are written into the one that the sorter has named last."""

    def __init__(self, sorter: Sorter, paths: Mapping[str, str], clobber: bool, timeout: int) -> None:
        self._sorter = sorter
        self._outputs: dict[str, Output] = {}
        with ExitStack() as opened:
            opened.callback(self.close)
            for part, path in paths.items():
                self._outputs[part] = Output(path, clobber, timeout)
            opened.pop_all()

    def write_all(self, records: Iterable[bytes]) -> None:
        """Write the rows of each record into its part; raises as Output.write_all does."""
        sorter, outputs = self._sorter, self._outputs
        for rows in records:
            outputs[sorter.part].write_all((rows,))

    def flush(self) -> None:
        """Hand all rows to the kernel; raises as Output.flush does."""
        for output in self._outputs.values():
            output.flush()

    def kept(self, _rows_made: int) -> int:
        """Count how many of the rows are in files that have appeared."""
        return sum(output.kept(self._sorter.counts[part]) for part, output in self._outputs.items())

    def commit(self) -> None:
        """Let all files appear, one behind the other, and the first part last: when it is there, they all are.

        All that may well fail is done before the first of them appears. A signal waits until the last has.

        Raises:
            Fault: as Output.commit does.
        """
        for output in self._outputs.values():
            output.finish()
        with held_off():
            for part in reversed(self._outputs):
                self._outputs[part].commit()

    def abandon(self, complete: bool) -> str:
        """End early, and tell of each file what became of it."""
        return "".join(output.abandon(complete) for output in self._outputs.values())

    def close(self) -> None:
        """End; files that have not appeared are removed."""
        for output in self._outputs.values():
            output.close()
