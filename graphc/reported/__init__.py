"""A page about a training run: how good it is, how it went, and how to get it again."""

from graphc.reported.following import Follower
from graphc.reported.origin import origin

__all__ = ["Follower", "origin"]
