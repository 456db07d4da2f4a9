"""What went wrong, told in lines on the standard error and in the exit code; never a traceback.

1 stands for a model, data or parameters that are wrong, 2 for a wrong call or a file that cannot
be read or written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TextIO

import click

from graphc.commands.calls import clarified
from graphc.drawing import draw
from graphc.errors import CompileError, Diagnostic

MOST = 30  # diagnostics that are printed
CLOSED_PIPE = 128 + 13  # as the shell reports a program that SIGPIPE ended
PASTED = "  --"  # how a line of options begins
MARKS = re.compile(r"(\s*\| +)([-^]+)(.*)")


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turns what a command may meet into a message and an exit code.

    Raises SystemExit, or what click itself reports; an error that is none of these is a mistake
    of the program's own, and passes.
    """
    try:
        yield
    except click.UsageError as error:
        raise clarified(error) from None
    except CompileError as error:
        show(error.diagnostics, error.cut)
        raise SystemExit(1) from None
    except BrokenPipeError:
        _give_up_output()
        raise SystemExit(CLOSED_PIPE) from None
    except OSError as error:
        if error.filename is None:
            _give_up_output()  # a full disk; what waits to be written would fail again at the end
        complain(f"graphc: {_reason(error)}")
        raise SystemExit(2) from None
    except MemoryError as error:
        complain(f"graphc: not enough memory: {error}".removesuffix(": "))
        raise SystemExit(1) from None
    except ValueError as error:
        from graphc.data import CallError, DataError

        if not isinstance(error, DataError):
            raise
        complain(f"graphc: {error}")
        raise SystemExit(2 if isinstance(error, CallError) else 1) from None


def put(text: str) -> None:
    """Prints what was asked for on the standard output; raises OSError if there is none."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "is closed", "standard output")
    click.echo(text, nl=False)


def say(line: str) -> None:
    """Prints a line on the standard output, on a terminal folded at words."""
    click.echo(folded(line, sys.stdout))


def complain(line: str) -> None:
    """Prints a line on the standard error, on a terminal folded at words."""
    click.echo(folded(line, sys.stderr), err=True)


def folded(text: str, stream: TextIO | None) -> str:
    """A text whose lines fit a terminal; as it is where the stream is none.

    A word that is longer than a line, as a path may be, is left whole; so are options that have a
    line of their own, which are there to be pasted.
    """
    if stream is None or not stream.isatty():
        return text
    width, lines = shutil.get_terminal_size().columns, []
    for line in text.split("\n"):
        deeper = line[: len(line) - len(line.lstrip())] + "  "
        lines += (
            [line]
            if len(line) <= width or line.startswith(PASTED)
            else textwrap.wrap(
                line,
                width,
                subsequent_indent=deeper,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    return "\n".join(lines)


def warn(warnings: Sequence[Diagnostic]) -> None:
    """Prints the warnings of a compilation on the standard error, before what the command says."""
    if warnings:
        show(warnings)
        click.echo(err=True)


def show(diagnostics: Sequence[Diagnostic], cut: bool = False) -> None:
    """Prints errors and warnings on the standard error, in colour if it is a terminal."""
    text = "\n\n".join([*map(coloured, diagnostics[:MOST]), *rest(diagnostics, cut)])
    click.echo(text, err=True, color=False if os.environ.get("NO_COLOR") else None)


def rest(diagnostics: Sequence[object], cut: bool) -> list[str]:
    """A line for the diagnostics that are too many to print, if there are any.

    They are `cut` where a compilation ended before all of them were found.
    """
    left = len(diagnostics) - MOST
    return [f"... and {left:,}{' or' if cut else ''} more"] if left > 0 else []


def coloured(one: Diagnostic) -> str:
    """The diagnostic as `draw` lays it out, with terminal colours."""
    colour = "red" if one.severity == "error" else "yellow"
    head, *lines = draw(one).split("\n")
    kind, message = (
        head[: len(one.severity + one.code) + 2],
        head[len(one.severity + one.code) + 2 :],
    )
    styled = [click.style(kind, fg=colour, bold=True) + click.style(message, bold=True)]
    for line in lines:
        if marks := MARKS.fullmatch(line):
            fg = colour if "^" in marks[2] else "blue"
            line = marks[1] + click.style(marks[2] + marks[3], fg=fg)
        elif line.startswith("  = help:"):
            line = "  = " + click.style("help:", fg="cyan") + line.removeprefix("  = help:")
        styled.append(line)
    return "\n".join(styled)


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename or 'standard output'}: {reason}"


def _give_up_output() -> None:
    """Lets what is still buffered go nowhere, so that Python's last flush finds no fault."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
