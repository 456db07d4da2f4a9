"""Looks at a trainer: what they give, and that a run never notices them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphc.compiled import compile_text
from graphc.training.probe import ROWS, Probe

RESTLESS = compile_text("""
input x : [batch, 4]
target y : [batch, 1]
param fixed : [4, 4] = he_normal frozen
h = x @ fixed |> dense(8) |> batch_norm |> tanh |> dropout(0.2)
p = h |> dense(1)
output p
loss mse(p, y)
optimizer adam(learning_rate = 0.05)
""")
PLAIN = compile_text("""
input x : [batch, 2]
target y : [batch, 1]
p = x |> dense(3) |> tanh |> dense(1)
output p
loss mse(p, y)
""")
RANDOM = np.random.default_rng(0)


def data(rows: int, wide: int) -> tuple[Any, Any]:
    return RANDOM.random((rows, wide), np.float32), RANDOM.random((rows, 1), np.float32)


def test_a_run_ends_with_the_same_bits_however_often_it_is_looked_at() -> None:
    states = []
    x, y = data(40, 4)
    for looked_at in (False, True):
        trainer: Any = RESTLESS.load().Trainer(seed=1)
        probe = Probe(trainer, RESTLESS.model, (x, y), 10)

        def on_epoch(trainer: Any, loss: float, probe: Any = probe if looked_at else None) -> None:
            if probe is not None:
                probe.loss(probe.look().params)

        trainer.fit(x, y, epochs=4, batch_size=10, on_epoch=on_epoch)
        states.append(trainer.__getstate__())
    for name, value in states[0].items():
        assert value.tobytes() == states[1][name].tobytes(), name


def test_a_look_is_the_gradient_of_all_rows_and_stays_as_it_was() -> None:
    trainer: Any = PLAIN.load().Trainer(seed=0)
    x, y = data(30, 2)
    probe = Probe(trainer, PLAIN.model, (x, y), 10)
    look = probe.look()
    gradients = trainer.gradients(x, y)
    assert probe.rows == 30
    assert [*look.params] == [*look.gradients] == [*trainer.params]
    for name, value in look.params.items():
        assert np.array_equal(value, trainer.params[name])
        assert np.array_equal(look.gradients[name], gradients[name])
    assert look.loss == pytest.approx(trainer.loss(x, y))
    start = look.params["dense1.W"].copy()
    trainer.fit(x, y, epochs=2)
    assert np.array_equal(look.params["dense1.W"], start)
    assert (look.epoch, probe.look().epoch) == (0, 2)
    assert probe.loss(look.params) == pytest.approx(look.loss)


def test_some_rows_stand_for_many() -> None:
    trainer: Any = PLAIN.load().Trainer(seed=0)
    x, y = data(5 * ROWS, 2)
    probe = Probe(trainer, PLAIN.model, (x, y))
    assert probe.rows == ROWS == len(probe.sample[0]) == len(probe.sample[1])
    pairs = {tuple(row) for row in np.concatenate([x, y], axis=1)}
    assert {tuple(row) for row in np.concatenate(probe.sample, axis=1)} <= pairs


def test_no_more_rows_than_there_is_room_for() -> None:
    wide = compile_text("""
    input x : [batch, time, 8]
    target y : [batch, time, 8]
    p = x |> dense(64) |> tanh |> dense(8)
    output p
    loss mse(p, y)
    """)
    x = np.zeros((400, 2000, 8), np.float32)
    probe = Probe(wide.load().Trainer(), wide.model, (x, x), 4)
    assert probe.rows is not None
    assert 4 <= probe.rows < 100


def test_a_model_without_data() -> None:
    bare = compile_text("param w : [] = 3\noutput w\nloss w * w\n")
    look = Probe(bare.load().Trainer(), bare.model, ()).look()
    assert (look.loss, look.gradients["w"]) == (9, 6)
