"""What `graphc train` does with a compiled model: train, show it, stop cleanly, save.

It takes the `Trainer` of the emitted module as a user would; nothing here knows how it works
inside.
"""

from graphc.training.notes import Notes, read_notes
from graphc.training.run import train
from graphc.training.settings import Settings
from graphc.training.trainer import load_trainer

__all__ = ["Notes", "Settings", "load_trainer", "read_notes", "train"]
