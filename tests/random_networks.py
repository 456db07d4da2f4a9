"""Random models by number: every operation, layer, loss, optimizer and schedule there is.

Beside those of `random_models.py`, which hypothesis can make smaller, these have no oracle: they
may hold what only two ways of the compiler can be held against each other for.
"""

from __future__ import annotations

import re

import random_pieces as pieces
from expressions import BINARY, UNARY
from random_models import broadcast, product
from random_moves import Shape, moves
from random_sketch import TIME, Sketch, Value, sizes_of


class Network(Sketch):
    """The model of a number, as text; every fiftieth is large, unless all are `small`."""

    def __init__(self, number: int, small: bool = False) -> None:
        super().__init__(number)
        wanted = self.random.randint(1, 4 if small else 11)
        if number % 50 == 49 and not small:
            wanted = self.random.randint(60, 120)
        for _ in range(wanted):
            kind = self.random.choice(KINDS)
            kind(self, self.some())
        self._roots()

    @property
    def text(self) -> str:
        """The model in the language."""
        return pieces.OWN + "\n".join(self.lines) + "\n"

    # -- kinds of statement --------------------------------------------------------------------

    def same(self, x: Value) -> None:
        self._same(x, self.random.choice(pieces.SAME))

    def unary(self, x: Value) -> None:
        template = self.random.choice(list(UNARY))
        self._same(x, template.replace("{0}", "{x}").replace("{}", "{x}"))

    def _same(self, x: Value, template: str) -> None:
        of = x.text
        if any(one in template for one in pieces.KINKED):
            of = f"({of} - 0.{self.random.randint(1000, 2999)})"
        text = template.replace("SHAPE", sizes_of(x.shape)).replace("{x}", of)
        self.keep(text, () if template.startswith("sum(") else x.shape, x)

    def along(self, x: Value) -> None:
        if len(x.shape) < 2:
            return
        axis = str(self.random.randrange(-len(x.shape), len(x.shape)))
        text = re.sub(r"\bA\b", axis, self.random.choice(pieces.AXIS))
        self.keep(text.replace("{x}", x.text), x.shape, x)

    def reduced(self, x: Value) -> None:
        if not x.shape:
            return
        axis = self.random.randrange(len(x.shape))
        name = self.random.choice(["sum", "mean", "max", "min", "logsumexp", "norm"])
        of = f"{x.text} + 0.3" if name == "norm" else f"sin({x.text} + 0.3)"
        keep = self.random.random() < 0.5
        shape = (*x.shape[:axis], *[1] * keep, *x.shape[axis + 1 :])
        text = f"{name}({of}, {axis}, keepdims = {str(keep).lower()})"
        self.keep(text, shape, x)

    def binary(self, x: Value) -> None:
        fits = [one for one in self.values if broadcast(x.shape, one.shape) is not None]
        y = self.random.choice(fits)
        if self.random.random() < 0.2:
            sizes = tuple(1 if isinstance(size, str) else size for size in x.shape)
            y = self.param(sizes[self.random.randint(0, len(sizes)) :])
        template = self.random.choice([*BINARY, "{} + {}", "{} * {}", "{} - {}"])
        shape = broadcast(x.shape, y.shape)
        assert shape is not None
        x, y = self.random.sample([x, y], 2)
        moved = f"({y.text} - 0.{self.random.randint(1000, 2999)})"
        self.keep(template.format(x.text, moved if "imum" in template else y.text), shape, x, y)

    def matmul(self, x: Value) -> None:
        fits = [one for one in self.values if product(x.shape, one.shape) is not None]
        last = x.shape[-1] if x.shape else None
        if isinstance(last, int) and (not fits or self.random.random() < 0.4):
            fits = [self.param((last, *self.random.choice([(2,), (3,), (1,), ()])))]
        if fits:
            y = self.random.choice(fits)
            shape = product(x.shape, y.shape)
            assert shape is not None
            text = self.random.choice(["{} @ {}", "matmul({}, {})"])
            self.keep(text.format(x.text, y.text), shape, x, y)

    def turn(self, x: Value) -> None:
        axes = self.random.sample(range(len(x.shape)), len(x.shape))
        text = f"transpose({x.text}, {axes})" if axes else f"{x.text}.T"
        self.keep(text, tuple(x.shape[axis] for axis in axes), x)

    def gram(self, x: Value) -> None:
        if len(x.shape) == 2:
            self.keep(f"{x.text}.T @ {x.text}", (x.shape[1], x.shape[1]), x)

    def move(self, x: Value) -> None:
        if x.shape and len(x.shape) < 4:
            options = moves(x.shape, self.random.randrange(len(x.shape)))
            text = self.random.choice(list(options))
            self.keep(text.format(x.text), options[text], x)

    def picked(self, x: Value) -> None:
        """Rows of a table by whole numbers, which are data of their own."""
        table = self.param((self.random.randint(2, 5), self.random.choice([1, 2, 4])))
        ids = self.data("input", self.random.choice([("batch",), ("batch", TIME)]), whole=True)
        shape = (*ids.shape, table.shape[1])
        text, rows = ids.text, table.shape[0]
        if len(ids.shape) == 2 and self.random.random() < 0.5:
            text, shape = f"slice({text}, 0, 2, axis = 1)", ("batch", 2, table.shape[1])
        if self.random.random() < 0.4:
            self.keep(f"one_hot({text}, {rows}) @ {table.text}", shape, table)
        else:
            self.keep(f"embedding({text}, {table.text})", shape, table)

    def layer(self, x: Value) -> None:
        if len(x.shape) != 2 or not isinstance(x.shape[1], int):
            return
        template, wide = self.random.choice([*pieces.ROWS, ("own({x}, W)", "W")])
        if x.shape[1] == 1 and re.search(r"residual|layer_norm", template):
            return  # whose parameters could be of any width
        width = self.random.randint(1, 4)
        line = ", ".join(f"{self.random.uniform(-1, 1):.3f}" for _ in range(width))
        text = template.replace("[CONST]", ", ".join([f"[{line}]"] * x.shape[1]))
        text = re.sub(r"\bW\b", str(width), text).replace("{x}", x.text)
        self.keep(text, (x.shape[0], width if wide == "W" else x.shape[1]), x)

    def named_layer(self, x: Value) -> None:
        """One set of parameters, used two or three times."""
        if len(x.shape) != 2 or not isinstance(x.shape[1], int):
            return
        name, width = f"layer{next(self.count)}", x.shape[1]
        kind = self.random.choice(["dense", "own", "mlp", "rnn_cell"])
        self.lines.append(f"{name} = {kind}({width}{', tanh' * (kind == 'mlp')})")
        for _ in range(self.random.randint(2, 3)):
            more = f", {x.text}" if kind == "rnn_cell" else ""
            x = self.keep(f"{name}({x.text}{more})", x.shape, x)
        if kind in {"dense", "rnn_cell"} and self.random.random() < 0.5:
            self.values.append(Value(f"{name}.W", (width, width)))

    def sequence(self, x: Value) -> None:
        fits = [one for one in self.values if _is_sequence(one.shape)]
        x = self.random.choice(fits or [self.data("input", ("batch", TIME, 4))])
        text = self.random.choice(pieces.SEQUENCES)
        if "lower" in text:
            lower = self.lines.count(f"lower = causal({x.text} @ matrix_transpose({x.text}), 0)")
            if any(line.startswith("lower =") for line in self.lines) and not lower:
                return
            if not lower:
                self.lines.append(f"lower = causal({x.text} @ matrix_transpose({x.text}), 0)")
        if x.shape[2] != 4:
            x = self.keep(f"dense({x.text}, 4)", (*x.shape[:2], 4), x)
        self.keep(text.replace("{x}", x.text), x.shape, x)

    def image(self, x: Value) -> None:
        fits = [one for one in self.values if _is_image(one.shape)]
        x = self.random.choice(fits or [self.data("input", ("batch", 2, 4, 4))])
        text, channels, rows = self.random.choice(pieces.IMAGES)
        if "FILTER" in text:
            text = text.replace("FILTER", self.param((2, x.shape[1], 3, 3)).text)
        deep = x.shape[1] if channels == "C" else int(channels)
        self.keep(text.replace("{x}", x.text), (x.shape[0], deep, rows, rows), x)

    def batch_statistics(self, x: Value) -> None:
        """A normalisation over the batch whose scale and shift may be anything."""
        if len(x.shape) < 2 or not isinstance(x.shape[1], int) or x.shape[0] != "batch":
            return
        wide = (x.shape[1],)
        gain, shift = (self.param(wide) for _ in range(2))
        mean, variance = f"m{next(self.count)}", f"s{next(self.count)}"
        self.lines.append(f"param {mean} : [{wide[0]}] = uniform(-0.1, 0.1) frozen")
        self.lines.append(f"param {variance} : [{wide[0]}] = uniform(0.5, 1) frozen")
        text = f"normalise_batch({x.text}, {gain.text}, {shift.text}, {mean}, {variance}, 0.2, 0.5)"
        self.keep(text, x.shape, x, gain, shift)

    def judge(self, x: Value) -> None:
        """A number: a value held against a target, or against classes."""
        if len(x.shape) == 2 and isinstance(x.shape[1], int) and self.random.random() < 0.5:
            t = self.data("target", x.shape[:1], whole=True)
            text = self.random.choice(pieces.LABELLED)
            text = re.sub(r"\bK\b", str(x.shape[1]), text)
        elif x.shape:
            t = self.data("target", x.shape)
            text = self.random.choice(pieces.COMPARED)
        else:
            return
        self.keep(text.replace("{x}", x.text).replace("{t}", t.text), (), x, t)

    def _roots(self) -> None:
        """Outputs, some of which training needs too; a loss of all that nothing reads."""
        one_of = self.random.choice
        ends = [one for one in self.values if one.text not in self.read][-6:]
        idle = [one for one in ends if one.text.startswith("v") and self.random.random() < 0.2]
        terms = [
            one_of(["mean({})", "mean(square({}))", "0.1 * sum({})"]).format(one.text)
            for one in ends
            if one not in idle
        ]
        terms += [one_of(pieces.PENALTIES).replace("{p}", one_of(self.params))]
        terms += [f"0.01 * l2({self.params[0]})"]
        named = [one for one in self.values if one.text.startswith("v") and not one.judged]
        outputs = self.random.sample(named, min(len(named), self.random.randint(0, 3)))
        shown = dict.fromkeys(one.text for one in [*outputs, *idle] if not one.judged)
        if shown:
            self.lines.append(f"output {', '.join(shown)}")
        self.lines.append(f"loss {' + '.join(terms)}")
        self.lines.append(f"optimizer {pieces.optimizer(self.random)}")


def _is_sequence(shape: Shape) -> bool:
    return len(shape) == 3 and all(isinstance(size, int) for size in shape[1:])


def _is_image(shape: Shape) -> bool:
    return len(shape) == 4 and isinstance(shape[1], int) and shape[2:] == (4, 4)


KINDS = [
    *[Network.same, Network.unary, Network.binary, Network.layer, Network.move] * 2,
    *[Network.along, Network.reduced, Network.matmul, Network.turn, Network.gram],
    *[Network.picked, Network.named_layer, Network.judge, Network.batch_statistics],
    *[Network.sequence, Network.image],
]
