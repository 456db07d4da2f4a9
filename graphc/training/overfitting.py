"""Advice on a held-out loss that rises while the training loss falls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from graphc.training.history import Epoch

LEAST = 10  # epochs, and of these the share that it has risen for
SHARE = 0.25
SLIPS = 2  # rows more that are wrong, by chance
LOST = 0.02  # of the rows that were right, which one would hardly notice
FEW = 30  # rows, of which fewer show nothing
RISE = 0.15  # of the best held-out loss, and how far it must be above the training loss
MOST = 100  # losses that are compared
TREND = 0.4  # of a rise without any way back, which is 1; noise is 0
FALL = 0.1  # of the training loss at that time


def overfitting(epochs: Sequence[Epoch], rows: int) -> str:
    """That training has gone on for long after the loss of the held-out `rows` was best."""
    judged = [(one, one.held_loss) for one in epochs if one.held_loss is not None]
    if len(epochs) < LEAST or len(judged) < 4 or rows < FEW:
        return ""
    (best, least), (last, now) = min(judged, key=lambda one: one[1]), judged[-1]
    after = [held for one, held in judged if one.epoch > best.epoch]
    long = last.epoch - best.epoch >= SHARE * len(epochs) and len(after) >= 3
    late = after[len(after) // 2 :]
    risen = bool(late) and min(late) > least + RISE / 3 * abs(least)
    risen = risen and sum(late) / len(late) > least + RISE * abs(least)
    apart = bool(late) and min(late) > last.loss + RISE * abs(least)
    fallen = last.loss < best.loss - FALL * abs(best.loss)
    better = any(  # surer of what is wrong, but hardly more often wrong
        best.metrics.get(name, value) - value <= max(SLIPS / rows, LOST)
        for name, value in last.metrics.items()
        if name.endswith("accuracy")
    )
    if better or not (long and risen and fallen and apart and trend(after) >= TREND):
        return ""
    patience = max(5, round(len(epochs) / 10))
    return (
        f"after epoch {best.epoch} the held-out loss rose from {least:.4g} to {now:.4g} while the"
        f" training loss fell from {best.loss:.4g} to {last.loss:.4g}: what it learns then holds"
        f" for these rows alone. --patience {patience} stops there and keeps the best epoch"
    )


def trend(losses: Sequence[float]) -> float:
    """How steadily losses rise, from -1 to 1: Kendall's rank correlation with time."""
    some = losses[:: -(-len(losses) // MOST) or 1]
    pairs = [np.sign(after - before) for before, after in combinations(some, 2)]
    return float(np.mean(pairs)) if pairs else 0.0
