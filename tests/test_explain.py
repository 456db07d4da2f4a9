"""`graphc explain`: what is told of a gradient is what is computed, and reads as a derivation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import graphc
from graphc.book import book
from graphc.cli import graphc as command
from graphc.constants import namespace
from graphc.dataflow import Graph
from graphc.dims import Dim, Shape, shape_of
from graphc.draft import completed, with_shape
from graphc.explained.derivation import Derivation
from graphc.explained.deriving import derived
from graphc.explained.mathml import Typesetter
from graphc.explained.tidy import tidy
from graphc.language import parse_rule
from graphc.op import Attributes, Op, text
from graphc.pipeline import front
from graphc.printing import show
from graphc.rules import Scope, define, rule_of
from graphc.source import Source
from graphc.stable import stabilise

EXAMPLES = Path(__file__).parent.parent / "examples"


def derivation(model: str) -> Derivation:
    return derived(stabilise(front(Source(model, "model.nn"))[0]))


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(command, ["explain", *map(str, arguments)])


class Value:
    """An array as what the compiler's rules know of a node."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.shape: Shape = shape_of(*np.shape(array))
        self.number = array if isinstance(array, int | float) else None


class Calculator:
    """Applies operations to arrays at once: a builder for the compiler's own rules."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.values: list[Value] = []

    def __getitem__(self, key: int) -> Value:
        return self.values[key]

    def take(self, array: Any) -> int:
        self.values.append(Value(array))
        return len(self.values) - 1

    def solved(self, value: Any) -> Any:
        """An attribute with numbers for its run-time sizes."""
        if isinstance(value, Dim):
            return eval(value.code, dict(self.sizes))
        return tuple(map(self.solved, value)) if isinstance(value, tuple | list) else value

    def number(self, value: float | Dim) -> int:
        return self.take(self.solved(value))

    def add(self, op: Op, operands: Sequence[int], attributes: Attributes) -> int:
        shapes = tuple(self[one].shape for one in operands)
        given = {name: self.solved(value) for name, value in attributes.items()}
        complete = completed(op, given, shapes)
        if op.constant is not None:
            return self.number(op.constant(shapes, complete))
        if op.definition:
            return define(op, operands, complete, self, "float64")
        arrays = {name: self[one].array for name, one in zip(op.names, operands, strict=True)}
        shown = {name: repr(self.solved(value)) for name, value in complete.items()}
        shown |= {name: name for name in op.names}
        meaning = text(op.meaning, shapes, with_shape(op, complete, complete.get("shape", ())))
        return self.take(eval(meaning.format(**shown), {**namespace(op), **arrays}))


def forward(graph: Graph, given: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Every value that has a name, from parameters and data."""
    calculator = Calculator(sizes)
    place: dict[int, int] = {}
    found = {**given}
    for node in graph.nodes:
        if node.op is not None:
            operands = [place[one] for one in node.operands]
            place[node.key] = calculator.add(node.op, operands, node.attributes)
        elif node.number is not None:
            place[node.key] = calculator.number(node.number)
        else:
            assert node.leaf is not None
            start = node.leaf.value if node.leaf.kind == "const" else None
            fixed = start and (start.values if start.values is not None else start.arguments[0])
            value = given.get(node.leaf.name) if start is None else fixed
            shape = [calculator.solved(dim) for dim in node.shape]
            place[node.key] = calculator.take(np.broadcast_to(np.asarray(value), shape))
        if node.label:
            found[node.label] = calculator[place[node.key]].array
    return found


def told(derivation: Derivation, known: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """Every gradient that is told, computed by its formula from those before it."""
    calculator = Calculator(sizes)
    values = {name: calculator.take(value) for name, value in {**sizes, **known}.items()}
    todo = list(derivation.steps.values())
    while todo:
        ready = [one for one in todo if all(use in values or use in book() for use in one.uses)]
        assert ready, [one.name for one in todo]
        for one in ready:
            scope = Scope(calculator, values, {}, {}, "float64")
            key = scope.build(one.formula)
            if one.kind == "gradient" and len(one.parts) > 1:
                parts = [calculator[scope.build(part.formula)].array for part in one.parts]
                assert np.allclose(sum(parts[1:], parts[0]), calculator[key].array)
            values[one.name] = key
        todo = [one for one in todo if one.name not in values]
    return {name: calculator[key].array for name, key in values.items()}


MODELS = {
    "every loss and activation": """
        input x : [batch, 3]
        target y : [batch, 2]
        param A : [3, 4] = xavier_normal
        param B : [4, 2] = xavier_normal
        param C : [3, 4] = xavier_normal
        h = silu(x @ A) + gelu(x @ C) * softplus(x @ A)
        p = sigmoid(h @ B)
        loss binary_cross_entropy(p, y) + mse(p, y) + 0.1 * l2(A)
        """,
    "values that fan out": """
        input x : [batch, 3]
        target y : [batch, 2]
        param W : [3, 4] = xavier_normal
        param V : [4, 2] = xavier_normal
        param U : [4, 2] = xavier_normal
        h = tanh(x @ W)
        a = h @ V
        b = sigmoid(h @ U) / (1 + exp(a))
        p = a * b - a + sqrt(square(b) + 1)
        loss mse(p, y) + 0.1 * l2(V)
        """,
    "layers of the prelude": """
        input x : [batch, 6]
        target y : int[batch]
        h = x |> dense(8) |> layer_norm |> relu |> repeat(2, residual(8))
        z = h |> dense(4)
        loss cross_entropy(z, y)
        """,
    "images": """
        input x : [batch, 36]
        target y : int[batch]
        h = x |> reshape([batch, 1, 6, 6]) |> convolution(2) |> relu |> max_pool2d(2)
        z = h |> flatten |> dense(3)
        loss cross_entropy(z, y)
        """,
    "attention": """
        input t : int[batch, 5]
        target y : int[batch, 5]
        param E : [7, 8] = normal(0.5)
        h = embedding(t, E) |> transformer_block(8, 2, 16, causal)
        z = h |> dense(7)
        loss cross_entropy(z, y)
        """,
    "a name for each letter, and a node called as a gradient": """
        input x : [batch, 3]
        param u : [3, 2] = xavier_normal
        param v : [2] = zeros
        dz = tanh(x @ u + v)
        z = dz * dz
        loss mean(z)
        """,
    "numbers": """
        param x : [] = 3
        param y : [] = -4
        f = x * y
        g = f ** 2 / 3 - x
        loss g
        """,
}


def checked(model: str) -> None:
    """The gradient that is told against that of the emitted module, on random numbers."""
    model = f"dtype float64\n{model}\noptimizer sgd(learning_rate = 0.1)\n"
    graph = stabilise(front(Source(model, "model.nn"))[0])
    module = graphc.compile_text(model).load()
    random, sizes = np.random.default_rng(3), {"batch": 4}
    trainer = module.Trainer(seed=0)
    trainer.theta[...] = random.normal(0, 0.5, trainer.theta.shape)
    data = {}
    for name, (_, _, shape, classes) in module.DATA.items():
        size = [one if isinstance(one, int) else sizes[one] for one in shape]
        low = random.uniform(0.1, 0.9, size)
        data[name] = low if classes is None else random.integers(0, classes, size)
    _, gradient = trainer.loss_and_gradient(*data.values())
    params = {name: np.array(value) for name, value in trainer.params.items()}
    explained = derived(graph)
    found = told(explained, forward(graph, {**params, **data}, sizes), sizes)
    assert {one.name for one in explained.parameters} == {*params}
    for one in explained.parameters:
        exact = gradient[module.PLACES[one.name]].reshape(params[one.name].shape)
        assert np.allclose(found[one.gradient], exact, rtol=1e-9, atol=1e-12), one.name
        assert np.shape(found[one.gradient]) == exact.shape


@pytest.mark.parametrize("model", MODELS)
def test_the_formulas_give_the_gradient_of_the_module(model: str) -> None:
    checked("\n".join(map(str.strip, MODELS[model].splitlines())))


@pytest.mark.parametrize("name", ["line", "circuit", "xor", "seed"])
def test_so_they_do_for_the_examples(name: str) -> None:
    lines = (EXAMPLES / f"{name}.nn").read_text(encoding="utf-8").splitlines()
    kept = [one for one in lines if not one.startswith(("dtype", "train", "optimizer", "nn"))]
    checked("\n".join(kept))


CIRCLE = """\
input  x : [batch, 2]
target y : [batch, 1]

param W1 : [2, 16] = he_normal
param b1 : [16]    = zeros
param W2 : [16, 1] = xavier_normal
param b2 : [1]     = zeros
const k = [2]

h = relu(x @ W1 + b1)
z = h @ W2 + b2
p = sigmoid(z)
idle = k * p

output p, idle
loss bce_with_logits(z, y)
optimizer sgd(learning_rate = 0.1)
"""


@pytest.fixture
def circle(tmp_path: Path) -> Path:
    path = tmp_path / "circle.nn"
    path.write_text(CIRCLE)
    return path


def steps(name: str, model: str) -> list[str]:
    """The chain to a gradient, a text for each step."""
    one = derivation(model)
    return [f"{step.name} = {show(step.formula)}" for step in one.chain(name)]


def test_a_parameter_is_derived_as_in_a_textbook() -> None:
    assert steps("dW1", CIRCLE) == [
        "dz = (p - y) / batch",
        "dh = dz @ W2.T",
        "u = x @ W1 + b1",
        "du = dh * greater(h, 0)",
        "dW1 = x.T @ du",
    ]
    assert steps("db2", CIRCLE) == ["dz = (p - y) / batch", "db2 = sum(dz, axis = 0)"]


def test_a_step_never_reads_a_name_that_was_not_told_before() -> None:
    for name, model in MODELS.items():
        one = derivation("\n".join(map(str.strip, model.splitlines())))
        for value in one.parameters:
            met: set[str] = set()
            for step in one.chain(value.gradient):
                assert (step.uses & {*one.steps}) <= met, (name, step.name)
                met.add(step.name)


@pytest.mark.parametrize(
    ("example", "gradient", "formulas"),
    [
        ("line", "dW", ["dprediction = 2 * (prediction - y)", "dW = sum(dprediction * x)"]),
        ("circuit", "dx", ["dg = 1", "df = dg", "dx = df * y"]),
        ("xor", "dW2", ["dz = (p - y) / batch", "dW2 = h.T @ dz"]),
        ("seed", "dW3", ["dp = p - a", "u3 = z @ W3", "du3 = dp * p * (1 - p)", "dW3 = z.T @ du3"]),
        ("cnn", "dlogits.b", ["dlogits = (p - one_hot(y, 10)) / batch"]),
    ],
)
def test_examples_read_as_they_should(example: str, gradient: str, formulas: list[str]) -> None:
    told = steps(gradient, (EXAMPLES / f"{example}.nn").read_text(encoding="utf-8"))
    assert told[: len(formulas)] == formulas


def test_gradients_of_a_value_that_fans_out_are_told_by_reader_and_add(tmp_path: Path) -> None:
    path = tmp_path / "fan.nn"
    path.write_text(f"{MODELS['values that fan out']}\noptimizer sgd(learning_rate = 0.1)\n")
    told = run(path, "h").output
    assert "h is read by 2: b and a. Their gradients add." in told
    assert re.search(r"dh = du\d @ U\.T +by b, line 9\n +\+ da @ V\.T +by a, line 8\n", told)


def test_the_names_of_blocks_can_be_asked_for() -> None:
    told = run(EXAMPLES / "alice.nn", "h.1.dense1.W")
    assert told.exit_code == 0
    assert "that is, param h.1.dense1.W : [_, 256] = he_normal" in told.output
    assert "dh.1.dense1.W = reshape(h.1.layer_norm2, [64 * batch, 64]).T" in told.output


def test_what_has_no_gradient_says_why(circle: Path) -> None:
    assert "x is read by h." in run(circle, "x").output
    for name in ("x", "y"):
        assert "It is data: no gradient is computed for it." in run(circle, name).output
    assert "It never changes: no gradient is computed for it." in run(circle, "k").output
    assert "The loss does not depend on it" in run(circle, "idle").output
    told = run(circle, "loss").output
    assert "begins with the loss, whose derivative by itself is 1.\n    dloss = 1" in told


def test_without_a_name_all_are_listed(circle: Path) -> None:
    told = run(circle).output
    assert re.search(r"10 +h +\[batch, 16\] += relu\(x @ W1 \+ b1\)\n", told)
    assert re.search(r"  W1 +4 steps +dz, dh, du, dW1\n", told)


@pytest.mark.parametrize("example", ["seed", "cnn", "alice"])
def test_a_terminal_of_80_columns_is_enough(example: str) -> None:
    path = EXAMPLES / f"{example}.nn"
    one = derivation(path.read_text(encoding="utf-8"))
    names = [*one.known()][-12:]
    for output in (run(path).output, run(path, *names).output):
        assert max(map(len, output.splitlines())) <= 80
        assert "\x1b" not in output


def test_a_name_that_is_not_there_is_told_with_what_was_meant(circle: Path) -> None:
    wrong = run(circle, "idel")
    assert wrong.exit_code == 2
    assert "has no `idel`; did you mean `idle`?" in wrong.stderr
    assert "lists all" in run(circle, "nothing_like_it").stderr
    assert run(circle, "dW1").output == run(circle, "W1").output
    assert run(circle.with_suffix(".txt")).exit_code == 2


def test_a_model_with_a_mistake_is_told_as_ever(circle: Path) -> None:
    circle.write_text(CIRCLE.replace("h @ W2", "h @ V"))
    wrong = run(circle, "W1", "--html", circle.with_suffix(".html"))
    assert wrong.exit_code == 1
    assert "E0201" in wrong.stderr
    assert not circle.with_suffix(".html").exists()


class Page(HTMLParser):
    """The elements of a page, what is linked, and what can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.met: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.met.add(tag)
        self.links |= {value for value in [given.get("href")] if value}
        self.places |= {f"#{value}" for value in [given.get("id")] if value}
        if tag not in {"meta", "br", "th", "td"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"td", "th"}:
            assert self.open.pop() == tag


@pytest.mark.parametrize("example", ["seed", "cnn", "alice"])
def test_the_page_stands_alone_and_its_links_lead_somewhere(example: str, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    done = run(EXAMPLES / f"{example}.nn", "--html", target)
    assert (done.exit_code, done.output) == (0, f"wrote {target}\n")
    text = target.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.links
    assert page.links <= page.places
    assert "//" not in text
    assert not {"script", "img", "link", "iframe"} & page.met
    assert {"math", "msub", "msup"} <= page.met


def test_a_page_of_some_names_has_these_alone(circle: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    run(circle, "W1", "h", "--html", target)
    assert Page(target.read_text(encoding="utf-8")).places == {"#W1", "#h"}
    refused = run(circle, "--html", circle)
    assert refused.exit_code == 2
    assert circle.read_text() == CIRCLE


def set_(formula: str) -> str:
    typesetter = Typesetter({"dz"}, {"n"}, lambda name: "")
    text = typesetter.set(tidy(parse_rule(f"y = {formula}")["y"]))
    return re.sub(r"</?mrow>| form=\"infix\"| fence=\"true\" stretchy=\"true\"", "", text)


def test_formulas_are_typeset() -> None:
    z, w = "<mi>z</mi>", "<msub><mi>W</mi><mn>1</mn></msub>"
    assert set_("W1.T") == f"<msup>{w}<mi>T</mi></msup>"
    assert set_("dz") == f'<mi mathvariant="normal">d</mi>{z}'
    assert set_("sqrt(z) / n") == f"<mfrac><msqrt>{z}</msqrt><mi>n</mi></mfrac>"
    assert set_("exp(-z)") == f"<msup><mi>e</mi><mo>−</mo>{z}</msup>"
    assert set_("square(z)") == f"<msup>{z}<mn>2</mn></msup>"
    assert set_("z * W1") == f"{z}<mo>⊙</mo>{w}"
    assert set_("greater(z, 0)") == f"<mo>[</mo>{z}<mo>&gt;</mo><mn>0</mn><mo>]</mo>"
    assert "<munder><mo>∑</mo>" in set_("sum(z, axis = 0)")


def ordered(formula: str) -> str:
    return show(tidy(parse_rule(f"y = {formula}")["y"]))


def test_formulas_are_written_as_people_write_them() -> None:
    assert ordered("(p - y) * 2 * (1 / n)") == "2 * (p - y) / n"
    assert ordered("a * 0.5") == "a / 2"
    assert ordered("a * 0.1") == "0.1 * a"
    assert ordered("-(a * (-b / c))") == "a * b / c"
    assert ordered("a + -b") == "a - b"
    assert ordered("(a * 2) / 3") == "2 * a / 3"
    assert ordered("a / 0") == "a / 0"


@pytest.mark.parametrize("op", [op for op in book().values() if op.taught], ids=lambda op: op.name)
def test_the_slope_that_is_taught_is_the_one_that_is_computed(op: Op) -> None:
    random = np.random.default_rng(0)
    for sample in op.samples:
        low, high = 0.1, 0.9
        calculator = Calculator({})
        arrays = [random.uniform(low, high, shape) for shape in sample.shapes]
        keys = [calculator.take(array) for array in arrays]
        result = calculator.add(op, keys, sample.attributes)
        slope = calculator.take(random.normal(0, 1, np.shape(calculator[result].array)))
        values = dict(zip(op.names, keys, strict=True)) | {op.result: result}
        values[f"d{op.result}"] = slope
        shapes = tuple(calculator[key].shape for key in keys)
        found = []
        for rule in (op.adjoint, op.taught):
            definitions = rule_of(rule, shapes, sample.attributes)
            scope = Scope(calculator, values, sample.attributes, definitions, "float64")
            found.append([calculator[scope.value(f"d{name}")].array for name in op.names])
        for one, other in zip(*found, strict=True):
            assert np.allclose(one, other, rtol=1e-12, atol=1e-12)
