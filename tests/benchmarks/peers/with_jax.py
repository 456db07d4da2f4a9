"""JAX: a step compiled, or a whole epoch of them; the parameters' memory is given back to it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import jax
from jax import Array
from jax import numpy as jnp
from jax.tree_util import tree_leaves, tree_map

from tests.benchmarks.cases import Case
from tests.benchmarks.peers.jax_models import Parameters, loss_of
from tests.benchmarks.peers.session import BETA1, BETA2, EPSILON, Session, repeated
from tests.benchmarks.problem import Problem

State = tuple[Parameters, Any]  # the parameters, and what the optimizer keeps
Update = Callable[[State, Parameters], State]


def update_of(case: Case) -> Update:
    """The optimizer of a case, as a function of its state and the gradients."""
    rate = case.learning_rate

    def sgd(state: State, gradients: Parameters) -> State:
        return tree_map(lambda a, da: a - rate * da, state[0], gradients), None

    def adam(state: State, gradients: Parameters) -> State:
        values, (m, v, step) = state
        if case.kind == "alice":
            squares = sum(jnp.vdot(one, one) for one in tree_leaves(gradients))
            factor = jnp.minimum(1 / (jnp.sqrt(squares) + 1e-6), 1)
            gradients = tree_map(lambda da: da * factor, gradients)
        decay = 1 - rate * 0.01 if case.optimizer == "adamw" else 1
        step = step + 1
        size, scale = rate / (1 - BETA1**step), 1 / jnp.sqrt(1 - BETA2**step)
        m = tree_map(lambda m, da: BETA1 * m + (1 - BETA1) * da, m, gradients)
        v = tree_map(lambda v, da: BETA2 * v + (1 - BETA2) * jnp.square(da), v, gradients)
        values = tree_map(
            lambda a, m, v: a * decay - size * m / (jnp.sqrt(v) * scale + EPSILON), values, m, v
        )
        return values, (m, v, step)

    return sgd if case.optimizer == "sgd" else adam


class Queued(Session):
    """One call for each step; the calls run ahead, and the last step alone is waited for."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        loss, update = loss_of(self.case), update_of(self.case)

        def step(state: State, x: Array, y: Array) -> tuple[State, Array]:
            value, gradients = jax.value_and_grad(loss)(state[0], x, y)
            return update(state, gradients), value

        self.pure = step
        self.step = jax.jit(step, donate_argnums=0)
        parameters = {name: jnp.array(value) for name, value in problem.parameters}
        kept = None
        if self.case.optimizer != "sgd":
            zeros = [tree_map(jnp.zeros_like, parameters) for _ in range(2)]
            kept = (*zeros, jnp.float32(0))
        self.state: State = parameters, kept
        self.load(problem)

    def load(self, problem: Problem) -> None:
        """The batches, on the device."""
        self.feed = repeated([jax.device_put(batch) for batch in problem.batches])

    def run(self, steps: int) -> float:
        step, state = self.step, self.state
        for x, y in islice(self.feed, steps):
            state, value = step(state, x, y)
        self.state = jax.block_until_ready(state)
        return float(value)


class Jit(Queued):
    """One call for each step, whose loss is waited for: what graphc's `step` gives."""

    def run(self, steps: int) -> float:
        step, state = self.step, self.state
        for x, y in islice(self.feed, steps):
            state, value = step(state, x, y)
            value.block_until_ready()
        self.state = jax.block_until_ready(state)
        return float(value)


class Scan(Queued):
    """One call for each epoch."""

    def load(self, problem: Problem) -> None:
        shape = (self.case.batches, self.case.batch)
        x, y = (jnp.asarray(one.reshape(*shape, *one.shape[1:])) for one in problem.data)
        step = self.pure
        self.unit = self.case.batches
        self.data = x, y
        self.epoch = jax.jit(
            lambda state, x, y: jax.lax.scan(lambda s, xy: step(s, *xy), state, (x, y)),
            donate_argnums=0,
        )

    def run(self, steps: int) -> float:
        for _ in range(steps // self.unit):
            self.state, losses = self.epoch(self.state, *self.data)
        jax.block_until_ready(self.state)
        return float(losses.mean())

    def epochs(self, count: int) -> list[float]:
        return [self.run(self.unit) for _ in range(count)]
