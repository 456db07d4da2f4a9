"""The law of the house: an operation is one file, a stage looks only to its left."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import graphc
from graphc.book import book
from graphc.names import MODULE

PACKAGE = Path(graphc.__file__).parent
TESTS = Path(__file__).parent

# What a module imports stands before it.
ORDER = [
    *(
        "source",
        "phases",
        "files",
        "measured",
        "writer",
        "drawing",
        "synonyms",
        "errors",
        "opening",
        "tree",
        "printing",
        "grammar",
    ),
    *("builder", "nesting", "reading", "characters", "misread", "language", "cycles", "extent"),
    *("volume", "cutting"),
    *("dims", "op"),
    *(
        "book",
        "shaping",
        "settle",
        "constants",
        "syntax",
        "layout",
        "formatting",
        "library",
        "dataflow",
        "draft",
        "describing",
        "rules",
    ),
    *("explaining", "patterns"),
    *("spelling", "scope", "arguments", "initial", "definitions", "frames", "schedule"),
    *("binding", "soundness"),
    *("refusals", "calls", "flat", "expansion", "unread", "blocks", "declare"),
    *("lowering", "settings", "graph", "wording"),
    *("contraction", "shapes", "stable", "integers", "compared", "demands", "misuse", "lint"),
    *("gradient", "evaluation"),
    *("rewrites", "rewrite", "fingerprint", "settled", "update"),
    *("free", "rooms", "frugal", "copies", "beside", "arrays", "names", "titles", "turned"),
    *("prediction", "plan", "vectors"),
    *("check", "model", "statements", "buffers", "helpers", "functions", "modes", "finite"),
    *("parts", "parameters"),
    *("bounded", "face", "emit", "pipeline", "compiled", "dump"),
]
APART = {
    "bench",
    "commands",
    "data",
    "drawn",
    "explained",
    "reported",
    "starters",
    "traced",
    "training",
    "verify",
    "ops",
}  # folders that no stage imports


def modules() -> Iterator[tuple[int, Path]]:
    """Where in ORDER each file of the stages stands."""
    for place, name in enumerate(ORDER):
        file = PACKAGE / f"{name}.py"
        yield from ((place, path) for path in ([file] if file.exists() else file_of(name)))


def file_of(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).glob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules of the package that are imported at run time, anywhere in a file."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("graphc"):
            path = (node.module or "").split(".")[1:]
            yield from path[:1] or [one.name for one in node.names if one.name != "__version__"]
        assert not isinstance(node, ast.ImportFrom) or not node.level
        yield from imported(node)


def test_every_module_has_its_place() -> None:
    files = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__", "cli"}
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert sorted(ORDER) == sorted((files | folders) - APART)


def test_a_stage_imports_only_from_its_left() -> None:
    for place, path in modules():
        for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
            assert name not in APART, f"{path.name} imports {name}"
            within = name == path.parent.name
            assert within or ORDER.index(name) < place, f"{path.name} imports {name}"


def test_an_operation_imports_what_records_are_made_of() -> None:
    for path in file_of("ops"):
        found = set(imported(ast.parse(path.read_text(encoding="utf-8"))))
        assert found <= {"op", "shaping", "dims"}


def strings(tree: ast.AST) -> Iterator[str]:
    """The strings of a file: no docstrings, no roles, no lists of reserved words."""
    for node in ast.iter_child_nodes(tree):
        role = isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("roles")
        words = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MODULE"
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if not (role or words or text):
            yield from strings(node)


def test_no_stage_knows_an_operation_by_its_name() -> None:
    # words that the emitted text, and the messages, use for something else
    names = set(book()) - MODULE - {"error"}
    for _, path in modules():
        found = names & set(strings(ast.parse(path.read_text(encoding="utf-8"))))
        assert not found, f"{path.name}: {found}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, to which operations can be added."""
    root = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, root / "graphc", ignore=ignored)
    if (PACKAGE.parent / "grammars").is_dir():
        shutil.copytree(PACKAGE.parent / "grammars", root / "grammars", ignore=ignored)
    return root


def run(copy: Path, script: str) -> str:
    """What a script prints that imports the copy."""
    head = f"import sys\nsys.path[:0] = [{str(copy)!r}, {str(TESTS)!r}]\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", head + script],
        capture_output=True,
        text=True,
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


SOFTSIGN = '''
"""x / (1 + |x|): a sigmoid without an exponential."""

from graphc.op import Op, given
from graphc.shaping import same

softsign = Op(
    "softsign",
    "x",
    shape=same,
    meaning="{x} / (1 + abs({x}))",
    code="divide({x}, add(absolute({x}, out={y}), 1, out={y}), out={y})",
    adjoint="dx = dy / square(1 + abs(x))",
    elementwise=True,
    samples=[given((3, 4)), given((5,)), given(())],
)
'''
ADDED = """
import graphc
from click.testing import CliRunner
from graphc.cli import graphc as command
from graphc.names import MODULE
from graphc.book import book
from graphc.verify import verify
from test_ops import USES, check_jacobian, honours, node

text = "param W : [3, 2] = 1\\ninput x : [batch, 3]\\n"
text += "h = softsign(x @ W)\\noutput h\\nloss mean(h)\\n"
compiled = graphc.compile_text(text)
assert "add(absolute(" in compiled.source, compiled.source
assert verify(compiled.source).holds
assert verify(graphc.compile_text(text, plain=True).source).holds
trainer = compiled.load().Trainer()
assert abs(trainer.predict([[1, 0, 0]]) - 0.5).max() < 1e-6
trainer.step([[1, 2, 3]])
op = book()["softsign"]
for sample in op.samples:
    assert node(op, sample).shape == tuple(map(graphc.dims.Dim.of, sample.shapes[0]))
    for use in USES:
        check_jacobian(op, sample, use)
    assert honours(op, sample)
for wrong, code, part in (
    (text.replace("softsign", "softsing"), "E0202", "`softsign`"),
    (text.replace("mean(h)", "h"), "E0602", "[batch, 2]"),
    (text.replace("(x @ W)", "(x, W)"), "E0401", "softsign(x)"),
):
    try:
        graphc.compile_text(wrong)
    except graphc.CompileError as error:
        assert code in str(error) and part in str(error), str(error)
    else:
        raise AssertionError(wrong)
print(CliRunner().invoke(command, ["ops"]).output)
print(CliRunner().invoke(command, ["ops", "softsign"]).output)
"""


def test_an_operation_is_added_by_adding_its_file(copy: Path) -> None:
    file = copy / "graphc" / "ops" / "softsign.py"
    file.write_text(SOFTSIGN.lstrip(), encoding="utf-8")
    try:
        shown = run(copy, ADDED)
    finally:
        file.unlink()
    assert "a sigmoid without an exponential" in shown
    assert "dx = dy / square(1 + abs(x))" in shown


BAD = {
    "no docstring": ('"""x / (1 + |x|): a sigmoid without an exponential."""', ""),
    "a name twice": ('    "softsign",', '    "relu",'),
    "no name": ('    "softsign",', '    "soft sign",'),
    "an unknown placeholder in the meaning": ("{x} / (1 +", "{z} / (1 +"),
    "an unknown placeholder in the code": ("divide({x}", "divide({z}"),
    "a placeholder that does not end": ('abs({x}))",', 'abs({x))",'),
    "a meaning that is no Python": ("{x} / (1 +", "{x} / / (1 +"),
    "a code that is no Python": ('code="divide(', 'code="divide(('),
    "no samples": ("[given((3, 4)), given((5,)), given(())]", "[]"),
    "a sample of two operands": ("given((5,))", "given((5,), (5,))"),
    "an operand that is none": ('"x",\n', '"x", overwrites="z",\n'),
    "both code and view": ('"x",\n', '"x", view=True,\n'),
    "a derivative of another shape": ("dy / square(1 + abs(x))", "sum(dy)"),
    "an evaluation of another shape": ('"x",\n', '"x", evaluation="y = sum(x)",\n'),
    "a derivative that is not in the language": ("dx = dy /", "dx = dy //"),
    "a derivative of an unknown name": ('abs(x))",\n    e', 'abs(z))",\n    e'),
    "a derivative by an unknown operation": ("dy / square", "dy / squared"),
}
REFUSED = """
import graphc
from graphc.op import OpError
from graphc.rules import proven
try:
    graphc.compile_text("param W : [] = 1\\nloss softsign(W) + relu(W)\\n")
except OpError as error:
    print(error)
"""


@pytest.mark.parametrize("mistake", BAD)
def test_a_bad_file_is_an_error_with_its_path(copy: Path, mistake: str) -> None:
    old, new = BAD[mistake]
    assert old in SOFTSIGN
    file = copy / "graphc" / "ops" / "zz_bad.py"
    file.write_text(SOFTSIGN.replace(old, new).lstrip(), encoding="utf-8")
    try:
        told = run(copy, REFUSED)
    finally:
        file.unlink()
    assert str(file) in told
