"""Advice on a loss that does not move, or jumps: what it comes from, as far as that is proven."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from graphc.training.evidence import Evidence
from graphc.training.scales import unscaled
from graphc.training.slopes import exploding, vanishing
from graphc.training.units import saturated

LEAST = 3  # epochs, of which fewer say nothing
ENOUGH = 10  # epochs, in which a run should have got somewhere
GAIN = 0.01  # of the first epoch's loss, that is progress
WORTH = 0.05  # of the loss, that one step down the slope gains if steps could be longer
TIMES = 5  # what all epochs have gained, that one longer step gains
LITTLE = 0.1  # of the first epoch's loss, that is little for a whole run
SHORT = 0.01  # of the parameters' size, that a run with too small steps moves at most
ROWS = 8  # of which fewer may well get one answer
NEARLY = 0.05  # of how targets spread, that outputs spread less where nothing is learnt
HARDLY = 1e-3  # of the largest gradient, where nothing is learnt
FLOOR = 1e-6  # a loss that cannot become much smaller


def standstill(evidence: Evidence) -> str:
    """Why nothing is learnt; nothing to say if it is, or if nobody can tell why not.

    Of a run that goes on from a checkpoint there is nothing to say: it may have arrived.
    """
    losses = evidence.losses
    if len(losses) < LEAST or evidence.epochs[0].epoch > 1 or abs(evidence.look.loss) < FLOOR:
        return ""
    enough = len(losses) >= ENOUGH
    same = same_for_all(evidence) if enough else ""
    gained = evidence.begun - evidence.look.loss  # some runs arrive within the first epoch
    if gained > LITTLE * abs(evidence.begun) and not same:
        return ""
    if still(losses):
        how = "the loss does not become smaller"
    elif enough and restless(losses):
        how = "the loss goes up and down"
    elif enough and worse(evidence):
        how = "the loss is larger than before training"
    elif same:
        how = f"`{same}` is nearly the same for every row"
    elif slow(losses):
        text = too_short(evidence)
        return f"the loss hardly becomes smaller: {text}" if text else ""
    else:
        return ""
    causes = CAUSES if enough else CAUSES[:SURE]
    reason = next(filter(None, (cause(evidence) for cause in causes)), "")
    if same and not reason:
        remedy = "A smaller" if worse(evidence) else "More epochs or a larger"
        reason = (
            f"nothing of the inputs has a part in it yet. {remedy} --learning-rate may change"
            " that, if the inputs tell anything of the targets that this model can express"
        )
    return f"{how}: {reason}" if reason else ""


def still(losses: Sequence[float]) -> bool:
    """Whether no epoch was better than the first."""
    return min(losses[1:]) > losses[0] - GAIN * abs(losses[0])


def slow(losses: Sequence[float]) -> bool:
    """Whether all epochs together have gained little."""
    return losses[0] - min(losses) < LITTLE * abs(losses[0])


def restless(losses: Sequence[float]) -> bool:
    """Whether a loss goes up and down by much of itself and comes to nothing."""
    first, last = losses[: len(losses) // 2], losses[len(losses) // 2 :]
    rises = np.mean(np.diff(last) > 0)
    wide = max(last) - min(last) > 0.5 * abs(float(np.mean(last)))
    return bool(rises >= 0.3 and wide and min(last) >= min(first) and min(last) > losses[0] / 2)


def worse(evidence: Evidence) -> bool:
    """Whether the last epochs were all worse than no training at all."""
    losses = evidence.losses
    return min(losses[-max(LEAST, len(losses) // 4) :]) > evidence.begun + GAIN * abs(
        evidence.begun
    )


def same_for_all(evidence: Evidence) -> str:
    """The output that is nearly the same for every row, though what it is to be like is not."""
    for one in evidence.compared:
        output, truth = evidence.outputs[one.output], evidence.data[one.data]
        rows = evidence.scene.rows
        if one.output not in rows or one.data not in rows or output.shape[rows[one.output]] < ROWS:
            continue
        spread = np.std(output, axis=rows[one.output]).max()
        wanted = np.std(truth, axis=rows[one.data]).max()
        if spread < (NEARLY * wanted if one.holds == "values" else GAIN * (wanted > 0)):
            return one.output
    return ""


def zeros(evidence: Evidence) -> str:
    """Weights one behind the other that are 0: each has no gradient as long as the other is 0.

    One alone that is 0 and has no gradient may be the best that there is.
    """
    look, stacked = evidence.look, evidence.scene.stacked
    none = {
        name
        for name in evidence.scene.weights
        if not look.params[name].any() and not look.gradients[name].any()
    }
    for first, second in stacked(none):
        return (
            f"`{first}` and `{second}` are 0 and have no gradient, as each is multiplied by the"
            " other; begin at random, as with `xavier_normal`"
        )
    return ""


def alike(evidence: Evidence) -> str:
    """Units that all hold the same numbers and therefore learn the same."""
    for name in evidence.scene.weights:
        value = evidence.look.params[name]
        if value.any() and min(value.shape) > 1 and not np.ptp(value):
            return (
                f"`{name}` is {value.flat[0]:.3g} everywhere, so its units are alike and learn"
                " the same; begin at random, as with `xavier_normal`"
            )
    return ""


def too_short(evidence: Evidence) -> str:
    """That a longer step down the slope would gain at once what all of the run has not."""
    moved = evidence.moved(evidence.scene.trained)
    if moved > SHORT or not evidence.downhill or worse(evidence):
        return ""
    far, loss = min(evidence.downhill.items(), key=lambda one: one[1])
    before = evidence.look.loss
    gained = evidence.losses[0] - min(evidence.losses)
    if before - loss < max(WORTH * abs(before), TIMES * gained) or far < 10 * moved:
        return ""
    times = 10 ** round(math.log10(far / max(moved, 1e-12)))
    return (
        f"the steps are too short. In {len(evidence.epochs)} epochs the parameters have moved by"
        f" {_share(moved)} of their size; one step of {_share(far)} takes the loss from"
        f" {before:.4g} to {loss:.4g}. A larger --learning-rate, up to {times:,} times, gets there"
    )


def too_long(evidence: Evidence) -> str:
    """That a short step down the slope lowers the loss, and the steps taken do not."""
    losses, look = evidence.losses, evidence.look
    grown = losses[-1] > 1.05 * losses[0] > 0
    if not evidence.downhill or not (grown or restless(losses) or worse(evidence)):
        return ""
    each = evidence.moved(evidence.scene.trained) / len(losses)
    better = [
        far for far, loss in evidence.downhill.items() if loss < look.loss - GAIN * abs(look.loss)
    ]
    if not better or min(better) > each:
        return ""
    how = f"It has come from {evidence.begun:.4g} to {losses[-1]:.4g}"
    if restless(losses):
        how = f"It stays between {min(losses):.4g} and {max(losses[1:]):.4g}"
    return (
        f"the steps are too long. {how}, and one step of {_share(min(better))} of the parameters'"
        " size lowers it. A smaller --learning-rate helps"
    )


def barred(evidence: Evidence) -> str:
    """That the gradient of a layer vanishes on the way back."""
    return vanishing(evidence, HARDLY)


def _share(part: float) -> str:
    return f"{100 * part:.2g} %" if part >= 1e-4 else f"{part:.0e}"


CAUSES = (zeros, alike, unscaled, too_short, too_long, barred, saturated, exploding)
SURE = 4  # of the causes, that show after a few epochs
