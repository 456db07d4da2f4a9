"""`graphc compile`: a model file becomes a Python module."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

STAGES = (
    *("tree", "blocks", "graph", "shapes", "stable", "gradient", "rewrite", "evaluation"),
    *("update", "plan", "emit"),
)


@click.command(name="compile")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", help="Where to write: a file, or - for standard output.")
@click.option("--plain", is_flag=True, help="The textbook's version: a new array for each value.")
@click.option("--dtype", type=click.Choice(["float32", "float64"]), help="Instead of the file's.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the output is out of date.")
@click.option("--dump", type=click.Choice(STAGES), help="Print a stage of the compiler instead.")
@click.option("--time", "timed", is_flag=True, help="Say how long each stage took.")
def compile_(
    file: Path,
    output: str | None,
    plain: bool,
    dtype: str | None,
    check: bool,
    dump: str | None,
    timed: bool,
) -> None:
    """Compile FILE to a Python module that needs nothing but NumPy.

    Without -o, model.nn becomes model.py beside it.
    """
    from graphc.commands.arguments import import_note, insist_importable, insist_model, insist_ours
    from graphc.commands.reporting import complain, put, warn
    from graphc.compiled import compile_file

    insist_model(file)
    target = Path(output) if output else file.with_suffix(".py")
    if not dump and output != "-":
        insist_importable(target)
        if os.path.realpath(target) == os.path.realpath(file):
            raise click.UsageError(f"{target} would overwrite the model itself")
        if not check:
            insist_ours(target)
    stages = _Stages(dump)
    compiled = compile_file(file, dtype=dtype, plain=plain, on_stage=stages)
    warn(compiled.warnings)
    if timed:
        stages.report()
    if dump:
        from graphc.dump import dumped

        click.echo(dumped(stages.value))
    elif output == "-":
        put(compiled.source)
    elif check:
        _compare(compiled.source, target)
    else:
        compiled.write(target)
        click.echo(f"wrote {target}: {_size(compiled, plain)}")
        if note := import_note(target):
            complain(note)


class _Stages:
    """Notes when each stage ended, and the value of one."""

    def __init__(self, wanted: str | None) -> None:
        import time

        self.wanted, self.value, self.now = wanted, None, time.perf_counter
        self.times: list[tuple[str, float]] = []
        self.last = self.now()

    def __call__(self, name: str, value: Any) -> None:
        now = self.now()
        self.times.append((name, now - self.last))
        if name == self.wanted:
            self.value = value
        self.last = self.now()

    def report(self) -> None:
        """The time of each stage, in milliseconds, on standard error."""
        for name, seconds in [*self.times, ("total", sum(t for _, t in self.times))]:
            click.echo(f"{name:<10} {1000 * seconds:8.1f} ms", err=True)


def _compare(source: str, target: Path) -> None:
    if not target.exists():
        click.echo(f"{target} does not exist", err=True)
        sys.exit(1)
    if target.read_bytes() != source.encode():
        click.echo(f"{target} is not what the model gives now; compile it again", err=True)
        sys.exit(1)
    click.echo(f"{target} is up to date")


def _size(compiled: Any, plain: bool) -> str:
    """What a model holds: its parameters, and the bytes of a step and of a prediction.

    A plain module makes its arrays anew in every step.
    """
    from graphc.model import at, bytes_text

    model = compiled.model
    count, lines = sum(one.size for one in model.parameters), []
    peaks = [("step", model.step_peak)]
    peaks += [("prediction", model.prediction_peak)] if model.outputs else []
    for name, formula in () if plain else peaks:
        terms = sorted(formula.terms, key=lambda term: len(term[0]))
        words = " + ".join(" * ".join([f"{factor:,}", *names]) for names, factor in terms)
        line = f"    a {name + ':':<11} {words} bytes"
        if "batch" in formula.names:
            rows = model.defaults["batch_size"]
            others = "".join(f" and {name} = 1" for name in sorted(formula.names - {"batch"}))
            line += f", {bytes_text(at(formula, rows))} at a batch of {rows}{others}"
        lines.append(line)
    return "\n".join([f"{count:,} parameter{'' if count == 1 else 's'}", *lines])
