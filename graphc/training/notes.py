"""What `graphc train` writes beside the parameters: names of classes and columns, its options."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphc.data import DataError
from graphc.training.trainer import Trainer

LONGEST = 9_000_000  # characters, a little below what a module lets into a saved file


@dataclass(frozen=True)
class Notes:
    """The notes of a trained model; None stands for what was not chosen.

    `classes["y"][3]` is the label of class 3 of `y`, which is absent if its classes were numbers.
    `columns["x"]` are the names of the columns that `x` was, absent if they had none.
    The rows held out are told by their share of all `rows` and by `split_seed`. `learning_rate` is
    the one that replaced the model's own.
    """

    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    holdout: float | None = None
    split_seed: int = 0
    batch_size: int | None = None
    learning_rate: float | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patience: int | None = None
    rows: int | None = None

    def write(self, trainer: Trainer) -> None:
        """Writes them into a trainer's notes, among what else stands there.

        Raises `DataError` if they are too long to be saved.
        """
        for key, names in (("classes", self.classes), ("columns", self.columns)):
            trainer.notes[key] = {name: list(each) for name, each in names.items()}
        trainer.notes["training"] = {
            "holdout": self.holdout,
            "split_seed": self.split_seed,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "patience": self.patience,
            "rows": self.rows,
        }
        if (length := len(json.dumps(trainer.notes))) > LONGEST:
            raise DataError(
                f"the names of classes and columns are {length:,} characters long in all; "
                f"a saved file holds at most {LONGEST:,}"
            )

    def __str__(self) -> str:
        """The options, for a message: `batch size 8, holdout 0.2`."""
        options = {
            "batch size": self.batch_size,
            "holdout": self.holdout,
            "learning rate": self.learning_rate,
            "patience": self.patience,
        }
        return ", ".join(f"{name} {value}" for name, value in options.items() if value is not None)


def read_notes(trainer: Trainer, path: object) -> Notes:
    """The notes of a trainer that was saved at `path`; empty if `graphc train` wrote none.

    Raises `DataError` for notes that are not as `Notes.write` leaves them.
    """
    notes = trainer.notes
    if isinstance(notes, dict):
        options, *both = (notes.get(key, {}) for key in ("training", "classes", "columns"))
        if all(map(_are_names, both)) and _are_options(options):
            classes, columns = ({key: tuple(each) for key, each in one.items()} for one in both)
            return Notes(classes, columns=columns, **options)
    raise DataError(f"{path}: its notes are not as graphc train writes them")


def _are_names(names: Any) -> bool:
    return isinstance(names, dict) and all(
        isinstance(each, list)
        and all(isinstance(name, str) for name in each)
        and len(set(each)) == len(each)
        for each in names.values()
    )


def _are_options(options: Any) -> bool:
    def fits(name: str, value: Any) -> bool:
        match name, value:
            case "holdout" | "batch_size" | "learning_rate" | "patience" | "rows", None:
                return True
            case "holdout", int() | float():
                return bool(0 <= value < 1)
            case "split_seed", int():
                return bool(value >= 0)
            case "batch_size" | "patience" | "rows", int():
                return bool(value >= 1)
            case "learning_rate", int() | float():
                return bool(0 < value < math.inf)
        return False

    return isinstance(options, dict) and all(fits(*one) for one in options.items())
