"""Random pieces of texts: statements from the grammar itself, names, numbers and characters."""

from __future__ import annotations

import builtins
import keyword
from collections import defaultdict
from functools import cache
from random import Random

from lark.grammar import NonTerminal, Rule, Symbol

from graphc.book import book
from graphc.language import language
from graphc.library import prelude
from graphc.misread import KEYWORDS
from graphc.names import MODULE, lent

NAMES = ["x", "y", "W", "b", "h", "p", "z", "batch", "h.W", "dense1.W", "gradient", "parameter"]
DUNDERS = ["__class__", "__init__", "__import__", "__x", "__builtins__", "__dict__", "_", "__"]
ODD_NAMES = ["T", "h.T", "x.__class__", "x.0", "x1", "s1", "dW", "W_T", "_1", "_minus_1", "v'"]
NUMBERS = [
    *("0", "1", "2", "3", "-1", "0.5", "1e-3", "00", "1.", ".5", "1_0", "0x10", "1j", "1e", "2x"),
    *("1e308", "1e309", "1e-400", "nan", "inf", "-inf", "NaN", "1e38", "4e38", "9007199254740993"),
    *("2147483647", "4294967296", "9223372036854775807", "9223372036854775808", "9" * 17),
    *("999999999999999999", "9" * 400, "0." + "0" * 300 + "1", "1" + "0" * 18, "9 ** 9 ** 9"),
    *("100000", "1000000000", "32", "33", "-9223372036854775808", "0 * 1", "2 ** 62", "2 ** 63"),
]
CHARACTERS = [
    *(
        "\u2028",
        "\u2029",
        "\x85",
        "\x0b",
        "\x0c",
        "\0",
        "\r",
        "\r\n",
        "\n",
        "\t",
        "\ufeff",
        "\u00a0",
    ),
    *("é", "ſ", "K", "\u0435", "𝐱", "⁴", "٣", "\u200b", "\u202e", "\ud800", "\U0010ffff", "｜"),
    *("'", '"', '"""', "'''", "\\", "\\n", "\\\n", "`", ";", "%", "{", "}", "{0}", "$x", "#", "?1"),
    *("(", ")", "[", "]", ",", "|>", "**", "@", "=", ":", ".", ".T", "'", "//", "==", "lambda: 0"),
]
COMMENTS = [
    '# """); import os; os.system("true")  # """',
    "# \\",
    "# noqa \r# import os",
    "#\x0cimport os",
    "#\u2028import os",
    "# graphc: {x} $model %s {0.__class__}",
    "# coding: utf-7",
    "#" + " " * 300 + "import os",
]
FILES = [
    *("model.nn", "", ".", "/", "a/b.nn", "..\\x.nn", "-", "lambda.nn", "1.nn", "__init__.nn"),
    *(
        'a"""\nimport os\n.nn',
        "'''\n1/0\n.nn",
        "a\rimport os\f.nn",
        "a\u2028import os.nn",
        "ü\\.nn",
    ),
    *(
        "\\",
        '"',
        "a\\N{DIGIT ONE}\\x.nn",
        "{0}$model%s.nn",
        "# x",
        "\0.nn",
        "\ud800.nn",
        "x" * 3000,
    ),
]


@cache
def words() -> list[str]:
    """Every name that means something to the language, to Python or to an emitted module."""
    found = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *DUNDERS, *ODD_NAMES}
    found |= {*MODULE, *lent(), *KEYWORDS, *calls(), "x" * 200, "x" * 201, "none", "frozen"}
    return sorted(found)


@cache
def calls() -> list[str]:
    """What can be called: operations, hidden ones too, blocks, updates and initialisers."""
    shelves = prelude()
    return sorted({*book(), *shelves.blocks, *shelves.updates, "repeat", "normal", "he_normal"})


@cache
def _rules() -> dict[Symbol, list[Rule]]:
    found = defaultdict(list)
    for rule in language()[0].rules:
        found[rule.origin].append(rule)
    return found


@cache
def _depths() -> dict[Symbol, int]:
    """How deep the shallowest text of each symbol is."""
    depths: dict[Symbol, int] = {}
    while True:
        before = dict(depths)
        for origin, rules in _rules().items():
            known = [depth for rule in rules if (depth := _depth(rule, depths)) is not None]
            if known:
                depths[origin] = 1 + min(known)
        if depths == before:
            return depths


def _depth(rule: Rule, depths: dict[Symbol, int]) -> int | None:
    inner = [depths.get(one) for one in rule.expansion if not one.is_term]
    return None if None in inner else max([0, *(one for one in inner if one is not None)])


def phrase(random: Random, start: str, names: list[str], deep: int = 12) -> str:
    """A random text of a rule of the grammar, over some names."""
    todo: list[tuple[Symbol, int]] = [(NonTerminal(start), 0)]
    found: list[str] = []
    while todo and len(found) < 200:
        symbol, depth = todo.pop()
        if symbol.is_term:
            found.append(_terminal(random, symbol.name.removeprefix("expr__"), names))
            continue
        rules = _rules()[symbol]
        if depth > deep:
            rules = [one for one in rules if _depth(one, _depths()) == _depths()[symbol] - 1]
        rule = random.choice(rules)
        todo += [(one, depth + 1) for one in reversed(rule.expansion)]
    return " ".join(found)


@cache
def _signs() -> dict[str, str]:
    return {
        one.name.removeprefix("expr__"): one.pattern.value
        for one in language()[0].terminals
        if one.pattern.type == "str"
    }


def _terminal(random: Random, kind: str, names: list[str]) -> str:
    match kind:
        case "NAME":
            return random.choice(random.choice([names, names, NAMES, calls(), words()]))
        case "PATH":
            return f"{random.choice(names)}.{random.choice(['W', 'b', '1.W', '__init__'])}"
        case "PRIMED":
            return f"{random.choice(names)}'"
        case "NUMBER":
            return random.choice(NUMBERS[:8] if random.random() < 0.8 else NUMBERS)
        case "STRING":
            return random.choice(['"a.nn"', '"../a.nn"', '"\\"', '""', '"/dev/zero"'])
        case "TRANSPOSED":
            return ".T"
        case "NEWLINE" | "UNREADABLE":
            return random.choice(CHARACTERS)
    return _signs()[kind]
