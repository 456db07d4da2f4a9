"""What `graphc train` does with a loaded module: train, show it, stop cleanly, save.

A run takes the `Trainer` of an emitted module as a user would; nothing here knows how it works
inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data import DataError, row_count, split
from graphc.training.meter import Meter, percent, seconds
from graphc.training.progress import progress
from graphc.training.stopping import Stop, Stopped
from graphc.training.trainer import Snapshot, Trainer

if TYPE_CHECKING:
    from graphc.model import Data

HOLDOUT = 0.2
HOLDOUT_FROM = 50  # with fewer rows a fifth of them says little, and is missed in training
SPLIT_SEED = 0  # one for all runs: a run that is resumed holds the same rows out
FEW_VALUES = 12


@dataclass(frozen=True)
class Settings:
    """The options of a run; None leaves the choice to the model (`train(…)`) or to the data.

    `epochs` counts all epochs of the model, those before `resume` included. `holdout` is the
    share of rows held out: `HOLDOUT` from `HOLDOUT_FROM` rows on if it is None.
    """

    name: str = "model"
    epochs: int | None = None
    batch_size: int | None = None
    seed: int | None = None
    holdout: float | None = None
    save: Path | None = None
    resume: Path | None = None


def train(
    module: Any,
    data: Sequence[Data],
    arrays: tuple[NDArray[Any], ...],
    settings: Settings,
    echo: Callable[[str], None],
    complain: Callable[[str], None],
) -> int:
    """Train the model of `module` on `arrays` (in the order of `data`) and say how it went.

    Lines go to `echo`, what went wrong to `complain`. Returns the exit code: 0, 1 if the loss was
    no longer finite, 130 or 143 if Ctrl-C or SIGTERM came. Raises `DataError` for data or a
    checkpoint that does not fit, `OSError` if one cannot be read or written.
    """
    trainer = _trainer(module, settings)
    holdout = settings.holdout
    count = row_count(data, arrays)
    if holdout is None:
        holdout = HOLDOUT if count is not None and count >= HOLDOUT_FROM else 0
    kept, held = split(data, arrays, holdout, SPLIT_SEED)
    rows = row_count(data, kept)
    epochs = settings.epochs or module.DEFAULTS["epochs"]
    first = trainer.epoch
    if first >= epochs:
        raise DataError(
            f"{settings.resume}: {first} epochs are done, and {epochs} were asked for; "
            f"--epochs {first + epochs} trains on, to epoch {first + epochs}"
        )
    echo(_start(settings, trainer, rows, None if held is None else row_count(data, held)))
    options = {"epochs": epochs - first}
    batch_size = settings.batch_size or module.DEFAULTS["batch_size"]
    if rows is not None:
        options["batch_size"] = batch_size
    meter = Meter(trainer, data, kept, held, rows, batch_size, first, epochs)
    snapshot, failure = Snapshot(trainer), ""
    with Stop() as stop:
        with progress(meter, echo) as shown:

            def on_epoch(trainer: Trainer, loss: float) -> bool:
                with stop.held():
                    snapshot.take()
                    meter.losses.append(float(loss))
                    shown.epoch()
                return stop.signum is not None

            try:
                with stop.interruptible():
                    trainer.fit(*kept, **options, on_epoch=on_epoch)
            except Stopped:
                snapshot.restore()
            except FloatingPointError as error:
                failure = str(error)
            except (ValueError, TypeError) as error:
                raise DataError(str(error)) from error
        if failure:
            complain(f"{failure}; a smaller --learning-rate often helps")
            if settings.save:
                trainer.save(settings.save)
                complain(f"saved {settings.save}: the last parameters with a finite loss")
            return 1
        if stop.signum is not None:
            echo(_stopped(trainer, meter, settings, stop.cause))
            return 128 + stop.signum
        echo(_summary(meter))
        if trainer.theta.size <= FEW_VALUES:
            echo(_values(trainer.params))
        if settings.save:
            trainer.save(settings.save)
            echo(f"saved {settings.save}")
        else:
            echo(f"not saved: --save {settings.name}.trained.npz keeps what was learnt")
    return 0


def _trainer(module: Any, settings: Settings) -> Trainer:
    if settings.resume is not None:
        return load_trainer(module, settings.resume)
    made: Trainer = (
        module.Trainer() if settings.seed is None else module.Trainer(seed=settings.seed)
    )
    return made


def load_trainer(module: Any, path: Path) -> Trainer:
    """The saved trainer; raises `DataError` if it is not one of this model."""
    try:
        trainer: Trainer = module.Trainer.load(path)
    except (ValueError, TypeError) as error:
        message = str(error)
        raise DataError(message if str(path) in message else f"{path}: {message}") from error
    return trainer


def _start(settings: Settings, trainer: Trainer, rows: int | None, held: int | None) -> str:
    size = trainer.theta.size
    text = f"{settings.name}: {size:,} parameter{'' if size == 1 else 's'}"
    if rows is not None:
        text += f", {rows:,} rows to train on, {f'{held:,}' if held else 'none'} held out"
        if settings.holdout is None:
            text += " (--holdout 0 for none)" if held else f" (below {HOLDOUT_FROM}; see --holdout)"
    if settings.resume is not None:
        text += f"; {settings.resume} goes on after epoch {trainer.epoch}"
    return text


def _stopped(trainer: Trainer, meter: Meter, settings: Settings, cause: str) -> str:
    if not meter.losses:
        return f"stopped by {cause} before an epoch was done; nothing is saved"
    text = f"stopped by {cause} after epoch {meter.epoch} of {meter.epochs}"
    if settings.save is None:
        return f"{text}; nothing is saved (no --save)"
    trainer.save(settings.save)
    return f"{text}; saved {settings.save}, --resume {settings.save} goes on from there"


def _summary(meter: Meter) -> str:
    elapsed = meter.elapsed
    held_loss, score = meter.evaluate()
    count = len(meter.losses)
    text = f"{count} epoch{'' if count == 1 else 's'} in {seconds(elapsed)}: "
    text += f"loss {meter.losses[-1]:.4g}"
    if held_loss is not None:
        text += f", held-out loss {held_loss:.4g}"
    if score is not None:
        text += f", {'training' if meter.held is None else 'held-out'} accuracy {percent(score)}"
    return text


def _values(params: Mapping[str, NDArray[Any]]) -> str:
    style: Any = {"float_kind": "{:.6g}".format}
    return "\n".join(
        lead + np.array2string(value, separator=", ", prefix=lead, formatter=style)
        for lead, value in ((f"{name} = ", value) for name, value in params.items())
    )
