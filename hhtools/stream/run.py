"""The loop: lines in, through a stage, rows out, and every record accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from hhtools.records import Bad, Dropped, Record, Stage
from hhtools.stages import Settled, held_rows, keeps_records
from hhtools.stream.abort import heed_abort_marker
from hhtools.stream.decode import Decoder, KeepingDecoder, is_blank
from hhtools.stream.encode import encode, encode_all, encode_each
from hhtools.stream.exits import Bug, Exit, Fault
from hhtools.stream.fused import Fused
from hhtools.stream.inputs import Input, all_readable
from hhtools.stream.options import MAX_LINE, TIMEOUT
from hhtools.stream.report import Tally

SetAside = Callable[[Bad, str, int, bytes], None]


class Run:
    """One pass of a stage over inputs.

    The inputs are opened one after the other, each when the one before it has ended.
    """

    def __init__(
        self,
        stage: Stage,
        paths: Sequence[str],
        *,
        limit: int | None = None,
        max_line: int = MAX_LINE,
        timeout: int = TIMEOUT,
        read_fields: Sequence[str] = (),
        adds_source: bool = False,
        repair_surrogates: bool = False,
    ) -> None:
        self.tally = Tally()
        self.rows_made = 0
        self.inputs: list[Input] = []
        self.stage = stage
        self._paths = paths
        self._limit = limit
        self._max_line = max_line
        self._timeout = timeout
        self._read_fields = read_fields
        self._adds_source = adds_source
        self._repair_surrogates = repair_surrogates
        self._number = 0

    @property
    def tallies(self) -> list[Tally]:
        """The tally of the stage, and of those behind it where several are fused."""
        later = self.stage.later if isinstance(self.stage, Fused) else ()
        return [self.tally, *(each.tally for each in later)]

    def rows(self, set_aside: SetAside, before_wait: Callable[[], None]) -> Iterator[bytes]:
        """Give the encoded rows of all inputs, in order; rows that the stage holds come last, also before a fault.

        The rows of a record are given before the stage sees the next one.

        ``set_aside`` is told of every bad record. ``before_wait`` is called each time an input goes back to the kernel
        for more: output should not be held back then.

        Raises:
            Fault: for an input that cannot be opened or read to its end, also for want of memory; or what ``set_aside``
                raises.
        """
        if isinstance(self.stage, Fused):
            self.stage.tell_bad(partial(self._take_bad_row, set_aside))
        fault = None
        try:
            for path in all_readable(self._paths, self._timeout):
                if self.tally.read == self._limit:
                    break
                with Input(path, self._max_line, before_wait, self._timeout) as given:
                    self.inputs.append(given)
                    yield from self._rows_of(given, set_aside)
        except Fault as caught:
            fault = caught
        held = held_rows(self.stage)
        if isinstance(held, Settled):
            self.tally.settle(held)
        for row in held:
            encoded = encode(row)
            self.rows_made += 1
            yield encoded
        if fault:
            raise fault
        self._check_accounts()

    def _rows_of(self, given: Input, set_aside: SetAside) -> Iterator[bytes]:
        tally, stage, limit = self.tally, self.stage, self._limit
        make_decoder, write = (KeepingDecoder, encode_each) if keeps_records(stage) else (Decoder, encode_all)
        decoder = make_decoder(
            self._read_fields,
            max_line=self._max_line,
            source=given.source if self._adds_source else None,
            repair_surrogates=self._repair_surrogates,
        )
        decode = decoder.decode
        for number, raw in enumerate(given.lines(), 1):
            line, self._number = raw, number
            try:
                try:
                    record = decode(line)
                except Bad as bad:
                    line, record = decoder.repair(line, bad)
                    tally.repaired += 1
                rows = stage(record)
                encoded = write(rows, record, line)
            except Bad as bad:
                self._take_bad(bad, given, number, raw, set_aside)
            except Fault:  # of a later stage: what the first one made of the record stands
                tally.read += 1
                given.records += 1
                tally.settle(stage.first if isinstance(stage, Fused) else ())
                given.verify_rest()
                raise
            except Exception as error:
                raise _unforeseen(error, f"{given.name}:{number}") from error
            else:
                tally.read += 1
                given.records += 1
                if isinstance(rows, (Settled, Dropped)):
                    tally.settle(rows)
                else:
                    tally.used += 1
                if encoded:
                    self.rows_made += len(rows)
                    yield encoded
            if tally.read == limit:
                return

    def _check_accounts(self) -> None:
        for tally in self.tallies:
            if tally.held:
                raise Fault(Exit.BUG, f"accounting error, please report it: {tally}")

    def _take_bad(self, bad: Bad, given: Input, number: int, line: bytes, set_aside: SetAside) -> None:
        heed_abort_marker(given.name, number, line)
        if is_blank(line, bad):
            self.tally.blank += 1
            return
        self.tally.read += 1
        given.records += 1
        self.tally.bad[bad.reason] += 1
        try:
            set_aside(bad, given.name, number, line)
        except Fault:
            given.verify_rest()
            raise

    def _take_bad_row(self, set_aside: SetAside, bad: Bad, row: Record) -> None:
        set_aside(bad, self.inputs[-1].name, self._number, encode(row))


def _unforeseen(error: Exception, where: str) -> Exception:
    # Memory that runs out is no bug of ours.
    return MemoryError() if isinstance(error, MemoryError) else Bug(f"{where}: {type(error).__name__}: {error}")
