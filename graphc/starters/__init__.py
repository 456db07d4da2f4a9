"""What `graphc new` begins a project with: a model, toy data to train it on, what to do next."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphc.files import write_atomically
from graphc.starters import toys

HERE = Path(__file__).parent
README = """\
# {name}

{title}. {about}

- `model.nn` is the model: change it, and `graphc check model.nn` tells what is wrong with it.
- `{data}` holds {told}

Train it, use what it has learnt, and see what it does:

```console
graphc train model.nn --data {data} --save trained.npz
graphc predict model.nn --params trained.npz --data {data} -o predicted.{kind}
graphc verify model.nn
```

`graphc compile model.nn` writes `model.py`, which needs NumPy alone:

```python
import numpy as np
from model import Trainer

trainer = Trainer.load("trained.npz")
print(trainer.predict({one}))
```
"""


@dataclass(frozen=True)
class Starter:
    """A kind of model: what it is, the data it learns, and what stands in them."""

    title: str
    data: Callable[[], str | Mapping[str, Any]]  # a table as text, or arrays by name
    told: str
    one: str  # an input, as Python

    def table(self) -> tuple[str, bytes]:
        """The file that its data stands in: the name, and what is in it."""
        data = self.data()
        if isinstance(data, str):
            return "data.csv", data.encode()
        packed = io.BytesIO()
        np.savez_compressed(packed, **data)
        return "data.npz", packed.getvalue()

    def readme(self, name: str, data: str, model: str) -> str:
        """What to do with it."""
        about = model.partition("\n")[0].removeprefix("# ")
        parts = {"name": name, "title": self.title, "about": about, "told": self.told, "data": data}
        return README.format(**parts, kind=data.rpartition(".")[2], one=self.one)


STARTERS = {
    "mlp": Starter(
        "A multilayer perceptron",
        toys.spirals,
        "600 points on the arms of three spirals, `red`, `green` and `blue`: a table whose\n"
        "  columns go to `point` and `colour` in this order.",
        "np.array([[0.5, 0.1]])",
    ),
    "cnn": Starter(
        "A convolutional network",
        toys.shapes,
        "600 pictures with noise, each of a line `across` or `down`, a `cross` or a `square`: the\n"
        "  arrays `picture` and `shape`.",
        "np.zeros((1, 1, 12, 12))",
    ),
    "transformer": Starter(
        "A transformer",
        toys.reversals,
        "2,000 rows of eight digits, and the same in reverse: the arrays `given` and `wanted`.",
        "np.array([[3, 1, 4, 1, 5, 9, 2, 6]])).argmax(-1",
    ),
    "autoencoder": Starter(
        "An autoencoder",
        toys.sensors,
        "500 rows of what twelve sensors on a circle see of a light inside it, which is brighter\n"
        "  the nearer it is. Two numbers say where it is, so two are enough.",
        "np.ones((1, 12))",
    ),
}


def begin(folder: Path, kind: str) -> list[Path]:
    """Makes a folder with the model, the data and the README of a starter; returns these files.

    Raises FileExistsError if something is in the folder already, and OSError as `open` does.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FileExistsError(errno.EEXIST, "is there already; nothing is written", str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    starter, model = STARTERS[kind], (HERE / f"{kind}.nn").read_text(encoding="utf-8")
    data, content = starter.table()
    contents = {
        "model.nn": model.encode(),
        data: content,
        "README.md": starter.readme(folder.resolve().name, data, model).encode(),
    }
    for name, each in contents.items():
        write_atomically(folder / name, each)
    return [folder / name for name in contents]
