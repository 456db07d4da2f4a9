"""Calls that click cannot read, told in the words of the one who typed them."""

from __future__ import annotations

import re
from pathlib import Path

import click

from graphc.errors import nearest
from graphc.synonyms import translated

UNREADABLE = re.compile(r"('.*') is not a valid (integer|float)( range)?\.", re.DOTALL)
EXTRA = re.compile(r"Got unexpected extra argument \((.*)\)", re.DOTALL)
KINDS = {"integer": "a whole number", "float": "a number"}
TABLES = (".csv", ".npz", ".npy")


def clarified(error: click.UsageError) -> click.UsageError:
    """The same error, told better where there is a better way."""
    match error:
        case click.NoSuchOption():
            message = _unknown(error)
        case click.BadParameter(param=click.Option() as option):
            message = _unfit(error.message, option)
        case _:
            message = _extra(error)
    return click.UsageError(message, error.ctx) if message else error


def _unknown(error: click.NoSuchOption) -> str:
    """What is told of an option that is called something else here."""
    meant = f"--{translated(error.option_name.lstrip('-')) or ''}".replace("_", "-")
    if meant not in _options(error.ctx):
        return ""
    return f"No such option '{error.option_name}'. Did you mean {meant}?"


def _unfit(message: str, option: click.Option) -> str:
    """What is told of the value of an option that is no number, or none of its words."""
    if found := UNREADABLE.fullmatch(message):
        return f"{option.opts[-1]} takes {KINDS[found[2]]}, got {found[1]}."
    if isinstance(option.type, click.Choice) and (word := re.match("'([^']*)'", message)):
        words = [str(one) for one in option.type.choices]
        near = nearest(word[1], words)
        hint = f" Did you mean {near}?" if near else ""
        return f"{option.opts[-1]} takes one of {', '.join(words)}, got {word[0]}.{hint}"
    return ""


def _extra(error: click.UsageError) -> str:
    """What is told of a file that stands where an option belongs in front of it."""
    found = EXTRA.fullmatch(error.message)
    known = _options(error.ctx)
    if found is None:
        return ""
    table = Path(found[1]).suffix.lower() in TABLES
    option = "--data" if table and "--data" in known else "-o" if "-o" in known else ""
    return f"{error.message}. Did you mean {option} {found[1]}?" if option else ""


def _options(context: click.Context | None) -> list[str]:
    """The options of the command that was called."""
    command = context.command if context else None
    return [word for one in command.params for word in one.opts] if command else []
