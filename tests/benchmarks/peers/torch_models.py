"""The networks in PyTorch, out of its own layers, started as the problem says."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.benchmarks.problem import Problem


def network(problem: Problem) -> tuple[nn.Module, nn.Module]:
    """The network of a problem and its loss."""
    if problem.case.kind == "mlp":
        return perceptron(problem), nn.MSELoss()
    arrays = {name: torch.tensor(value) for name, value in problem.parameters}
    if problem.case.kind == "cnn":
        return convolutional(arrays), nn.CrossEntropyLoss()
    return Transformer(arrays), nn.CrossEntropyLoss()


def set_linear(layer: nn.Linear, W: Tensor, b: Tensor) -> None:
    """PyTorch's layer holds the transpose."""
    with torch.no_grad():
        layer.weight.copy_(W.T)
        layer.bias.copy_(b)


def perceptron(problem: Problem) -> nn.Sequential:
    """Linear layers and activations."""
    case = problem.case
    activation = nn.ReLU if case.activation == "relu" else nn.Sigmoid
    parts: list[nn.Module] = []
    for W, b in problem.layers:
        parts += [nn.Linear(*W.shape), activation()]
        set_linear(parts[-2], torch.from_numpy(W), torch.from_numpy(b))  # type: ignore[arg-type]
    return nn.Sequential(*(parts if case.sigmoid_output else parts[:-1]))


def convolutional(arrays: dict[str, Tensor]) -> nn.Sequential:
    """examples/cnn.nn"""
    model = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10)),
    )
    with torch.no_grad():
        for place, name in ((1, "convolution1"), (3, "convolution2")):
            model[place].weight.copy_(arrays[f"{name}.W"])
            model[place].bias.copy_(arrays[f"{name}.b"].flatten())
    for place, name in ((7, "dense1"), (9, "logits")):
        set_linear(model[place], arrays[f"{name}.W"], arrays[f"{name}.b"])
    return model


class Attention(nn.Module):
    """Causal self-attention; query, key and value in one product, as PyTorch's own layer does."""

    def __init__(self, arrays: dict[str, Tensor], prefix: str, heads: int) -> None:
        super().__init__()
        width = len(arrays[f"{prefix}.dense1.b"])
        self.heads = heads
        self.inward, self.outward = nn.Linear(width, 3 * width), nn.Linear(width, width)
        three = [f"{prefix}.{part}" for part in ("query", "key", "value")]
        W = torch.cat([arrays[f"{part}.W"] for part in three], 1)
        set_linear(self.inward, W, torch.cat([arrays[f"{part}.b"] for part in three]))
        set_linear(self.outward, arrays[f"{prefix}.dense1.W"], arrays[f"{prefix}.dense1.b"])

    def forward(self, x: Tensor) -> Tensor:
        split = self.inward(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(*split.unbind(0), is_causal=True)
        return self.outward(mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention, then two layers, each on normalised rows and added to what came in."""

    def __init__(self, arrays: dict[str, Tensor], prefix: str) -> None:
        super().__init__()
        W1, W2 = (arrays[f"{prefix}.dense{i}.W"] for i in (1, 2))
        self.attention = Attention(arrays, f"{prefix}.heard", 4)
        self.norm1 = normaliser(arrays, f"{prefix}.layer_norm1")
        self.norm2 = normaliser(arrays, f"{prefix}.layer_norm2")
        self.layers = nn.Sequential(nn.Linear(*W1.shape), nn.GELU(), nn.Linear(*W2.shape))
        set_linear(self.layers[0], W1, arrays[f"{prefix}.dense1.b"])
        set_linear(self.layers[2], W2, arrays[f"{prefix}.dense2.b"])

    def forward(self, x: Tensor) -> Tensor:
        y = x + self.attention(self.norm1(x))
        return y + self.layers(self.norm2(y))


def normaliser(arrays: dict[str, Tensor], prefix: str) -> nn.LayerNorm:
    """A layer's norm, at its start."""
    gain, bias = arrays[f"{prefix}.gain"], arrays[f"{prefix}.bias"]
    layer = nn.LayerNorm(len(gain))
    layer.load_state_dict({"weight": gain, "bias": bias})
    return layer


class Transformer(nn.Module):
    """examples/alice.nn; gives [batch, letters, time], as PyTorch's cross-entropy wants it."""

    def __init__(self, arrays: dict[str, Tensor]) -> None:
        super().__init__()
        self.letter = nn.Embedding.from_pretrained(arrays["letter"], freeze=False)
        self.place = nn.Parameter(arrays["place"])
        self.blocks = nn.Sequential(*(Block(arrays, f"h.{i}") for i in (1, 2)))
        self.norm = normaliser(arrays, "layer_norm1")
        self.head = nn.Linear(*arrays["logits.W"].shape)
        set_linear(self.head, arrays["logits.W"], arrays["logits.b"])

    def forward(self, text: Tensor) -> Tensor:
        seen = self.letter(text) + self.place
        return self.head(self.norm(self.blocks(seen))).transpose(1, 2)
