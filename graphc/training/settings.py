"""The options of a training run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from graphc.training.keeping import OFTEN
from graphc.training.notes import Notes

if TYPE_CHECKING:
    from graphc.reported.following import Follower


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of a run; None leaves the choice to the model (`train(…)`) or to the data.

    `epochs` counts all epochs of the model, those before `resume` included. `holdout` is the
    share of rows held out: `HOLDOUT` from `HOLDOUT_FROM` rows on if it is None. `before` are the
    notes of the checkpoint, whose options hold where none are given. `learning_rate` is only noted.
    With a `patience` above 0 the best epoch is kept, and so many without a better one are the end.
    `new_optimizer` and `changed_model` let the checkpoint be of a model that differs in these.
    `save` is written while it trains too, if `save_every` seconds have passed since it last was.
    `log` has a row for each epoch, and `follower` writes a report at the end.
    """

    name: str = "model"
    epochs: int | None = None
    batch_size: int | None = None
    seed: int | None = None
    holdout: float | None = None
    learning_rate: float | None = None
    patience: int | None = None
    save: Path | None = None
    save_every: float = OFTEN
    log: Path | None = None
    follower: Follower | None = None
    resume: Path | None = None
    new_optimizer: bool = False
    changed_model: bool = False
    before: Notes = field(default_factory=Notes)

    @property
    def each_epoch(self) -> bool:
        """Whether every epoch is evaluated, not only those that are shown, whatever it costs."""
        return self.log is not None or self.follower is not None
