"""The five models of the size people write: each fits a page, and learns what it says."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest
from systems import EXAMPLES, Array, as_written

import graphc


def fifth(samples: int) -> tuple[Array, Array]:
    """The places of four fifths of the samples, and of the held-out rest."""
    order = np.random.default_rng(0).permutation(samples)
    return order[samples // 5 :], order[: samples // 5]


def arrays(name: str) -> dict[str, Any]:
    with np.load(EXAMPLES / f"{name}.npz") as file:
        return dict(file)


@pytest.mark.parametrize("name", ["cnn", "alice", "autoencoder", "sine", "rnn"])
def test_it_fits_a_page(name: str) -> None:
    lines = (EXAMPLES / f"{name}.nn").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 110
    assert not graphc.compile_file(EXAMPLES / f"{name}.nn").warnings


def test_the_convolutional_net_reads_digits() -> None:
    digits = arrays("digits")
    train, held = fifth(len(digits["x"]))
    net = as_written("cnn")
    net.fit(digits["x"][train], digits["y"][train], epochs=6)
    p = net.predict(digits["x"][held])
    assert np.mean(p.argmax(axis=1) == digits["y"][held]) >= 0.98


def test_the_recurrent_net_reads_digits_row_by_row() -> None:
    digits = arrays("digits")
    train, held = fifth(len(digits["x"]))
    net = as_written("rnn")
    net.fit(digits["x"][train], digits["y"][train])
    assert np.mean(net.predict(digits["x"][held]).argmax(axis=1) == digits["y"][held]) >= 0.96
    assert [name for name in net.params if name.startswith("cell")] == [
        "cell.W",
        "cell.U",
        "cell.b",
    ]


def test_the_autoencoder_draws_what_it_saw() -> None:
    x = arrays("digits")["x"]
    train, held = fifth(len(x))
    net = as_written("autoencoder")
    net.fit(x[train])
    found = net.predict(x[held])
    assert found["code"].shape == (len(held), 8)
    spread = np.mean((x[held] - x[train].mean(axis=0)) ** 2)
    assert np.mean((found["drawing"] - x[held]) ** 2) < 0.25 * spread


def test_the_residual_net_fits_a_sine() -> None:
    with (EXAMPLES / "sine.csv").open(encoding="utf-8", newline="") as file:
        table = np.array([[float(cell) for cell in row] for row in list(csv.reader(file))[1:]])
    net = as_written("sine")
    net.fit(table[::2, :1], table[::2, 1:])
    assert np.mean((net.predict(table[1::2, :1]) - table[1::2, 1:]) ** 2) < 0.003


def test_the_transformer_learns_to_spell() -> None:
    """A hundred steps: from all letters alike to better than the letters' frequencies."""
    text = arrays("alice")
    net = as_written("alice")
    before = net.loss(text["text"][:64], text["next"][:64])
    assert before > 4
    net.fit(text["text"][64:], text["next"][64:], epochs=1)
    counts = np.bincount(text["next"].ravel(), minlength=67) / text["next"].size
    entropy = -np.sum(counts[counts > 0] * np.log(counts[counts > 0]))
    assert net.loss(text["text"][:64], text["next"][:64]) < entropy - 0.3


def test_a_letter_does_not_see_those_after_it() -> None:
    text = arrays("alice")["text"][:4]
    net = as_written("alice")
    changed = text.copy()
    changed[:, 40:] = (changed[:, 40:] + 1) % 67
    before, after = net.predict(text), net.predict(changed)
    np.testing.assert_allclose(before[:, :40], after[:, :40], atol=1e-6)
    assert abs(before[:, 40:] - after[:, 40:]).max() > 1e-3
