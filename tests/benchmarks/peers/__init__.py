"""Who is measured: graphc's module and the others, each in a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.cases import Case
from tests.benchmarks.peers.session import Session
from tests.benchmarks.problem import Problem

PERCEPTRON, ALL = ("mlp",), ("mlp", "cnn", "alice")


@dataclass(frozen=True)
class Contender:
    """One way to train; `place` is its class as "file:class", `needs` what must be installed."""

    key: str
    label: str
    place: str
    needs: str
    kinds: tuple[str, ...]

    @property
    def installed(self) -> bool:
        return find_spec(self.needs) is not None

    def takes(self, case: Case) -> bool:
        """Whether this can train the network of a case."""
        return case.kind in self.kinds

    def open(self, folder: Path) -> Session:
        """Made ready to train the problem in a folder."""
        file, name = self.place.split(":")
        session = getattr(import_module(f"{__name__}.{file}"), name)(Problem(folder))
        assert isinstance(session, Session)
        return session


CONTENDERS = {
    one.key: one
    for one in (
        Contender("graphc", "graphc", "emitted:Step", "numpy", ALL),
        Contender("fit", "graphc fit", "emitted:Fit", "numpy", ALL),
        Contender("floor", "matrix products, NumPy", "floor:Floor", "numpy", PERCEPTRON),
        Contender("torch-floor", "matrix products, PyTorch", "pytorch:Floor", "torch", PERCEPTRON),
        Contender("naive", "naive NumPy", "naive:Naive", "numpy", PERCEPTRON),
        Contender("torch", "PyTorch", "pytorch:Eager", "torch", ALL),
        Contender("compile", "torch.compile", "pytorch:Compiled", "torch", ALL),
        Contender("jit", "JAX jit", "with_jax:Jit", "jax", ALL),
        Contender("queued", "JAX jit, queued", "with_jax:Queued", "jax", ALL),
        Contender("scan", "JAX scan", "with_jax:Scan", "jax", ALL),
        Contender("pytensor", "PyTensor", "with_pytensor:Numba", "pytensor", PERCEPTRON),
        Contender("autograd", "autograd", "with_autograd:Autograd", "autograd", PERCEPTRON),
        Contender("sklearn", "scikit-learn", "with_sklearn:Regressor", "sklearn", PERCEPTRON),
    )
}
