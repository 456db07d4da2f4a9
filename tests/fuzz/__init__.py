"""Hostile texts, made at random from the language's own grammar, compiled, and judged."""
