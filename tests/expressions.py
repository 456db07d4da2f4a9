"""Expressions that random models are made of, each with a bound on its elements.

The arguments of logarithms, roots, powers and quotients are kept where these are smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable

UNARY: dict[str, Callable[[float], float]] = {
    "relu({})": lambda b: b,
    "sigmoid({})": lambda b: 1.0,
    "tanh({})": lambda b: 1.0,
    "exp({})": math.exp,
    "abs({})": lambda b: b,
    "neg({})": lambda b: b,
    "square({})": lambda b: b * b,
    "sqrt(abs({}) + 0.5)": lambda b: math.sqrt(b + 0.5),
    "log(square({}) + 0.5)": lambda b: math.log(b * b + 2),
    "-{}": lambda b: b,
    "{} ** 2": lambda b: b**2,
    "{} ** 3": lambda b: b**3,
    "(square({}) + 0.5) ** 0.5": lambda b: b + 1,
    "(square({}) + 0.5) ** -1": lambda b: 2.0,
    "{} ** 1": lambda b: b,
    "{} ** 0": lambda b: 1.0,
    "2 ** {}": lambda b: 2**b,
    "pow(square({}) + 0.5, 1.5)": lambda b: (b * b + 0.5) ** 1.5,
    "3 * {}": lambda b: 3 * b,
    "{} / 2": lambda b: b / 2,
    "0.5 * {} * 4": lambda b: 2 * b,
    "{} - 1": lambda b: b + 1,
    "1 - {}": lambda b: b + 1,
    "{} + 0": lambda b: b,
    "1 / (square({}) + 1)": lambda b: 1.0,
    "{0} * {0}": lambda b: b * b,
    "{0} - 2 * {0}": lambda b: b,
    "{0} + {0}": lambda b: 2 * b,
    "reshape(reshape({}, [-1]), [SHAPE])": lambda b: b,
    "sum(reshape({}, [-1]), 0)": lambda b: 60 * b,
    "maximum({}, 0.1)": lambda b: b + 0.1,
    "minimum(-0.2, {})": lambda b: b + 0.2,
}
BINARY: dict[str, Callable[[float, float], float]] = {
    "{} + {}": lambda a, b: a + b,
    "{} - {}": lambda a, b: a + b,
    "{} * {}": lambda a, b: a * b,
    "{} / (square({}) + 0.5)": lambda a, b: 2 * a,
    "add({}, {})": lambda a, b: a + b,
    "sub({}, {})": lambda a, b: a + b,
    "mul({}, {})": lambda a, b: a * b,
    "div({}, abs({}) + 0.5)": lambda a, b: 2 * a,
    "maximum({}, {})": max,
    "minimum({}, {})": max,
    "(square({}) + 0.5) ** tanh({})": lambda a, b: a * a + 2,
    "pow(abs({}) + 0.5, sigmoid({}))": lambda a, b: a + 2,
}
LOSSES: dict[str, Callable[[float, float], float]] = {
    "mse({}, {})": lambda a, b: (a + b) ** 2,
    "sse({}, {})": lambda a, b: 60 * (a + b) ** 2,
    "half_sse({}, {})": lambda a, b: 30 * (a + b) ** 2,
    "bce_with_logits({}, sigmoid({}))": lambda a, b: a + 1,
    "binary_cross_entropy(sigmoid({}), sigmoid({}))": lambda a, b: a + 1,
    "cross_entropy({}, softmax({}))": lambda a, b: 2 * a + 3,
}
