"""The lines that frame a training run: what is trained on what, and how good it has become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphc.training.meter import rounded, seconds
from graphc.training.metrics import told
from graphc.training.table import FEW

if TYPE_CHECKING:
    from graphc.training.meter import Meter
    from graphc.training.trainer import Trainer

FEW_CLASSES = 10


def start(name: str, meter: Meter) -> str:
    """The model, its size, and the rows to train on and held out."""
    text = f"{name}: {counted(meter.trainer.theta.size, 'parameter')}"
    if meter.rows is not None:
        held = f"{meter.held_rows:,}" if meter.held_rows else "none"
        text += f", {counted(meter.rows, 'row')} to train on, {held} held out"
    return text


def other_rows(before: int) -> str:
    """That rows held out now may not have been before, as their choice depends on how many are."""
    return (
        f"the data had {counted(before, 'row')} before: "
        "what is held out now was partly trained on, so its score is too good"
    )


def classes(name: str, labels: Sequence[str]) -> str:
    """Which number stands for which label: `kind: 0 iris, 1 rose`."""
    shown = enumerate(map(legible, labels[:FEW_CLASSES]))
    some = ", ".join(f"{number} {label[:30]}" for number, label in shown)
    return f"{name}: {some}" + (", …" if len(labels) > FEW_CLASSES else "")


def legible(label: str) -> str:
    """A label as it is shown: in quotes if it is blank, or has what moves the cursor."""
    return label if label.strip() and label.isprintable() else repr(label)


def summary(meter: Meter, epoch: int) -> list[str]:
    """How good the model is now, which is as it was after `epoch`, and how long it took."""
    elapsed, done = meter.elapsed, len(meter.history)
    held_loss, metrics = meter.evaluate()
    if epoch > meter.first and meter.rows is not None:
        loss = meter.history.at(epoch).loss
    else:  # the last loss of a model without rows is the one before its last step
        loss = meter.trainer.loss(*meter.train)
    text = f"{counted(done, 'epoch')} in {seconds(elapsed)}: loss {loss:.4g}"
    if held_loss is not None:
        text += f"; held out: loss {held_loss:.4g}"
    if metrics:
        text += f", {'training ' if meter.held is None else ''}"
        text += ", ".join(told(name, value) for name, value in metrics.items())
    if meter.rows is None or not done:
        return [text]
    rate = meter.rows / meter.steps_per_epoch / max(meter.step_time, 1e-9)
    pace = f"{seconds(elapsed / done)} per epoch, {seconds(meter.step_time)} per step"
    return [text, f"    {pace}, {rounded(rate)} samples/s in training"]


def values(trainer: Trainer) -> list[str]:
    """The parameters themselves, if they are few."""
    if trainer.theta.size > FEW:
        return []
    style: Any = {"float_kind": "{:.6g}".format}
    leads = {f"{name} = ": value for name, value in trainer.params.items()}
    return [
        lead + np.array2string(value, separator=", ", prefix=lead, formatter=style)
        for lead, value in leads.items()
    ]


def counted(number: int, thing: str) -> str:
    """`1 row`, `1,797 rows`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
