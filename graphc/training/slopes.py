"""Advice on gradients: layers that hardly get one, and gradients that are far too large."""

from __future__ import annotations

from collections import Counter

from graphc.training.evidence import Evidence, length
from graphc.training.units import dead

VANISHING = 1e-5  # of the largest gradient
STILL = 1e-3  # of its own size, by which a parameter has hardly moved
APART = 100  # times as far, others have moved
EXPLODING = 1e3  # times the size of the parameter


def vanishing(evidence: Evidence, most: float = VANISHING) -> str:
    """That a layer's gradient is at most a tiny part of another's, and that it has not moved.

    Dead relus let none through either, but are told by their own advice.
    """
    weights = evidence.scene.weights
    if len(weights) < 2 or any(dead(evidence)):
        return ""
    largest = max(weights, key=evidence.slope)
    for name in weights:
        share = evidence.slope(name) / (evidence.slope(largest) or 1)
        moved = evidence.moved([name])
        far = max(evidence.moved([one]) for one in weights)
        if share <= most and moved <= STILL and far >= APART * moved > 0:
            return (
                f"the gradient of `{name}` is {share:.0e} times that of `{largest}`, and it has"
                f" hardly moved: gradients vanish on the way back.{_cause(evidence)}"
                " `relu` with `he_normal`, `residual` or `layer_norm` let them through"
            )
    return ""


def _cause(evidence: Evidence) -> str:
    """The squashing activations that each make a gradient smaller."""
    counts = Counter(one.act for one in evidence.scene.layers)
    squashing = max(("sigmoid", "tanh"), key=counts.__getitem__)
    many, most = counts[squashing], "a quarter" if squashing == "sigmoid" else "all"
    if many < 2:
        return ""
    return f" Each of {many} `{squashing}`s lets through {most} of one at most;"


def exploding(evidence: Evidence) -> str:
    """That a parameter's gradient is far larger than the parameter, so that any step is too far."""
    look, ratios = evidence.look, {}
    for name in evidence.scene.weights:
        ratios[name] = length(look.gradients, [name]) / evidence.size([name])
    steepest = max(ratios, key=ratios.__getitem__, default="")
    if not steepest or not ratios[steepest] >= EXPLODING:
        return ""
    return (
        f"the gradient of `{steepest}` is {ratios[steepest]:.0e} times as long as the parameter:"
        " begin with smaller weights, scale the data, or limit it, as `clip_norm = 1` of any"
        " optimizer does"
    )
