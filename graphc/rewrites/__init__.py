"""The rewrites, one file each, in the order in which they are tried on a new node."""

from graphc.rewrites import absorb, expand, fold, identities, pads, transposes, views

RULES = (
    expand.rewrite,
    fold.rewrite,
    identities.rewrite,
    transposes.rewrite,
    pads.rewrite,
    views.rewrite,
    absorb.rewrite,
)
