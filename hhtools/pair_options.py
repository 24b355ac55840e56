"""The options that all commands share that turn pairs into a trainer's rows, and what they mean to a stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

from hhtools.formats.carry import Carry
from hhtools.formats.pair_rows import Format, PairOptions, fields_of
from hhtools.formats.templates import TEMPLATES
from hhtools.formats.text import TextForm
from hhtools.pairs import PAIR_FIELDS, UNFIT
from hhtools.records import Stage

MakeStage = Callable[..., Stage]


class StageOptions(PairOptions, total=False):
    """What a command's function is given: the format, and of everything else only what was asked for."""

    format_name: str


def pair_options(formats: Mapping[str, Format], default: str) -> Callable[[MakeStage], MakeStage]:
    """Give a function that makes a stage the options of pairs; it is called with StageOptions and its own options."""

    def decorate(make_stage: MakeStage) -> MakeStage:
        @wraps(make_stage)
        def with_options(**given: Any) -> Stage:
            own = {name: value for name, value in given.items() if name not in _NAMES}
            return make_stage(**_stage_options(formats, **{name: given[name] for name in _NAMES}), **own)

        decorated: MakeStage = with_options
        for option in reversed(_options(formats, default)):
            decorated = option(decorated)
        return decorated

    return decorate


_NAMES = ("format_name", "template", "system", "bos", "history", "keep", "carry")


def _options(formats: Mapping[str, Format], default: str) -> list[Callable[[MakeStage], MakeStage]]:
    return [
        click.option(
            "--for",
            "format_name",
            type=click.Choice(list(formats)),
            metavar="FORMAT",
            default=default,
            show_default=True,
            help=f"Who reads the rows: {', '.join(formats)}.",
        ),
        click.option(
            "--template",
            metavar="NAME|FILE.jinja",
            help=f"Write text in this form: {', '.join(TEMPLATES)}, or a chat template in Hugging Face's form."
            f"  [default: {_default_templates(formats)}; else messages]",
        ),
        click.option(
            "--system", metavar="TEXT", help="Begin a dialogue that has no system message of its own with this one."
        ),
        click.option(
            "--bos", is_flag=True, help="Begin texts with the template's BOS token, which trainers mostly add."
        ),
        click.option(
            "--history",
            type=click.Choice(["full", "last"]),
            default="full",
            show_default=True,
            help="Put the whole dialogue into the prompt, or the last human message only.",
        ),
        click.option(
            "--keep",
            type=click.Choice(UNFIT),
            metavar="REASON",
            multiple=True,
            help="Keep pairs that are unfit for training for this reason, where a row can express them: prompts-differ "
            "(the sides share no prompt up to their last answer), empty-answer, role-order (not user and assistant in "
            "turn), tie (both sides are the same). The first that holds counts. Can be given again.",
        ),
        click.option(
            "--carry", metavar="FIELD", multiple=True, help="Carry a field of each pair along. Can be given again."
        ),
    ]


def _default_templates(formats: Mapping[str, Format]) -> str:
    by_template: dict[str, list[str]] = {}
    for name, form in formats.items():
        if not form.messages:
            by_template.setdefault(form.template, []).append(name)
    return "; ".join(f"{template} for {', '.join(names)}" for template, names in by_template.items())


def _stage_options(
    formats: Mapping[str, Format],
    *,
    format_name: str,
    template: str | None,
    system: str | None,
    bos: bool,
    history: str,
    keep: tuple[str, ...],
    carry: tuple[str, ...],
) -> dict[str, Any]:
    form = formats[format_name]
    if template is not None and not form.text:
        as_text = ", ".join(name for name, other in formats.items() if other.text)
        raise click.UsageError(
            f"--template: rows for {format_name} are made of messages, and no template of yours goes into them; "
            f"leave it out, or write text --for one of {as_text}"
        )
    text_form = _text_form(form, template, bos)
    _check_expressible(form, text_form, keep, system)
    for field in carry:
        if field in fields_of(form, as_text=template is not None) or field in PAIR_FIELDS:
            raise click.UsageError(
                f"--carry {field}: rows for {format_name} have, or are made of, a field of that name"
            )
    asked: dict[str, Any] = {
        "template": text_form,
        "system": system,
        "history": None if history == "full" else history,
        "keep": keep or None,
        "carry": Carry(carry) if carry else None,
    }
    return {"format_name": format_name} | {name: value for name, value in asked.items() if value is not None}


def _text_form(form: Format, template: str | None, bos: bool) -> TextForm | None:
    if template is None and not bos:
        return None
    if template is None and form.messages:
        raise click.UsageError(
            "--bos: the rows are made of messages; name the --template of texts that begin with a BOS token"
        )
    name = form.template if template is None else template
    text_form = _named(name)
    if bos and not text_form.bos:
        with_one = ", ".join(other for other, known in TEMPLATES.items() if known.bos)
        raise click.UsageError(f"--bos: {name} has no BOS token; of the templates, {with_one} have")
    return text_form.with_bos() if bos else text_form


def _check_expressible(form: Format, text_form: TextForm | None, keep: tuple[str, ...], system: str | None) -> None:
    cannot = {**form.cannot, **(text_form.cannot if text_form else {})}
    for reason in keep:
        if reason in cannot:
            raise click.UsageError(f"--keep {reason}: {cannot[reason]}")
    if system is not None and "system" in cannot:
        raise click.UsageError(f"--system: {cannot['system']}")


def _named(template: str) -> TextForm:
    if template in TEMPLATES:
        return TEMPLATES[template]
    if template.endswith((".jinja", ".jinja2", ".j2")):
        from hhtools.template_file import read_chat_template

        return read_chat_template(template)
    raise click.BadParameter(
        f"{template!r} is none of {', '.join(TEMPLATES)}, nor a FILE.jinja", param_hint="--template"
    )
