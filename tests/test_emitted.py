"""The text of an emitted module: the same bytes always, nothing in it that is not known."""

from __future__ import annotations

import ast
import builtins
import hashlib
import os
import re
import subprocess
import symtable
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_array_equal
from oracle import Model
from random_models import models
from systems import EXAMPLES

import graphc

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.nn"))
STANDARD = {"contextlib", "functools", "importlib", "json", "math", "os", "tempfile", "threading"}
STANDARD |= {"types", "zipfile"}
DUNDERS = {"__init__", "__getstate__", "__setstate__", "__array_interface__"}
BUILTINS = {
    *("dict", "enumerate", "float", "getattr", "hasattr", "int", "isinstance", "len", "list"),
    *(
        "map",
        "max",
        "min",
        "open",
        "range",
        "set",
        "slice",
        "setattr",
        "sorted",
        "str",
        "sum",
        "tuple",
    ),
    *("abs", "all", "any", "bool", "callable", "classmethod", "property", "super", "type", "zip"),
    *("BaseException", "EOFError", "Exception", "FloatingPointError", "IndexError", "KeyError"),
    *("OSError", "OverflowError", "TypeError", "ValueError", "issubclass"),
}


def scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from scopes(child)


def check_names(source: str) -> None:
    """Asserts that every name is defined, every import and every variable used, and no more."""
    tree, top = ast.parse(source), symtable.symtable(source, "model.py", "exec")
    modules: set[str] = set()
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Global | ast.Nonlocal | ast.Await | ast.Yield | ast.Delete)
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert node in tree.body
            if isinstance(node, ast.ImportFrom):
                assert (node.module, node.level) == ("numpy", 0)
            else:
                modules |= {alias.name for alias in node.names}
        if isinstance(node, ast.Attribute | ast.Name):
            word = node.attr if isinstance(node, ast.Attribute) else node.id
            assert not re.match(r"__", word) or word in DUNDERS, word
    assert modules <= STANDARD | {"numpy"}
    given = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
    given |= {symbol.get_name() for symbol in top.get_symbols() if symbol.is_imported()}
    used = set()
    for scope in scopes(top):
        for symbol in scope.get_symbols():
            name = symbol.get_name()
            if symbol.is_global() or (scope is top and symbol.is_referenced()):
                used.add(name)
                assert name in given | BUILTINS, f"{name} is not defined"
                assert name in given or hasattr(builtins, name), name
            elif scope.get_type() == "function" and not symbol.is_parameter():
                inner = any(name in child.get_identifiers() for child in scope.get_children())
                meant = re.search(rf"#.*\b{name}\b", source)  # in the right column
                assert symbol.is_referenced() or inner or meant or name == "_", f"{scope}: {name}"
    for symbol in top.get_symbols():
        assert not symbol.is_imported() or symbol.get_name() in used, symbol.get_name()


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_known_and_used(name: str, plain: bool) -> None:
    source = graphc.compile_file(EXAMPLES / f"{name}.nn", plain=plain).source
    check_names(source)
    assert source.isascii()
    assert source.endswith("\n")
    assert not re.search(r"[ \t]$", source, re.MULTILINE)


@given(models())
def test_every_name_of_a_random_model_is_known_and_used(model: Model) -> None:
    check_names(graphc.compile_text(model.text).source)


@pytest.mark.parametrize("plain", [False, True])
def test_a_files_name_cannot_become_code(plain: bool) -> None:
    text = "model one\nparam W : [2] = 1\nh = W * 2\nloss sum(h)\n"
    plainly = graphc.compile_text(text, "model.nn", plain=plain).source
    for name in (
        'a"""\nimport evil\n.nn',
        "a\u2028import evil.nn",
        "a\rimport evil\f.nn",
        "ü\\.nn",
    ):
        source = graphc.compile_text(text, name, plain=plain).source
        assert source.isascii()
        ours, other = ast.parse(plainly), ast.parse(source)
        assert ast.dump(ast.Module(ours.body[1:], [])) == ast.dump(ast.Module(other.body[1:], []))
        assert len(source.splitlines()) == len(plainly.splitlines())


DIGESTS = """
import hashlib, pathlib, sys
import graphc
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.nn")):
    source = graphc.compile_file(path).source
    print(path.stem, hashlib.sha256(source.encode()).hexdigest())
"""


def test_the_same_bytes_in_every_process() -> None:
    expected = [
        f"{name} {hashlib.sha256(source.encode()).hexdigest()}"
        for name in NAMES
        for source in [graphc.compile_file(EXAMPLES / f"{name}.nn").source]
    ]
    root = str(Path(graphc.__file__).parent.parent)
    for seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS, str(EXAMPLES)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
        )
        assert done.stdout.splitlines() == expected


ALONE = """
import sys
sys.modules["graphc"] = None
sys.path.insert(0, sys.argv[1])
import numpy as np
np.random.default_rng(0)
before = set(sys.modules)
from {name} import Trainer
x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]])
trainer = Trainer(seed=0)
losses = trainer.fit(x, y, epochs=300)
trainer.save(sys.argv[1] + "/saved.npz")
again = Trainer.load(sys.argv[1] + "/saved.npz")
assert (again.predict(x) == trainer.predict(x)).all()
assert losses[-1] < losses[0] / 10
names = {{module.partition(".")[0] for module in set(sys.modules) - before}}
print(*sorted(names - set(sys.stdlib_module_names) - {{"{name}"}}))
"""


@pytest.mark.parametrize("plain", [False, True])
def test_the_module_needs_numpy_only(tmp_path: Path, plain: bool) -> None:
    name = "alone_plain" if plain else "alone"
    graphc.compile_file(EXAMPLES / "xor.nn", plain=plain).write(tmp_path / f"{name}.py")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", ALONE.format(name=name), str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stdout.split()


HOSTILE = [
    *("lambda", "class", "len", "np", "self", "add", "__x", "s1", "dW1", "buf", "value"),
    *("loss_", "epochs", "path", "dot", "broadcast_to", "zeros", "T", "out", "shape"),
    *("axis", "theta", "step", "matmul", "True", "None", "print", "float", "grads"),
    *("params", "count", "x_batch", "c1", "__init__", "index", "vdot", "errstate"),
    *("sizes_of", "rows", "super", "match", "type", "range", "DTYPE", "Trainer", "forward"),
    *("flat", "dloss", "rng", "shapes"),
]
ROLES = [
    "input {} : [batch, 2]\ntarget y : [batch, 1]\nparam W1 : [2, 1] = 1\np = {} @ W1",
    "input x : [batch, 2]\ntarget {} : [batch, 1]\nparam W1 : [2, 1] = 1\np = x @ W1",
    "input x : [batch, 2]\ntarget y : [batch, 1]\nparam {} : [2, 1] = 1\np = x @ {}",
    "input x : [batch, 2]\ntarget y : [batch, 1]\nparam W1 : [2, 1] = 1\n{} = x @ W1\np = relu({})",
    "input x : [batch, 2, {}]\ntarget y : [batch, 1, {}]\nparam W1 : [1, 2] = 1\np = W1 @ x / {}",
]


@cache
def named(role: str, word: str) -> Any:
    """The module of a role in which something is called `word`."""
    target = word if "target {}" in role else "y"
    lines = [role.replace("{}", word), "output p", f"loss mse(p, {target})", "optimizer adam()"]
    compiled = graphc.compile_text("\n".join(lines), dtype="float64")
    check_names(compiled.source)
    return compiled.load()


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_python_or_the_module_use(name: str) -> None:
    random = np.random.default_rng(0)
    for role in ROLES:
        module, neutral = named(role, name), named(role, "neutral")
        shapes = [shape for _, _, shape, _ in neutral.DATA.values()]
        sizes = {"batch": 5, "neutral": 3}
        x, y = (random.random([sizes.get(s, s) for s in shape]).round(1) for shape in shapes)
        ours, other = module.Trainer(), neutral.Trainer()
        assert list(ours.params) == [name if one == "neutral" else one for one in other.params]
        if name != "epochs":  # for `fit` an option: such data are given by their place
            assert ours.loss(**dict(zip(module.DATA, (x, y), strict=True))) == other.loss(x, y)
        for trainer in (ours, other):
            trainer.step(x, y)
            trainer.fit(x, y, epochs=2, batch_size=2, validation=(x, y))
        assert_array_equal(ours.theta, other.theta)
        assert_array_equal(ours.predict(x), other.predict(x))


def test_a_value_called_like_a_number_that_python_prints() -> None:
    """The images of a maximum are padded with -inf."""
    lines = ["input inf : [batch, 1, 4, 4]", "target y : [batch, 1, 2, 2]", "param W : [1] = ones"]
    lines += ["p = max_pool2d(inf, size = 3, stride = 2, padding = 1) * W"]
    compiled = graphc.compile_text("\n".join([*lines, "output p", "loss mse(p, y)"]))
    check_names(compiled.source)
    images = np.random.default_rng(0).random((3, 1, 4, 4)).astype("float32")
    assert_array_equal(
        compiled.load().Trainer().predict(images)[:, 0, 0, 0], images[:, 0, :2, :2].max((1, 2))
    )
