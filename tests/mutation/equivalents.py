"""Mutants that no test can catch, as they change nothing that is promised; each with its reason."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {}
