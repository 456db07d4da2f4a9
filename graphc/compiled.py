"""The Python API: compile a file or a text, then read, write or load the module."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from graphc.errors import CompileError, Diagnostic, Report
from graphc.files import write_atomically
from graphc.model import Data, Model
from graphc.pipeline import compile_source
from graphc.source import Source, Span


@dataclass(frozen=True)
class Compiled:
    """A compiled model."""

    source: str  # the emitted module's text
    warnings: tuple[Diagnostic, ...]
    model: Model

    @property
    def data(self) -> tuple[Data, ...]:
        """What the Trainer takes: inputs, then targets."""
        return self.model.data

    def write(self, path: str | Path) -> None:
        """Writes the module, whole or not at all; raises OSError if it cannot."""
        write_atomically(path, self.source.encode())

    def load(self) -> ModuleType:
        """The module, ready to train: `compiled.load().Trainer(seed=0)`."""
        # pickle finds a class by its module's name: each loaded module has one of its own
        stem = f"graphc_model_{self.model.name}"
        number = sum(name.startswith(stem) for name in sys.modules)
        module = load_source(self.source, f"{stem}_{number}")
        sys.modules[module.__name__] = module
        return module


def load_source(source: str, name: str) -> ModuleType:
    """Runs the text of a module under a name; its lines show in tracebacks."""
    module = ModuleType(name)
    file = f"<{name}>"
    module.__file__ = file
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), module.__dict__)
    return module


def compile_text(
    text: str,
    name: str = "model.nn",
    *,
    dtype: str | None = None,
    plain: bool = False,
    options: Mapping[str, float] | None = None,
    on_stage: Callable[[str, Any], None] = lambda name, value: None,
) -> Compiled:
    """Compiles the text of a model; raises CompileError with every mistake in it.

    `dtype` overrides the file's; `plain` gives the textbook's version of the module; `options`
    override arguments of the optimizer; `on_stage(name, value)` sees the value of each stage.
    """
    source = Source(text.removeprefix("\ufeff"), name)
    result = compile_source(source, dtype=dtype, plain=plain, options=options, on_stage=on_stage)
    return Compiled(result.text, result.warnings, result.model)


def compile_file(path: str | Path, **settings: Any) -> Compiled:
    """Compiles a model file; settings as for `compile_text`.

    Raises OSError if it cannot be read and CompileError if there is a mistake in it.
    """
    return compile_text(read(path), str(path), **settings)


def read(path: str | Path) -> str:
    """The text of a model file; raises CompileError if it is not UTF-8."""
    raw = Path(path).read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        report = Report()
        before = raw[: error.start].decode("utf-8")
        source = Source(before + "\ufffd", str(path))
        message = f"the byte 0x{raw[error.start]:02X} is not UTF-8"
        place = Span(source, len(before), len(before) + 1)
        report.add("E0108", place, message, help="save the file as UTF-8")
        raise CompileError(report.diagnostics) from None
