"""Advice on units: relus that are 0 for every row, sigmoids and tanhs at their bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphc.training.evidence import Evidence
from graphc.training.scene import Layer

MANY = 0.5  # of a layer's units, from which on they are told if little has been learnt
MOST = 0.9  # from which on they are told in any case
LITTLE = 0.5  # of the loss before training, above which little has been learnt
FEW_ROWS = 8  # of which a unit may well be 0 for all
BOUND = 1e-3  # from its bound, where a squashed value hardly moves
BOUNDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}


def dead(evidence: Evidence) -> Iterator[tuple[Layer, int]]:
    """The layers of relus with many units that are 0 for every row, and how many."""
    for layer in evidence.scene.layers:
        if layer.act == "relu":
            rows = evidence.values[layer.key]
            count = _idle(rows)
            little = evidence.look.loss > evidence.begun * LITTLE
            if count >= (MANY if little else MOST) * layer.units and rows.shape[1] >= FEW_ROWS:
                yield layer, count


def dead_units(evidence: Evidence, *, early: bool = False) -> str:
    """That many relus of a layer are dead; `early` in a run only that all of them are."""
    for layer, count in dead(evidence):
        if early and count < layer.units:
            continue
        rows = "row" if evidence.every else "row looked at"
        whole = "the unit" if layer.units == 1 else f"{count:,} of {layer.units:,} units"
        verb, they = ("is", "it learns") if count == 1 else ("are", "they learn")
        told = f"{whole} of {layer.name} {verb} 0 for every {rows}"
        if _idle(evidence.values_of(evidence.start)[layer.key]) >= MANY * count:
            return (
                f"{told}, many from the start: {they} nothing. Begin with weights of `he_normal`"
                " and biases of 0, or take `leaky_relu` in place of `relu`"
            )
        return (
            f"{told}: {they} no more. A smaller --learning-rate, or `leaky_relu` in place of"
            " `relu`, keeps units alive"
        )
    return ""


def _idle(rows: NDArray[Any]) -> int:
    """How many units are 0 for every row."""
    return int(np.sum(~np.any(rows > 0, axis=1)))


def saturated(evidence: Evidence) -> str:
    """That nearly all values of a hidden layer stand where a sigmoid or tanh is flat."""
    outputs = evidence.scene.graph.outputs.values()
    for layer in evidence.scene.layers:
        if layer.act in BOUNDS and layer.key not in outputs:
            low, high = BOUNDS[layer.act]
            values = evidence.values[layer.key]
            share = float(np.mean((values - low < BOUND) | (high - values < BOUND)))
            if share >= 0.9:
                return (
                    f"{100 * share:.0f} % of the values of {layer.name} stand at the bounds of"
                    f" `{layer.act}`, where it is flat: begin with smaller weights, as"
                    " `xavier_normal` gives, scale the inputs to about 1, or take a smaller"
                    " --learning-rate"
                )
    return ""
