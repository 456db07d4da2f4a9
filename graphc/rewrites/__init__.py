"""The rewrites, one file each, in the order in which they are tried on a new node."""

from graphc.rewrites import absorb, expand, fold, identities, views

RULES = (expand.rewrite, fold.rewrite, identities.rewrite, views.rewrite, absorb.rewrite)
