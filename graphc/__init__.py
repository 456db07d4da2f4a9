"""A declarative computation-graph compiler: `.nn` files become readable NumPy training modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["CompileError", "Compiled", "Diagnostic", "compile_file", "compile_text"]

if TYPE_CHECKING:
    from graphc.compiled import Compiled, compile_file, compile_text
    from graphc.errors import CompileError, Diagnostic


def __getattr__(name: str) -> Any:
    """Imports what is asked for when it is asked for, so that `graphc --help` stays quick."""
    if name in {"Compiled", "compile_file", "compile_text"}:
        from graphc import compiled

        return getattr(compiled, name)
    if name in {"CompileError", "Diagnostic"}:
        from graphc import errors

        return getattr(errors, name)
    raise AttributeError(f"module 'graphc' has no attribute {name!r}")
