"""What commands are given, seen to before the work begins: files and their names, shares."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

import click
from click.core import ParameterSource

WRITTEN = re.compile(rb"(?m)^(Compiled|(<!--|//|%%) Drawn) from .* by graphc ")
HIDDEN = sys.stdlib_module_names | {"numpy"}

with_data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A .csv file with a header, or .npz/.npy with arrays by the names of inputs and targets.",
)
changed_model = click.option(
    "--changed-model",
    is_flag=True,
    help="Take the parameters although FILE computes its outputs otherwise than the model that they"
    " were trained in.",
)


def insist_model(path: Path, *others: str) -> None:
    """Raises `CallError` unless `path` is called `.nn`, or one of the `others` (`.py`)."""
    if path.suffix.lower() not in (".nn", *others):
        from graphc.data import CallError

        near = Path(f"{path}.nn")
        hint = f"; did you mean {near}?" if path.name and near.is_file() else ""
        kinds = " or ".join((".nn", *others))
        raise CallError(f"{path} is no {kinds} file{hint}")


def module_text(file: Path, dtype: str | None = None) -> str:
    """The text of an emitted module: of the file itself, or of what a model compiles to."""
    from graphc.commands.reporting import warn
    from graphc.compiled import compile_file
    from graphc.opening import opened

    insist_model(file, ".py")
    if file.suffix.lower() == ".py":
        if dtype is not None:
            raise click.UsageError("--dtype is for models; an emitted module has its own")
        return opened(file).text
    compiled = compile_file(file, dtype=dtype)
    warn(compiled.warnings)
    return compiled.source


def insist_importable(target: Path) -> None:
    """Raises `CallError` if a module of that name would hide one that it needs itself."""
    if target.suffix == ".py" and target.stem in HIDDEN:
        from graphc.data import CallError

        whose = "NumPy" if target.stem == "numpy" else f"Python's own {target.stem}"
        raise CallError(f"{target} would hide {whose} from the module; choose another name with -o")


def insist_ours(target: Path) -> None:
    """Raises `CallError` if a file stands at `target` that graphc did not write."""
    if target.is_file() and (content := target.read_bytes()) and not WRITTEN.search(content):
        from graphc.data import CallError

        told = f"{target} was not written by graphc, and would be lost"
        raise CallError(f"{told}; move it, or choose another name with -o")


def import_note(target: Path) -> str:
    """What to know about a module whose name no `import` can spell, or the empty string."""
    if target.stem.isidentifier() and not keyword.iskeyword(target.stem):
        return ""
    return f"note: {target.name} cannot be imported by name; -o writes it under another"


def command_line(context: click.Context) -> list[str]:
    """The words that call the command again as it was called, options by their long names."""
    words = context.command_path.split()
    for one in context.command.params:
        value = context.params.get(one.name or "")
        if context.get_parameter_source(one.name or "") != ParameterSource.COMMANDLINE:
            continue
        if isinstance(one, click.Argument):
            words.append(f"./{value}" if str(value).startswith("-") else str(value))
        elif isinstance(one, click.Option) and one.is_flag:
            words.append(one.opts[0])
        else:
            values = context.params[one.name or ""] if one.multiple else [value]
            words += [word for each in values for word in (one.opts[0], str(each))]
    return words


def share(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """A part of the rows; click's own message would not say that it is one."""
    if value is None or 0 <= value < 1:
        return value
    hint = f"; for {value:g} % of the rows give {value / 100:g}" if 1 <= value < 100 else ""
    raise click.BadParameter(f"{value:g} is not a share, from 0 to below 1{hint}.")
