"""The derivation of a model, for people: as data, in a terminal, as a page."""
