"""Mutants that no test can catch, for they change nothing promised; each with its reason."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {}
