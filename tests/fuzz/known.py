"""What an emitted module is made of: nothing that is not the compiler's own or a plain name."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import warnings
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import graphc
from graphc.book import book
from graphc.dims import shape_of
from graphc.draft import completed
from graphc.names import lent
from graphc.op import text

STANDARD = {"contextlib", "functools", "importlib", "json", "math", "os", "tempfile", "threading"}
STANDARD |= {"types", "zipfile"}
DUNDERS = {"__init__", "__getstate__", "__setstate__", "__array_interface__"}
DUNDERS |= {"__name__", "__subclasses__"}  # of the generators that a saved file may name
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
HOLDERS = {"buf", "params", "grads", "state", "self"}  # whose attributes have names of the model
MODELS = [  # which say what no example says
    "param W : [2, 2] = orthogonal\nloss sum(W)\noptimizer adamw(weight_decay = 0.1 * matrices)\n",
]
USERS = re.compile(r"[A-Za-z_]\w*(\.\w+)*", re.ASCII)  # a name of the language
SPACE = "\n\n\n"  # between the definitions of a module, which are alike in many
DIGEST = re.compile(r"[0-9a-f]{16}")
TEMPLATES = Path(graphc.__file__).parent / "templates"
EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from scopes(child)


def check_names(source: str) -> None:
    """Asserts that every name is defined, every import and every variable used, and no more."""
    top = symtable.symtable(source, "model.py", "exec")
    modules = {name for part in source.split(SPACE) for name in _imported(part)}
    assert modules <= STANDARD | {"numpy"}
    given = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
    given |= {symbol.get_name() for symbol in top.get_symbols() if symbol.is_imported()}
    meant = {word for one in re.findall(r"#.*", source) for word in re.findall(r"\w+", one)}
    used = set()
    for scope in scopes(top):
        inner = {name for child in scope.get_children() for name in child.get_identifiers()}
        for symbol in scope.get_symbols():
            name = symbol.get_name()
            if symbol.is_global() or (scope is top and symbol.is_referenced()):
                used.add(name)
                assert name in given | BUILTINS, f"{name} is not defined"
                assert name in given or hasattr(builtins, name), name
            elif scope.get_type() == "function" and not symbol.is_parameter():
                seen = name in inner or name in meant  # in the right column
                assert symbol.is_referenced() or seen or name == "_", f"{scope}: {name}"
    for symbol in top.get_symbols():
        assert not symbol.is_imported() or symbol.get_name() in used, symbol.get_name()


@lru_cache(maxsize=4096)
def _imported(part: str) -> set[str]:
    """What a definition of a module imports; asserts that it has no odd statements or names."""
    tree, modules = ast.parse(part), set[str]()
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Global | ast.Nonlocal | ast.Await | ast.Yield | ast.Delete)
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert node in tree.body
            if isinstance(node, ast.ImportFrom):
                assert (node.module, node.level) == ("numpy", 0)
                assert all(one.name in lent() and one.asname is None for one in node.names)
            else:
                modules |= {one.name for one in node.names}
                assert all(one.asname == {"numpy": "np"}.get(one.name) for one in node.names)
        if isinstance(node, ast.Attribute | ast.Name):
            word = node.attr if isinstance(node, ast.Attribute) else node.id
            assert not re.match(r"__", word) or word in DUNDERS, word
    return modules


class Words:
    """The attributes, called and bound names, and strings of a program, without docstrings."""

    def __init__(self, tree: ast.AST) -> None:
        nodes = list(ast.walk(tree))
        docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        methods = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        self.attributes: set[str] = set()
        self.called: set[str] = set()
        self.bound: set[str] = set()
        self.defined: set[str] = set()
        self.strings: set[str] = set()
        for node in nodes:
            match node:
                case ast.Attribute(value=ast.Name(id=holder)) if holder in HOLDERS:
                    self.attributes |= {node.attr} if id(node) in methods else set()
                case ast.Attribute():
                    self.attributes.add(node.attr)
                case ast.Call(func=ast.Name(id=name)):
                    self.called.add(name)
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    self.defined.add(name)
                case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                    self.bound.add(name)
                case ast.Constant(value=str(text)) if id(node) not in docstrings:
                    self.strings.add(text)

    def take(self, other: Words) -> None:
        self.attributes |= other.attributes
        self.called |= other.called
        self.bound |= other.bound
        self.defined |= other.defined
        self.strings |= other.strings


@cache
def ours() -> Words:
    """The words of the templates, of all operations, and of the examples."""
    found = Words(ast.Module([], []))
    for op in book().values():
        found.take(Words(ast.parse(op.helper)))
        for sample in op.samples:
            shapes = tuple(shape_of(*shape) for shape in sample.shapes)
            attributes = completed(op, sample.attributes, shapes)
            for rule in (op.meaning, op.code):
                words = re.sub(r"\{\w+\}", "x", text(rule, shapes, attributes))
                found.take(Words(ast.parse(words)))
    texts = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.nn"))]
    for model in (*texts, *MODELS):
        for plain in (False, True):
            found.take(Words(ast.parse(graphc.compile_text(model, plain=plain).source)))
    return found


@lru_cache(maxsize=4096)
def _words(part: str) -> Words:
    return Words(ast.parse(part))


def check(source: str) -> None:
    """Asserts that a module is text that anything can read, and that nothing in it is foreign."""
    assert source.isascii()
    assert source.replace("\n", "").isprintable(), "a control character"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_names(source)
        parts = [_words(part) for part in source.split(SPACE)]
    words, known = Words(ast.Module([], [])), ours()
    for one in parts:
        words.take(one)
    assert words.attributes <= known.attributes, words.attributes - known.attributes
    callable_ = known.called | lent() | BUILTINS | words.defined
    assert words.called <= callable_, words.called - callable_
    hidden = (words.bound & callable_) - known.bound
    assert not hidden, f"{hidden} are called and bound to something else"
    strings = {one for one in words.strings - known.strings if not USERS.fullmatch(one)}
    assert all(map(DIGEST.fullmatch, strings)), strings
    # the attributes that are looked up by name
    (states,) = re.findall(r"^STATES = (.*)$", source, re.MULTILINE)
    assert all(f"self.{name} = " in source for name in ast.literal_eval(states)), states
