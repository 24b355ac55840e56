"""A pipeline of hhtools' own commands, with the words and options they have in the shell, as stages in one process."""

from __future__ import annotations

import pkgutil
import shlex
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from importlib import import_module

import click

import hhtools.commands
from hhtools.records import Record, Rows, Stage
from hhtools.scale.words import commands_of
from hhtools.stages import chain, fields_read, held_rows, remembers
from hhtools.stream.command import FilterCommand
from hhtools.stream.exits import Exit, Fault
from hhtools.stream.fused import Fused, Step
from hhtools.stream.script import command_name


class Pipeline:
    """Commands in a row, as typed in the shell; picklable, and never changed by a run.

    ``steps`` are their stages, as new. ``read_fields`` are the fields that those commands read which may be given the
    very records that come in, and ``adds_source`` tells whether the first marks records with their source. ``text`` is
    the pipeline in one spelling, however it was quoted.
    """

    def __init__(self, text: str) -> None:
        words = commands_of(text)
        self.text = " | ".join(map(shlex.join, words))
        self.steps: list[Step] = []
        self.read_fields: list[str] = []
        given_as_they_came = True
        for name, *options in words:
            command = _filter_named(name)
            stage = _stage_of(command, options)
            self.steps.append(Step(name, stage))
            if given_as_they_came:
                self.read_fields += [*command.read_fields, *fields_read(stage)]
            given_as_they_came = given_as_they_came and command.passes_on
        self.adds_source = _filter_named(words[0][0]).adds_source
        self._remembering = next((step.command for step in self.steps if remembers(step.stage)), None)
        self._stage = chain(*(step.stage for step in deepcopy(self.steps)))

    def fused(self) -> Fused:
        """Give the stages for one run, with a tally each."""
        return Fused(deepcopy(self.steps))

    def over(self, records: Iterable[Record]) -> Iterator[Record]:
        """Give the rows of records, those that stages hold to the end included, in the order of the shell pipe.

        Each call is a run of its own, on copies of the stages.

        Raises:
            Bad: at the first record that a stage cannot use.
        """
        stage = chain(*(step.stage for step in deepcopy(self.steps)))
        for record in records:
            yield from stage(record)
        yield from held_rows(stage)

    def __call__(self, record: Record) -> Rows:
        """Give the rows of one record, for pipelines that remember no other records.

        Raises:
            Bad: when a stage cannot use the record.
            TypeError: for a pipeline that remembers; ``over`` runs it.
        """
        if self._remembering:
            self.check_pure()
        return self._stage(record)

    def check_pure(self) -> None:
        """Make sure that no stage remembers other records.

        Raises:
            TypeError: for one that does.
        """
        if self._remembering:
            way_out = "run it over all of them, pipeline(...).over(records)"
            raise TypeError(f"{self._remembering} remembers records here, and gives rows later: {way_out}")


def _filter_named(name: str) -> FilterCommand:
    modules = [module.name for module in pkgutil.iter_modules(hhtools.commands.__path__)]
    if name not in map(command_name, modules):
        raise Fault(Exit.USAGE, f"{name} is no command of hhtools; only those stand in a pipeline, with | between them")
    command = import_module(f"hhtools.commands.{name.removeprefix('hh-').replace('-', '_')}").main
    if type(command) is not FilterCommand:
        raise Fault(Exit.USAGE, f"{name} is no filter: it does not stand in a pipeline")
    return command


def _stage_of(command: FilterCommand, words: Sequence[str]) -> Stage:
    if told := {"-h", "--help", "--version"} & {*words}:
        raise Fault(Exit.USAGE, f"{command.name}: {min(told)} does not stand in a pipeline; run {command.name} alone")
    try:
        stage, asked = command.read(words)
    except click.UsageError as error:
        raise Fault(Exit.USAGE, f"{command.name}: {error.format_message()}") from None
    if asked.paths:
        raise Fault(Exit.USAGE, f"{command.name}: {asked.paths[0]}: paths stand behind the pipeline, not in it")
    _, untold = _PLAIN.read([])
    for parameter in command.params:
        name = str(parameter.name)
        if getattr(asked, name, None) != getattr(untold, name, None):
            option = f"{parameter.opts[0]}: give it to the whole run, behind the pipeline"
            raise Fault(Exit.USAGE, f"{command.name}: {option}")
    return stage


def _no_stage() -> Stage:
    return lambda record: (record,)


_PLAIN = FilterCommand(_no_stage, (), adds_source=False, passes_on=True)
