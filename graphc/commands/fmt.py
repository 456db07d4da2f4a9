"""`graphc fmt`: model files in their one layout."""

from __future__ import annotations

import difflib
import errno
import os
import sys
from pathlib import Path

import click

PIPE = Path("-")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="As --check, and show what would change.")
def fmt(files: tuple[Path, ...], check: bool, diff: bool) -> None:
    """Give the FILEs their one layout: spaces, columns, lines. `-` reads text and prints it.

    Statements keep their order and their words, comments their statements; a model means what it
    meant. A file that does not parse is left as it is.
    """
    from graphc.commands.arguments import insist_model
    from graphc.commands.reporting import put, show
    from graphc.errors import CompileError
    from graphc.files import write_atomically
    from graphc.formatting import formatted
    from graphc.opening import decoded, opened

    for file in files:
        if file != PIPE:
            insist_model(file)
    changed = failed = 0
    for file in files:
        try:
            if file == PIPE:
                source = decoded(sys.stdin.buffer.read(), "<standard input>")
            else:
                source = opened(file)
            text = formatted(source)
        except CompileError as error:
            show(error.diagnostics)
            failed += 1
            continue
        differs = source.text != text if file == PIPE else file.read_bytes() != text.encode()
        changed += differs
        if diff:
            lines = source.text.splitlines(), text.splitlines()
            told = [*difflib.unified_diff(*lines, source.name, source.name, lineterm="")]
            put("".join(f"{line}\n" for line in told))
            if differs and not told:
                put(f"{source.name} would change: in its line ends or its byte order mark\n")
        elif file == PIPE and not check:
            put(text)
        elif differs and check:
            put(f"{source.name} would change\n")
        elif differs:
            if not os.access(file, os.W_OK):  # a new file could take its place, but it is protected
                raise PermissionError(errno.EACCES, "is write-protected", str(file))
            write_atomically(file, text.encode())
            put(f"wrote {file}\n")
    if not (changed or failed or diff or (PIPE in files and not check)):
        put(f"{len(files)} file{'' if len(files) == 1 else 's'}: nothing to change\n")
    raise SystemExit(1 if failed or (changed and (check or diff)) else 0)
