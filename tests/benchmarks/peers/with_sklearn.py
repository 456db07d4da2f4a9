"""scikit-learn's MLPRegressor, a batch at a time."""

from __future__ import annotations

from itertools import islice

import numpy as np
import sklearn
from sklearn.neural_network import MLPRegressor

from tests.benchmarks.peers.session import Session, repeated
from tests.benchmarks.problem import Problem


class Regressor(Session):
    """`partial_fit`, without its checks for finite numbers.

    Its loss is half the mean squared error, and its gradient sums over the outputs instead of
    taking their mean: the learning rate is adapted, the loss told is doubled. After the last layer
    it has no sigmoid: on those nets it computes something else, and a little less, and its rate is
    small, since the others' would diverge.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        sklearn.set_config(assume_finite=True)
        case, layers = self.case, problem.layers
        self.outputs = case.widths[-1]
        self.compared = not case.sigmoid_output
        sgd = case.optimizer == "sgd"
        rate = case.learning_rate if self.compared else 0.001
        self.model = MLPRegressor(
            hidden_layer_sizes=case.widths[1:-1],
            activation="relu" if case.activation == "relu" else "logistic",
            solver=case.optimizer,
            alpha=0,
            batch_size=case.batch,
            learning_rate_init=rate * 2 / self.outputs if sgd else rate,
            shuffle=False,
            momentum=0,
            nesterovs_momentum=False,
        )
        single = self.outputs == 1
        batches = [(x, y.ravel() if single else y) for x, y in problem.batches]
        self.model.partial_fit(*batches[0])
        for i, (W, b) in enumerate(layers):
            self.model.coefs_[i] = np.array(W)
            self.model.intercepts_[i] = np.array(b)
        del self.model._optimizer  # it knows the arrays that it drew: the next call makes another
        self.feed = repeated(batches)

    def run(self, steps: int) -> float:
        fit = self.model.partial_fit
        for x, y in islice(self.feed, steps):
            fit(x, y)
        return 2 * float(self.model.loss_)
