"""What training needs of the `Trainer` of an emitted module: its face, its state, its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from graphc.data import DataError


class Trainer(Protocol):
    """The part of an emitted `Trainer` that is used here."""

    epoch: int
    steps: int
    notes: Any

    @property
    def theta(self) -> NDArray[Any]:
        """Every parameter in one vector, live."""

    @property
    def params(self) -> Mapping[str, NDArray[Any]]:
        """The parameters by name: views into `theta`."""

    def fit(self, *data: NDArray[Any], **options: Any) -> list[float]:
        """Train; `on_epoch(trainer, loss)` is called after each epoch, and ends it by True."""

    def predict(self, *inputs: NDArray[Any]) -> Any:
        """The output, or a dict of the outputs by name."""

    def loss(self, *data: NDArray[Any]) -> float:
        """The loss in evaluation mode."""

    def loss_and_gradient(self, *data: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        """The training loss, and its gradient as one vector in the layout of `theta`."""

    def save(self, path: str | Path) -> None:
        """Write parameters, optimizer state, counters and random state, atomically."""

    def __getstate__(self) -> dict[str, NDArray[Any]]:
        """Copies of everything that training changes: what `save` writes."""

    def __setstate__(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put the trainer back to such a state, in place."""


def load_trainer(
    module: Any, path: Path, *, new_optimizer: bool = False, changed_model: bool = False
) -> Trainer:
    """The trainer saved at `path`; raises `DataError` if it is not one of this model's.

    With `new_optimizer` its optimizer may have been another, with `changed_model` the way from
    parameters to outputs.
    """
    try:
        trainer: Trainer = module.Trainer.load(
            path, new_optimizer=new_optimizer, changed_model=changed_model
        )
    except ValueError as error:
        text = str(error)
        for name in ("new_optimizer", "changed_model"):
            text = text.replace(f"; {name}=True ", f"; --{name.replace('_', '-')} ")
        raise DataError(text) from error
    return trainer
