"""The loop of what shows records to people: lines in, through a view, text or a page out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from typing import Protocol

from hhtools.records import Bad, Record
from hhtools.stream.abort import heed_abort_marker
from hhtools.stream.decode import Decoder, is_blank
from hhtools.stream.duplicates import doubled_field
from hhtools.stream.exits import BrokenOutput, Bug, Exit, Fault
from hhtools.stream.inputs import Input, all_readable
from hhtools.stream.names import STDIN
from hhtools.stream.options import ReadOptions
from hhtools.stream.outputs import Output
from hhtools.stream.pager import paged
from hhtools.stream.report import Tally, with_reasons
from hhtools.stream.signals import Interrupted, heed

_NOT_SAMPLED = "not-sampled"


class View(Protocol):
    """How records are laid out, and what stands before and behind all of them."""

    @property
    def start(self) -> str:
        """Give what stands before all records."""

    @property
    def end(self) -> str:
        """Give what stands behind all records."""

    def record(self, place: str, record: Record) -> str:
        """Lay a record out, with its place."""

    def bad(self, place: str, bad: Bad) -> str:
        """Lay out what there is to say about a record that cannot be read."""


Placed = tuple[str, Record]
"""A record and its place, ``FILE:LINE``."""


class Sample(Protocol):
    """Chooses the records to show."""

    def offer(self, record: Record, placed: Placed) -> bool:
        """Take a record into the sample, or not; tell whether one is left out by now, this or another."""

    def take(self) -> Sequence[Placed]:
        """Give the sample, in the order of the input."""


class Viewing:
    """One pass of a view over inputs, each opened when the one before it has ended.

    A record that is bad is shown with its reason where it stands, and the run goes on.
    """

    def __init__(self, view: View, sample: Sample | None, options: ReadOptions, page: str | None) -> None:
        self.tally = Tally()
        self.inputs: list[Input] = []
        self.is_complete = False
        self._view = view
        self._sample = sample
        self._options = options
        self._page = page

    def __call__(self) -> int:
        """Show all there is, and give 65 if a record was bad."""
        with paged() if self._page is None else nullcontext():
            output = Output(self._page, timeout=self._options.timeout)
            try:
                output.write_all(text.encode() for text in self._texts(output.flush))
                output.commit()
                self.is_complete = True  # not so when the pager was left before
            except Fault as fault:
                fault.message += output.abandon(complete=False)
                raise
            except (Bug, Interrupted):
                heed()
                with suppress(BrokenOutput):  # a pager that is left now does not undo the interrupt
                    output.flush()
                raise
            finally:
                output.close()
        return Exit.BAD_RECORD if self.tally.bad else Exit.OK

    def summary(self) -> str:
        """Sum up in one line what was shown."""
        tally = self.tally
        told = f"{tally.read} read, {tally.used} shown, {with_reasons(tally.bad, 'bad')}"
        return told if self.is_complete else f"{told}; not read to the end"

    def _texts(self, before_wait: Callable[[], None]) -> Iterator[str]:
        yield self._view.start
        fault = None
        try:
            yield from self._all_inputs(self._options.paths or (STDIN,), before_wait)
        except Fault as caught:
            fault = caught
        for place, record in self._sample.take() if self._sample else ():
            text = self._laid_out(place, record)
            self.tally.used += 1
            yield text
        if fault:
            raise fault
        yield self._view.end

    def _all_inputs(self, paths: Sequence[str], before_wait: Callable[[], None]) -> Iterator[str]:
        for path in all_readable(paths, self._options.timeout):
            if self.tally.read == self._options.limit:
                return
            with Input(path, self._options.max_line, before_wait, self._options.timeout) as given:
                self.inputs.append(given)
                yield from self._one_input(given)

    def _one_input(self, given: Input) -> Iterator[str]:
        decoder = Decoder(max_line=given.max_line, source=given.source)
        for number, line in enumerate(given.lines(), 1):
            place = f"{given.name}:{number}"
            try:
                record = _decoded(decoder, line)
                left_out = self._sample.offer(record, (place, record)) if self._sample else False
                text = "" if self._sample else self._laid_out(place, record)
            except Bad as bad:
                heed_abort_marker(given.name, number, line)
                if is_blank(line, bad):
                    self.tally.blank += 1
                    continue
                self.tally.bad[bad.reason] += 1
                bad.detail = bad.detail.partition("; --repair")[0]  # an option of those that write records
                text = self._view.bad(place, bad)
            else:
                self.tally.dropped.update([_NOT_SAMPLED] if left_out else [])
                self.tally.used += not self._sample
            self.tally.read += 1
            given.records += 1
            if text:
                yield text
            if self.tally.read == self._options.limit:
                return

    def _laid_out(self, place: str, record: Record) -> str:
        try:
            return self._view.record(place, record)
        except MemoryError:
            raise
        except Exception as error:
            raise Bug(f"{place}: {type(error).__name__}: {error}") from error


def _decoded(decoder: Decoder, line: bytes) -> Record:
    # All fields are shown, so that none may stand twice.
    record = decoder.decode(line)
    twice = doubled_field(line, record, list(record))
    if twice is not None:
        raise Bad("duplicate-key", f'"{twice}" stands twice')
    return record
