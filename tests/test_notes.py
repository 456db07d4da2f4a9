"""Notes beside the parameters that `graphc train` did not write."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.compiled import compile_text
from graphc.data import DataError
from graphc.training import Notes, read_notes


@pytest.mark.parametrize(
    "strange",
    [
        [],
        {"classes": ["a"]},
        {"classes": {"y": "ab"}},
        {"classes": {"y": ["a", "a"]}},
        {"classes": {"y": [1]}},
        {"columns": {"x": ["a", 1]}},
        {"training": 5},
        {"training": {"holdout": 1}},
        {"training": {"batch_size": 0.5}},
        {"training": {"split_seed": None}},
        {"training": {"patience": 0}},
        {"training": {"learning_rate": float("nan")}},
        {"training": {"colour": 3}},
    ],
)
def test_strange_notes_are_told(strange: Any) -> None:
    trainer: Any = compile_text("param w : [] = 1\noutput w\nloss w * w").load().Trainer()
    assert read_notes(trainer, "p.npz") == Notes()
    trainer.notes = strange
    with pytest.raises(DataError, match=r"p\.npz: its notes are not as graphc train writes them"):
        read_notes(trainer, "p.npz")


def test_notes_that_no_file_can_hold_are_told_before_training() -> None:
    trainer: Any = compile_text("param w : [] = 1\noutput w\nloss w * w").load().Trainer()
    names = tuple(f"{number:01000}" for number in range(9000))
    with pytest.raises(DataError, match=r"columns are 9,036,\d+ characters long in all; a saved"):
        Notes(columns={"x": names}).write(trainer)
