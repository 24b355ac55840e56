"""From a pair to the rows of one format: what every command that writes for a trainer of preferences does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from hhtools.formats.carry import Carry
from hhtools.formats.fit import History, asked, kept_or_dropped
from hhtools.formats.templates import TEMPLATES, template_of
from hhtools.formats.text import TextForm
from hhtools.pairs import FitPair, Unfit, fit_pair
from hhtools.records import Dropped, Message, Record, Rows, Stage

if TYPE_CHECKING:
    from typing_extensions import Unpack

_QUESTION: list[Message] = [{"role": "user", "content": "2+2?"}]

EXAMPLE = FitPair(_QUESTION, "4", "5", _QUESTION, {"source": "sums"})
"""A pair to show what rows look like."""

MessageRows = Callable[[FitPair], Rows]
TextRows = Callable[[FitPair, TextForm], Rows]


class Format(NamedTuple):
    """How the rows of a pair are made for one trainer: of messages, of text, or of either.

    Rows are of messages where there is a function for them, unless a template is named. ``template`` is the one of
    rows that are text without anybody naming one. ``cannot`` says why some pairs cannot be written, by the reason for
    which they are unfit; "system" stands for a system message.
    """

    messages: MessageRows | None = None
    text: TextRows | None = None
    template: str = "hh"
    cannot: Mapping[str, str] = {}


class PairOptions(TypedDict, total=False):
    """What every function from pairs to rows can be told beside the format.

    ``template`` asks for rows of text in that form, one of TEMPLATES by its name or any other. ``system`` is the system
    message of dialogues that have none. ``history`` "last" leaves only the last human message in the prompt. ``keep``
    names reasons for which an unfit pair (``hhtools.pairs.unfit``) is not dropped, where a row can express it.
    ``carry`` adds fields of the pair to its rows.
    """

    template: TextForm | str | None
    system: str | None
    history: History
    keep: Collection[Unfit]
    carry: Carry | None


def pair_rows(
    record: Record,
    form: Format,
    *,
    template: TextForm | str | None = None,
    system: str | None = None,
    history: History = "full",
    keep: Collection[Unfit] = (),
    carry: Carry | None = None,
) -> Rows:
    """Turn a pair into the rows of a format, as PairOptions say, or drop it.

    Raises:
        Bad: ``missing-field`` or ``wrong-type``; ``template-error`` by a chat template.
        ValueError: for a template that is not there, or where the rows are of messages only.
    """
    if isinstance(template, str):
        template = template_of(template)
    pair = fit_pair(record)
    if pair is None:
        cannot = {**form.cannot, **template.cannot} if template else form.cannot
        kept = kept_or_dropped(record, [reason for reason in keep if reason not in cannot])
        if isinstance(kept, Dropped):
            return kept
        pair = kept
    if history == "last" or system is not None:
        pair = asked(pair, history, system)
    rows = rows_of(pair, form, template)
    if carry and rows:
        carried = carry(record)
        return [{**row, **carried} for row in rows]
    return rows


def pair_stage(formats: Mapping[str, Format], *, format_name: str, **options: Unpack[PairOptions]) -> Stage:
    """Make the stage that turns a pair into the rows of a format as pair_rows does; the format is looked up once.

    Raises:
        ValueError: for a name that is not there.
    """
    return partial(pair_rows, form=form_of(formats, format_name), **options)


def rows_of(pair: FitPair, form: Format, template: TextForm | None) -> Rows:
    """Give the rows of a pair that is fit: of messages, or of text where the format or a template asks for it."""
    if form.messages and not template:
        return form.messages(pair)
    if form.text:
        return form.text(pair, template or TEMPLATES[form.template])
    raise ValueError("the rows of this format are made of messages, and its trainer applies a template of its own")


def form_of(formats: Mapping[str, Format], format_name: str) -> Format:
    """Give the format of that name.

    Raises:
        ValueError: for a name that is not there.
    """
    try:
        return formats[format_name]
    except KeyError:
        raise ValueError(f"no format for {format_name!r}; there are {', '.join(formats)}") from None


def fields_of(form: Format, as_text: bool = False) -> Collection[str]:
    """Name the fields of a format's rows.

    >>> sorted(fields_of(Format(lambda pair: [{"prompt": pair.prompt}])))
    ['prompt']
    """
    (row, *_) = rows_of(EXAMPLE, form, TEMPLATES["hh"] if as_text else None)
    return row.keys()
