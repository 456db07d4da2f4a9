"""The Python API: compile a file or a text, then read, write or load the module."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from graphc.dataflow import Graph
from graphc.errors import Diagnostic
from graphc.files import write_atomically
from graphc.model import Data, Model
from graphc.opening import opened
from graphc.pipeline import compile_source
from graphc.source import Source


@dataclass(frozen=True)
class Compiled:
    """A compiled model."""

    source: str  # the emitted module's text
    warnings: tuple[Diagnostic, ...]
    model: Model
    graph: Graph  # what is computed, as the user wrote it

    def __repr__(self) -> str:
        count = sum(one.size for one in self.model.parameters)
        return f"<Compiled {self.model.name}: {count:,} parameter{'s' * (count != 1)}>"

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


def compile_text(text: str, name: str = "model.nn", **settings: Any) -> Compiled:
    """Compiles the text of a model; raises CompileError with every mistake in it.

    Settings: `dtype` overrides the file's; `plain` gives the textbook's version of the module;
    `options` override arguments of the optimizer; `on_stage(name, value)` sees the value of each
    stage. A text can import nothing: there is no folder to look in.
    """
    return compile_opened(Source(text.removeprefix("\ufeff"), name), **settings)


def compile_file(path: str | Path, **settings: Any) -> Compiled:
    """Compiles a model file; settings as for `compile_text`.

    Raises OSError if it cannot be read and CompileError if there is a mistake in it.
    """
    return compile_opened(opened(path), **settings)


def compile_opened(
    source: Source,
    *,
    dtype: str | None = None,
    plain: bool = False,
    options: Mapping[str, float] | None = None,
    on_stage: Callable[[str, Any], None] = lambda name, value: None,
) -> Compiled:
    """Compiles a source; settings as for `compile_text`."""
    result = compile_source(source, dtype=dtype, plain=plain, options=options, on_stage=on_stage)
    return Compiled(result.text, result.warnings, result.model, result.graph)
