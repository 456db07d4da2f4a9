"""Hostile texts: random, compiled, and what is emitted judged."""
