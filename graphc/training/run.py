"""One training run, from the first line that it prints to the last, and its exit code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from graphc.data import DataError, Loaded, row_count, split
from graphc.training import lines
from graphc.training.keeping import Kept
from graphc.training.log import Log
from graphc.training.meter import Meter
from graphc.training.notes import Notes
from graphc.training.progress import progress
from graphc.training.settings import Settings
from graphc.training.stopping import Stop, Stopped
from graphc.training.table import table
from graphc.training.teacher import Teacher
from graphc.training.trainer import Trainer, load_trainer

if TYPE_CHECKING:
    from graphc.compiled import Compiled

_T = TypeVar("_T")

HOLDOUT = 0.2
HOLDOUT_FROM = 50  # with fewer rows a fifth of them says little, and is missed in training
TOO_LARGE = "the numbers of the data or the first parameters may be too large"
TOO_FAST = "a smaller --learning-rate often helps"


def train(
    compiled: Compiled,
    loaded: Loaded,
    settings: Settings,
    echo: Callable[[str], None],
    complain: Callable[[str], None],
) -> int:
    """Train a model on the arrays of its data and say how it went.

    Lines go to `echo`, what went wrong to `complain`. Returns the exit code: 0, 1 if the loss was
    no longer finite, 128 and its number if a signal came (130 for Ctrl-C). Raises `DataError` for
    data or a checkpoint that does not fit, `OSError` if one cannot be read or written.
    """
    run, follower = _Run(compiled, loaded, settings), settings.follower
    heard = follower.hears(complain) if follower else complain
    for line in run.opening():
        echo(line)
    with Stop() as stop, ExitStack() as ending:
        try:
            failure = run.fit(stop, echo, heard)
        except OSError:
            run.save()  # nobody reads on, as in `graphc train … | head`; what was learnt is kept
            if follower:
                follower.end(run.trainer.epoch, "", "an output that nobody reads", run.notes)
            raise

        def report() -> None:
            if follower:
                echo(f"wrote {follower.end(run.trainer.epoch, failure, stop.cause, run.notes)}")

        ending.callback(report)  # the last, whatever cannot be printed or written before it
        ending.callback(run.end_log)
        for line in run.closing(failure, stop):
            (complain if failure else echo)(line)
    return 1 if failure else 0 if stop.signum is None else 128 + stop.signum


class _Run:
    """The trainer, its data and its settings, all choices made."""

    def __init__(self, compiled: Compiled, loaded: Loaded, settings: Settings) -> None:
        model, data, module = compiled.model, compiled.data, compiled.load()
        self.model, self.settings, self.labels = model, settings, loaded.labels
        if settings.resume is not None:
            self.trainer = load_trainer(
                module,
                settings.resume,
                new_optimizer=settings.new_optimizer,
                changed_model=settings.changed_model,
            )
        else:
            self.trainer = module.Trainer(seed=_chosen(settings.seed, model.defaults["seed"]))
        count = row_count(data, loaded.arrays)
        by_size = HOLDOUT if count is not None and count >= HOLDOUT_FROM else 0
        before = settings.before
        holdout = _chosen(settings.holdout, _chosen(before.holdout, by_size))
        _check(self.trainer, loaded)
        kept, held = split(data, loaded.arrays, holdout, before.split_seed)
        rows = row_count(data, kept)
        epochs = _chosen(settings.epochs, model.defaults["epochs"])
        first = self.trainer.epoch
        if settings.resume is not None and first >= epochs:
            raise DataError(
                f"{settings.resume}: {first} epochs are done, and {epochs} were asked for; "
                f"--epochs {first + max(epochs, 1)} trains on"
            )
        own = _chosen(before.batch_size, model.defaults["batch_size"])
        batch_size = _chosen(settings.batch_size, own)
        self.notes = Notes(
            {**before.classes, **loaded.labels},
            None if rows is None else holdout,
            before.split_seed,
            None if rows is None else batch_size,
            _chosen(settings.learning_rate, before.learning_rate),
            {**before.columns, **loaded.columns},
            _chosen(settings.patience, before.patience) or None,
            count,
        )
        self.notes.write(self.trainer)
        self.options = {"epochs": epochs - first}
        if rows is not None:
            self.options["batch_size"] = batch_size
        self.meter = Meter(self.trainer, model, kept, held, rows, batch_size, first, epochs)
        self.teacher = Teacher(compiled, loaded, self.meter, batch_size, self.notes.patience)
        if settings.follower:
            settings.follower.begin(self.meter, model, batch_size)
        path = settings.log
        self.log = None if path is None else Log(path, self.meter.metric_names, first)

    def opening(self) -> list[str]:
        """What there is to say before training."""
        meter, settings = self.meter, self.settings
        opening = [lines.start(settings.name, meter)]
        if meter.rows is not None and settings.holdout is None and settings.resume is None:
            opening[0] += " (see --holdout)"
        opening += table(self.model, meter.batch)
        opening += [lines.classes(name, labels) for name, labels in self.labels.items()]
        if settings.resume is not None:
            options = f": {self.notes}" if str(self.notes) else ""
            opening.append(f"{settings.resume} goes on after epoch {meter.first}{options}")
            before = settings.before.rows
            if meter.held and before is not None and before != self.notes.rows:
                opening.append(lines.other_rows(before))
        return opening

    def fit(self, stop: Stop, echo: Callable[[str], None], complain: Callable[[str], None]) -> str:
        """Train until the last epoch, or until `stop`; returns what went wrong, if anything did.

        If the last epoch is not whole, the trainer goes back to its beginning; with patience, to
        the end of the best.
        """
        trainer, meter, settings = self.trainer, self.meter, self.settings
        follower = settings.follower
        with progress(meter, echo, complain) as shown:
            kept = self.kept = Kept(
                trainer,
                settings.save,
                settings.save_every,
                shown.tell,
                patience=self.notes.patience,
                judge=meter.judge,
            )

            def on_epoch(trainer: Trainer, loss: float) -> bool:
                with stop.held(), meter.between():
                    epoch = meter.add(loss, evaluate=settings.each_epoch or shown.due())
                    if self.log:
                        self.log.add(epoch, shown.tell)
                    kept.take()
                    if follower:
                        follower.epoch()
                    shown.epoch()
                    last = kept.out_of_patience or meter.epoch == meter.epochs
                    self.teacher.epoch(shown.tell, last=last)
                return stop.signum is not None or kept.out_of_patience

            self.teacher.begin(shown.tell)
            meter.start()
            try:
                with stop.interruptible():
                    kept.begin()
                    if follower:
                        follower.epoch()
                    trainer.fit(*meter.train, **self.options, on_epoch=on_epoch)
            except Stopped:
                pass
            except FloatingPointError as error:
                self.teacher.failure(shown.tell)
                return f"graphc: {error}; {TOO_LARGE if trainer.steps == 0 else TOO_FAST}"
            except ArithmeticError as error:  # of plain numbers, before anything was changed
                does = "divides by 0" if isinstance(error, ZeroDivisionError) else "is too large"
                return f"graphc: step {trainer.steps + 1}: an argument of the optimizer {does}"
            finally:
                kept.put_back()
        return ""

    def end_log(self) -> None:
        """Write what could not be written yet; raises `OSError` if it still cannot be."""
        if self.log and self.meter.history:
            self.log.write()

    def save(self) -> Path | None:
        """Save if that was asked for; returns the path."""
        path = self.settings.save
        if path is not None:
            self.trainer.save(path)
        return path

    def closing(self, failure: str, stop: Stop) -> list[str]:
        """Save, and say what came of it."""
        meter, settings, best = self.meter, self.settings, self.kept.epoch
        ending = f"after epoch {meter.epoch} of {meter.epochs}"
        if failure:
            if best > meter.first and (saved := self.save()):
                return [
                    failure,
                    f"saved {saved}: the parameters after epoch {best} of {meter.epochs}",
                ]
            return [failure]
        if stop.signum is not None and meter.epoch < meter.epochs:
            if not meter.history:
                return [f"stopped by {stop.cause} before an epoch was done; nothing is saved"]
            if not (saved := self.save()):
                return [f"stopped by {stop.cause} {ending}; nothing is saved (no --save)"]
            which = "" if best == meter.epoch else f", as after epoch {best}, the best"
            told = f"stopped by {stop.cause} {ending}; saved {saved}{which}"
            more = "" if settings.epochs is None else f" with --epochs {settings.epochs}"
            return [f"{told}: --resume{more} goes on from there"]
        closing = [*lines.summary(meter, best), *lines.values(self.trainer)]
        if best < meter.epoch:
            closing.insert(0, f"epoch {best} was the best; the parameters are as after it")
        if saved := self.save():
            return [*closing, f"saved {saved}"]
        return [*closing, f"not saved: --save {settings.name}.trained.npz keeps what was learnt"]


def _check(trainer: Trainer, loaded: Loaded) -> None:
    """Raises `DataError` for data that the module does not take, before anything looks at it."""
    try:
        trainer.fit(*loaded.arrays, epochs=0)
    except (TypeError, ValueError) as error:
        raise DataError(str(error)) from error


def _chosen(given: _T | None, otherwise: _T) -> _T:
    return otherwise if given is None else given
