"""Advice on targets: numbers that the loss does not take, classes that never occur."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.dataflow import Leaf, Node
from graphc.misuse import source
from graphc.training.lines import legible
from graphc.training.scene import Arrays, Scene
from graphc.wording import sign_of

if TYPE_CHECKING:
    from graphc.model import Data

NEAR = 1e-3  # beyond 0 and 1, which rounding may have done
SEVERAL = 20  # whole numbers, of which fewer are classes
LEAST = 10  # labels, of which fewer say nothing
EACH = 3  # rows for each class, with which one that never occurs is told
HALF = 0.5  # of the classes, with which it is told in any case
NAMED = 5  # classes in a message

Names = Mapping[str, Sequence[str]]


def unfit(scene: Scene, data: Arrays, columns: Names) -> Iterator[str]:
    """That data is not from 0 to 1, or not in shares of 1, where a loss takes nothing else.

    `columns["y"]` are the names of the columns that the target `y` was, if they had any.
    """
    graph = scene.graph
    before = graph.before([] if graph.loss is None else [graph.loss])
    for node in graph.nodes:
        op = node.op
        if op and op.truth and (op.takes_probabilities or op.takes_logits) and node.key in before:
            truth = graph[node.operands[op.names.index(op.truth)]]
            behind = source(graph, truth)
            leaf = behind.leaf
            name = leaf.name if leaf is not None else ""
            numbered = op.classes and len(truth.shape) == len(node.shape)
            if leaf is not None and name in data and not numbered:
                values = np.asarray(data[name])
                rows = np.moveaxis(values, scene.rows.get(name, 0), 0) if values.ndim else values
                text = _beyond(node, leaf, rows, columns.get(name, ()))
                if not text and op.classes and truth.shape == behind.shape:
                    text = _unshared(node, name, values)
                if text:
                    yield text


def _beyond(node: Node, leaf: Leaf, values: NDArray[Any], columns: Sequence[str]) -> str:
    """That values lie beyond 0 or 1, by the column that is farthest out."""
    table = values.reshape(-1, len(columns) or 1)
    lows, highs = table.min(axis=0), table.max(axis=0)
    out = np.maximum(highs - 1.0, -1.0 * lows)
    if not out.max() > NEAR:
        return ""
    place = int(out.argmax())
    low, high = float(lows[place]), float(highs[place])
    called = f"`{leaf.name}`"
    if columns and columns[place] != leaf.name:
        of = "the" if len(columns) == 1 else "of the"
        called = f"`{legible(columns[place])}` ({of} {leaf.kind} `{leaf.name}`)"
    return (
        f"{called} has values from {low:.4g} to {high:.4g}, and `{sign_of(node)}` takes 0 to 1:"
        f" {_remedy(node, np.unique(table[:, place]))}"
    )


def _remedy(node: Node, found: NDArray[Any]) -> str:
    if node.op is not None and node.op.classes:
        return "in a row the class is 1 and the others are 0, or they are shares that add up to 1"
    if found.size == 2:
        return f"write 0 for {found[0]:g} and 1 for {found[1]:g}"
    if found.size == 1:
        return "yes is 1 and no is 0"
    if found.size <= SEVERAL and not np.any(found % 1):
        return "for several classes take a score for each and `cross_entropy`"
    return "scale them to lie there, take `mse` for numbers, or see whether it is the right column"


def _unshared(node: Node, name: str, values: NDArray[Any]) -> str:
    """That the shares of a row do not add up to 1; rows of zeros have no part in the loss."""
    sums = values.sum(axis=-1)
    wrong = sums[(abs(sums - 1) > NEAR) & (sums != 0)]
    if not wrong.size:
        return ""
    return (
        f"a row of `{name}` adds up to {wrong[0]:.4g}, and `{sign_of(node)}` takes shares that add"
        " up to 1: divide each row by its sum, or, where several may be right at once, take"
        " `bce_with_logits`"
    )


def unused(
    data: Sequence[Data], parts: Sequence[Sequence[NDArray[Any]]], names: Names
) -> Iterator[str]:
    """What is odd about the labels: only one occurs, or not all of the classes that there are.

    `parts` are arrays for `data`, all rows in all; `names["y"]` the texts that the classes of `y`
    were. Words and letters are left out: of a vocabulary a text may use a part.
    """
    if any(entry.integer and entry.kind == "input" for entry in data):
        return
    for place, entry in enumerate(data):
        count = sum(arrays[place].size for arrays in parts)
        if entry.kind != "target" or not entry.integer or count < LEAST:
            continue
        found = np.unique(np.concatenate([np.unique(arrays[place]) for arrays in parts]))
        known, classes = names.get(entry.name, ()), entry.classes or 0
        told = len(entry.shape) == 1 and count >= EACH * classes
        if found.size == 1:
            label = _word(known, int(found[0]))
            yield f"every label of `{entry.name}` is {label}: there is nothing to tell apart"
        elif found.size < classes and (told or found[-1] + 1 <= HALF * classes):
            yield _missing(entry.name, found, classes, known)


def _missing(name: str, found: NDArray[Any], classes: int, names: Sequence[str]) -> str:
    """Which classes of a target never occur, and what to do about it."""
    low, high = int(found[0]), int(found[-1])
    enough = max(high + 1, len(names))  # names may be of training, and these rows have some
    if found.size == high + 1 and enough < classes:
        has = f"the labels of `{name}` are {low} to {high}"
        if names:
            has = f"`{name}` has {len(names):,} names"
        return f"{has}, and the model has {classes:,} classes: {enough:,} would do"
    if low == 1 and found.size == high == classes - 1 and not names:
        return (
            f"the labels of `{name}` are 1 to {high}, and the {classes:,} classes of the model"
            f" begin at 0, which never occurs: take off 1, and {high:,} classes would do"
        )
    never = sorted({*range(classes)} - {*found.tolist()})
    if len(never) > NAMED:
        return f"{len(never):,} of the {classes:,} classes of `{name}` never occur"
    *words, last = (_word(names, one) for one in never)
    if not words:
        return f"class {last} of `{name}` never occurs: no row tells what it is like"
    return (
        f"the classes {', '.join(words)} and {last} of `{name}` never occur: no row tells what"
        " they are like"
    )


def _word(names: Sequence[str], number: int) -> str:
    return legible(names[number]) if number < len(names) else str(number)
