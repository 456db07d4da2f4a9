"""What is measured: seven perceptrons by SGD, two of them by Adam too, a CNN and a transformer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A network, its batches and its optimizer; float32 throughout.

    A perceptron has `widths`, from its input to its output, `activation` between the layers (a
    sigmoid also after the last) and the mean squared error. Else `name` is that of a file in
    `examples/`, whose learning rate is held constant.
    """

    name: str
    widths: tuple[int, ...]
    batch: int
    batches: int  # in one epoch
    activation: str
    optimizer: str
    learning_rate: float

    @property
    def kind(self) -> str:
        """What a contender must be able to say: "mlp", or the example."""
        return "mlp" if self.widths else self.name

    @property
    def sigmoid_output(self) -> bool:
        return self.activation == "sigmoid"

    @property
    def title(self) -> str:
        """The case in a few words: `digits 64-128-64-10, batch 64, relu, sgd`."""
        widths = list(self.widths)
        if len(widths) > 6:
            text = f" {len(widths) - 1} layers of {widths[1]}"
        else:
            text = " " + "-".join(map(str, widths)) if widths else f" examples/{self.name}.nn"
        parts = [f"batch {self.batch}", self.activation, self.optimizer]
        return f"{self.name}{text}, {', '.join(part for part in parts if part)}"

    def source(self) -> str:
        """A perceptron in the .nn language."""
        layers = list(zip(self.widths[:-1], self.widths[1:], strict=True))
        last = len(layers)
        lines = [f"input x : [batch, {self.widths[0]}]", f"target y : [batch, {self.widths[-1]}]"]
        for i, (fan_in, fan_out) in enumerate(layers, 1):
            lines.append(f"param W{i} : [{fan_in}, {fan_out}] = he_normal")
            lines.append(f"param b{i} : [{fan_out}] = zeros")
        for i in range(1, last + 1):
            before, after = "x" if i == 1 else f"h{i - 1}", "p" if i == last else f"h{i}"
            value = f"{before} @ W{i} + b{i}"
            active = i < last or self.sigmoid_output
            lines.append(
                f"{after} = {self.activation}({value})" if active else f"{after} = {value}"
            )
        lines += [
            "output p",
            "loss mse(p, y)",
            f"optimizer {self.optimizer}(learning_rate = {self.learning_rate})",
        ]
        return "\n".join(lines) + "\n"


# the learning rates make the loss fall within two epochs: else all would agree on it, right or not
CASES = (
    Case("xor", (2, 8, 1), 4, 64, "sigmoid", "sgd", 1.0),
    Case("seed", (3, 3, 3, 1), 1, 64, "sigmoid", "sgd", 1.0),
    Case("moons", (2, 64, 64, 1), 64, 32, "relu", "sgd", 0.05),
    Case("digits", (64, 128, 64, 10), 64, 28, "relu", "sgd", 0.05),
    Case("mnist", (784, 512, 256, 10), 128, 16, "relu", "sgd", 0.05),
    Case("wide", (1024, 2048, 2048, 10), 256, 4, "relu", "sgd", 0.05),
    Case("deep", (64,) * 33, 64, 16, "relu", "sgd", 0.02),
    Case("mnist-adam", (784, 512, 256, 10), 128, 16, "relu", "adam", 0.0002),
    Case("wide-adam", (1024, 2048, 2048, 10), 256, 4, "relu", "adam", 0.0002),
    Case("cnn", (), 32, 16, "", "adam", 0.002),
    Case("alice", (), 16, 4, "", "adamw", 0.003),
)
SGD = tuple(case.name for case in CASES if case.widths and case.optimizer == "sgd")
