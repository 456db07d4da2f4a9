"""`graphc check`: every error and warning of some model files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for editors.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Report every error and warning of the FILEs; write nothing.

    Exits with 1 if there is an error, with 0 if there are none or only warnings.
    """
    from graphc.commands.arguments import insist_model
    from graphc.commands.reporting import MOST, rest
    from graphc.compiled import compile_file
    from graphc.drawing import draw
    from graphc.errors import CompileError, Diagnostic

    found: list[tuple[Path, Diagnostic]] = []
    cut = False
    for file in files:
        insist_model(file)
    for file in files:
        try:
            diagnostics = compile_file(file).warnings
        except CompileError as error:
            diagnostics, cut = error.diagnostics, cut or error.cut
        found += [(file, one) for one in diagnostics]
    errors = sum(one.severity == "error" for _, one in found)
    if as_json:
        import json

        click.echo(json.dumps([_record(file, one) for file, one in found], indent=2))
    else:
        for text in [*(draw(one) for _, one in found[:MOST]), *rest(found, cut)]:
            click.echo(text + "\n")
        warnings = len(found) - errors
        count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
        worst = min((one for _, one in found), key=lambda one: one.severity, default=None)
        hint = f"; `graphc error {worst.code}` tells more" if worst else ""
        count = f"{count}: at least " if cut else f"{count}: "
        click.echo(f"{count}{_count(errors, 'error')}, {_count(warnings, 'warning')}{hint}")
    sys.exit(1 if errors else 0)


def _count(number: int, what: str) -> str:
    return f"{f'{number:,}' if number else 'no'} {what}{'' if number == 1 else 's'}"


def _record(file: Path, one: Any) -> dict[str, Any]:
    """A diagnostic with places counted from 1; an end is behind the last character."""
    notes = [{"message": note.text, **_place(note.span)} for note in one.notes]
    return {
        "file": str(file),
        "severity": one.severity,
        "code": one.code,
        "message": one.message,
        "label": one.label,
        "help": one.help,
        "notes": notes,
        **(_place(one.span) if one.span else {}),
    }


def _place(span: Any) -> dict[str, int]:
    line, column = span.source.place(span.start)
    end_line, end_column = span.source.place(span.end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}
