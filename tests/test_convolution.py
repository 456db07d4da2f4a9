"""Convolution and pooling against loops that are written out, and against PyTorch's conventions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from checked import codes
from numpy.testing import assert_allclose, assert_array_equal
from systems import module

import graphc
from graphc.book import book
from graphc.constants import namespace
from graphc.verify import verify

Pair = tuple[int, int]
EITHER = pytest.mark.parametrize("plain", [False, True])
IMAGES = [(6, 5), (4, 7), (3, 3), (1, 1)]
SIZES = [(1, 1), (2, 2), (3, 3), (3, 2), (1, 4)]
STRIDES = [(1, 1), (2, 2), (2, 3), (3, 1), (5, 4)]
PADDINGS = [(0, 0), (1, 1), (0, 2), (2, 1)]


def geometry(kind: str, image: Pair) -> list[tuple[Pair, Pair, Pair]]:
    """Sizes, strides and paddings that go together: what is pooled is padded by half at most."""
    return [
        (size, stride, padding)
        for size, stride, padding in itertools.product(SIZES, STRIDES, PADDINGS)
        if all(n + 2 * p >= k for n, k, p in zip(image, size, padding, strict=True))
        and (kind == "conv2d" or all(2 * p <= k for k, p in zip(size, padding, strict=True)))
    ]


def looks(x: Any, size: Pair, stride: Pair, padding: Pair, around: float) -> Any:
    """Every place of the result, with what its window sees [batch, channels, rows, columns]."""
    batch, channels, height, width = x.shape
    (top, left), (down, right) = padding, stride
    padded = np.full((batch, channels, height + 2 * top, width + 2 * left), around)
    padded[:, :, top : top + height, left : left + width] = x
    for i in range((height + 2 * top - size[0]) // down + 1):
        for j in range((width + 2 * left - size[1]) // right + 1):
            corner = i * down, j * right
            rows, columns = (slice(c, c + k) for c, k in zip(corner, size, strict=True))
            yield (i, j), padded[:, :, rows, columns]


def by_loops(kind: str, x: Any, W: Any, size: Pair, stride: Pair, padding: Pair) -> Any:
    """What the operation gives, window by window."""
    around = -np.inf if kind == "max_pool2d" else 0.0
    found: dict[Pair, Any] = {}
    for place, seen in looks(x, size, stride, padding, around):
        match kind:
            case "conv2d":
                found[place] = [[(image * w).sum() for w in W] for image in seen]
            case "max_pool2d":
                found[place] = seen.max(axis=(2, 3))
            case _:
                found[place] = seen.sum(axis=(2, 3)) / (size[0] * size[1])
    high, wide = (max(one) + 1 for one in zip(*found, strict=True))
    result = np.empty((*np.shape(found[0, 0]), high, wide))
    for (i, j), value in found.items():
        result[:, :, i, j] = value
    return result


def text(kind: str, image: Pair, size: Pair, stride: Pair, padding: Pair) -> str:
    """A model of one operation between a parameter for the images and one for what comes out."""
    moved = f"stride = {list(stride)}, padding = {list(padding)}"
    call = f"conv2d(a, W, {moved})" if kind == "conv2d" else f"{kind}(a, {list(size)}, {moved})"
    return (
        f"input x : [batch, 2, {image[0]}, {image[1]}]\n"
        f"param scale : [1, 2, {image[0]}, {image[1]}] = normal(1)\n"
        + (f"param W : [3, _, {size[0]}, {size[1]}] = he_normal\n" if kind == "conv2d" else "")
        + f"a = x * scale\ny = {call}\noutput y\nloss sum(y * y)\n"
    )


@pytest.mark.parametrize("image", IMAGES, ids=str)
@pytest.mark.parametrize("kind", ["conv2d", "max_pool2d", "avg_pool2d"])
def test_values_are_those_of_loops(kind: str, image: Pair) -> None:
    random = np.random.default_rng(0)
    for size, stride, padding in geometry(kind, image):
        trainer = module(text(kind, image, size, stride, padding), False).Trainer()
        for batch in (2, 1):
            x = random.normal(size=(batch, 2, *image))
            a, W = x * trainer.params["scale"], trainer.params.get("W")
            expected = by_loops(kind, a, W, size, stride, padding)
            assert_allclose(trainer.predict(x), expected, rtol=1e-12, atol=1e-12)


@EITHER
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["conv2d", "max_pool2d", "avg_pool2d"])
def test_modules_agree_with_their_comments_and_with_differences(
    kind: str, dtype: str, plain: bool
) -> None:
    for image in IMAGES:
        for size, stride, padding in geometry(kind, image)[::17]:
            model = text(kind, image, size, stride, padding)
            compiled = graphc.compile_text(model, dtype=dtype, plain=plain)
            assert verify(compiled.source).holds, model
            trainer = compiled.load().Trainer()
            x = np.ones((2, 2, *image), dtype)
            assert trainer.predict(x).dtype == dtype
            assert trainer.loss_and_gradient(x)[1].dtype == dtype


def test_overlap_add_is_windows_transposed() -> None:
    """<windows(x), c> = <x, overlap_add(c)>, whatever the size and the stride."""
    random = np.random.default_rng(0)
    windows = namespace(book()["windows"])["windows"]
    overlap_add = namespace(book()["overlap_add"])["overlap_add"]
    for image in IMAGES:
        for size, stride, padding in geometry("conv2d", image):
            if any(padding):
                continue
            x = random.integers(-9, 10, (2, 3, *image))
            seen = windows(x, size, stride)
            c = random.integers(-9, 10, seen.shape)
            assert (seen * c).sum() == (x * overlap_add(c, stride, shape=x.shape)).sum()


def trained(call: str, x: Any, plain: bool = False) -> tuple[Any, Any]:
    """The value of a call, and the slopes of the sum of its elements by x."""
    lines = [f"param x : {list(np.shape(x))} = zeros", f"y = {call}", "output y", "loss sum(y)"]
    trainer = module("\n".join(lines), plain).Trainer()
    trainer.params["x"][...] = x
    return trainer.predict(), trainer.gradients()["x"]


@EITHER
def test_ties_share_the_gradient(plain: bool) -> None:
    _, slopes = trained("max_pool2d(x, 2)", np.zeros((1, 1, 2, 4)), plain)
    assert_array_equal(slopes, np.full((1, 1, 2, 4), 0.25))
    x = np.array([[[[0, 1, 1], [0, 0, 0], [0, 0, 0.0]]]])
    _, slopes = trained("max_pool2d(x, 2, stride = 1)", x, plain)
    top, rest = [0, 1 + 0.5, 0.5], [[0.25, 0.25 + 0.25, 0.25]] * 2
    assert_array_equal(slopes, [[[top, *rest]]])


@EITHER
def test_padding_is_never_the_largest_and_counts_in_a_mean(plain: bool) -> None:
    x = np.full((1, 1, 2, 2), -3.0)
    value, slopes = trained("max_pool2d(x, 2, padding = 1)", x, plain)
    assert_array_equal(value, np.full((1, 1, 2, 2), -3.0))
    assert_array_equal(slopes, np.ones((1, 1, 2, 2)))
    value, slopes = trained("avg_pool2d(x, 2, padding = 1)", x, plain)
    assert_array_equal(value, np.full((1, 1, 2, 2), -0.75))
    assert_array_equal(slopes, np.full((1, 1, 2, 2), 0.25))


def test_what_does_not_fill_a_window_is_left_out() -> None:
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    value, slopes = trained("max_pool2d(x, 2)", x)
    assert_array_equal(value, [[[[6, 8], [16, 18]]]])
    assert_array_equal(slopes[0, 0, 4], np.zeros(5))
    value, _ = trained("avg_pool2d(x, [2, 3])", x)
    assert_array_equal(value, [[[[3.5], [13.5]]]])


def test_filters_are_not_turned_over() -> None:
    text = (
        "input x : [batch, 1, 1, 3]\nparam W : [1, _, 1, 2] = [[[[1, 2]]]]\n"
        "y = conv2d(x, W)\noutput y\nloss sum(y)\n"
    )
    assert_array_equal(module(text, False).Trainer().predict([[[[1, 10, 100]]]]), [[[[21, 210]]]])


def test_sizes_can_be_named() -> None:
    """A size, a stride or a padding is a number, a `dim`, or what is computed from them."""
    text = (
        "dim k = 2\ninput x : [batch, 1, 8, 7]\nparam a = 1\nloss sum(named) * a\n"
        "named = max_pool2d(x, 2 * k, [k, 1], padding = [k, k - 1])\n"
        "plain = max_pool2d(x, [4, 4], stride = [2, 1], padding = [2, 1])\noutput named, plain\n"
    )
    found = (
        module(text, False).Trainer().predict(np.random.default_rng(0).normal(size=(2, 1, 8, 7)))
    )
    assert found["named"].shape == (2, 1, 5, 6)
    assert_array_equal(found["named"], found["plain"])


def test_the_size_of_a_window_is_its_stride() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 6, 6))
    for kind in ("max_pool2d", "avg_pool2d"):
        for stride in ("", ", stride = none", ", stride = 3", ", 3"):
            value, _ = trained(f"{kind}(x, [3, 3]{stride})", x)
            by_hand = x.reshape(2, 3, 2, 3, 2, 3)
            by_hand = by_hand.max((3, 5)) if kind == "max_pool2d" else by_hand.mean((3, 5))
            assert_allclose(value, by_hand, rtol=1e-12, atol=1e-15)


def test_the_fans_of_filters_are_those_of_pytorch() -> None:
    text = (
        "input x : [batch, 4, 8, 8]\nparam W : [64, _, 3, 5] = {}\n"
        "y = conv2d(x, W)\noutput y\nloss sum(y * y)\n"
    )
    for start, variance in (
        ("he_normal", 2 / 60),
        ("xavier_uniform", 2 / (60 + 960)),
        ("lecun_normal", 1 / 60),
    ):
        weights = module(text.format(start), False).Trainer().params["W"]
        assert_allclose(weights.var(), variance, rtol=0.1)


def test_the_arrays_of_a_network_are_few() -> None:
    """What the windows see is held once for a layer, and serves its gradient too."""
    text = (
        "input x : [batch, 1, 8, 8]\nparam V : [16, _, 3, 3] = he_normal\n"
        "param W : [32, _, 3, 3] = he_normal\nh = relu(conv2d(x, V, padding = 1))\n"
        "y = conv2d(h, W, padding = 1)\noutput y\nloss sum(y * y)\n"
    )
    arrays = graphc.compile_text(text).source.split("class Buffers")[1].split("class Eval")[0]
    assert arrays.count("aligned(16, 3, 3, batch, 8, 8)") == 1
    assert arrays.count("1, 3, 3, batch, 8, 8)") == 1


@pytest.mark.parametrize(("channels", "expected"), [(1, []), (2, ["W0805"])])
def test_filters_that_start_alike_stay_alike(channels: int, expected: list[str]) -> None:
    """Where one channel lies between two convolutions there is nothing to tell apart."""
    assert expected == codes(
        f"input x : [batch, 1, 8, 8]\nparam V : [{channels}, _, 3, 3] = 0.1\n"
        "param W : [4, _, 3, 3] = 0.1\np = conv2d(relu(conv2d(x, V)), W)\noutput p\nloss mean(p)\n"
    )
