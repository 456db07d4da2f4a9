"""Expressions of the language as MathML, which browsers typeset by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from html import escape

from graphc.printing import LEVEL, literal
from graphc.tree import Affix, Call, Expr, Flag, Infix, ListOf, Name, Number, fold

LETTERS = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "lambda", "mu", "pi", "rho"),
    *("sigma", "tau", "phi", "psi", "omega"),
)
GREEK = dict(zip(LETTERS, "αβγδεηθλμπρστφψω", strict=True))
NUMBERED = re.compile(r"(.*?[A-Za-z])_?(\d+)")
COMPARED = {"greater": ">", "less": "<", "equal": "="}
ATOM = LEVEL["atom"]
Part = tuple[str, int]  # MathML, and how tightly it holds together
Linked = Callable[[str], str]  # where a name leads to, or nothing


def row(*parts: str) -> str:
    """Parts side by side."""
    return f"<mrow>{''.join(parts)}</mrow>"


def operator(sign: str) -> str:
    """A sign before a value or around it."""
    return f"<mo>{escape(sign)}</mo>"


def between(sign: str) -> str:
    """A sign between two values, also where MathML would take it for one before a value."""
    return f'<mo form="infix">{escape(sign)}</mo>'


def named(name: str, gradients: Collection[str] = (), target: str = "") -> str:
    """A name of the model: W1 with its number below, `h.1.W` with its path, `dz` as d of z.

    With a `target` its letters are a link: of HTML, within them, which all browsers follow.
    """
    if name in gradients and name.startswith("d") and len(name) > 1:
        return row('<mi mathvariant="normal">d</mi>', named(name[1:], (), target))
    *path, last = name.split(".")
    if path and last.isdigit():
        base, below = named(path[-1], (), target), ".".join([*path[:-1], last])
        return f"<msub>{base}<mtext>{escape(below)}</mtext></msub>"
    below, stem = ".".join(path), last
    if match := NUMBERED.fullmatch(last):
        stem = match[1]
        below = f"{below}, {match[2]}" if below else match[2]
    shown = escape(GREEK.get(stem, stem))
    if target:
        shown = f'<a href="{escape(target)}">{shown}</a>'
    index = "mn" if below.isdigit() else "mtext"
    base = f"<mi>{shown}</mi>"
    return f"<msub>{base}<{index}>{escape(below)}</{index}></msub>" if below else base


def math(inner: str) -> str:
    """A formula as an element of a page, its fractions as large as where they stand alone."""
    return f'<math displaystyle="true">{inner}</math>'


class Typesetter:
    """Expressions as MathML, with links where names lead somewhere."""

    def __init__(self, gradients: Collection[str], scalars: Collection[str], link: Linked) -> None:
        self.gradients = gradients
        self.scalars = scalars  # names of numbers: a product with one is written without a sign
        self.link = link

    def name(self, name: str) -> str:
        """A name, as a link if it leads somewhere."""
        return named(name, self.gradients, self.link(name))

    def set(self, expr: Expr) -> str:
        """An expression."""
        return fold(expr, self._set)[0]

    def _set(self, expr: Expr, inner: Sequence[Part]) -> Part:
        match expr:
            case Number():
                return _number(expr.value)
            case Flag():
                return f"<mtext>{str(expr.value).lower()}</mtext>", ATOM
            case Name():
                return self.name(expr.id), ATOM
            case ListOf():
                return _fenced("[", [text for text, _ in inner], "]"), ATOM
            case Affix(symbol="-"):
                return row(operator("−"), _held(inner[0], LEVEL["-a"])), LEVEL["-a"]
            case Affix():
                return f"<msup>{_held(inner[0], ATOM)}<mi>T</mi></msup>", ATOM - 1
            case Infix():
                return self._infix(expr, inner)
            case Call():
                return self._call(expr, inner)
        raise TypeError(f"{type(expr).__name__} is no expression")

    def _infix(self, expr: Infix, inner: Sequence[Part]) -> Part:
        level = LEVEL[expr.symbol]
        match expr.symbol:
            case "/":
                return f"<mfrac>{inner[0][0]}{inner[1][0]}</mfrac>", LEVEL["*"]
            case "**":
                return f"<msup>{_held(inner[0], ATOM)}{inner[1][0]}</msup>", LEVEL["**"]
            case "*" | "@":
                sign = "⊙" if expr.symbol == "*" else "\u2062"
                if expr.symbol == "*" and (self._scalar(expr.left) or self._scalar(expr.right)):
                    sign = "·" if isinstance(expr.right, Number) else "\u2062"
                tight = between(sign) if sign != "\u2062" else '<mspace width="0.17em"/>'
                return row(_held(inner[0], level), tight, _held(inner[1], level + 1)), level
        sign = "−" if expr.symbol == "-" else expr.symbol
        return row(_held(inner[0], level), between(sign), _held(inner[1], level + 1)), level

    def _scalar(self, expr: Expr) -> bool:
        """Whether an expression is a single number, as far as it shows."""
        match expr:
            case Number():
                return True
            case Name():
                return expr.id in self.scalars
            case Infix():
                return self._scalar(expr.left) and self._scalar(expr.right)
            case Affix():
                return self._scalar(expr.operand)
            case Call(function=Name(id="sum" | "mean" | "max" | "min" | "size")):
                return len(expr.arguments) == 1
            case Call():
                return all(self._scalar(one.value) for one in expr.arguments)
        return False

    def _call(self, expr: Call, inner: Sequence[Part]) -> Part:
        name = expr.function.id
        given = [text for text, _ in inner]
        keyed = {
            one.name.id: text for one, text in zip(expr.arguments, given, strict=True) if one.name
        }
        plain = [part for one, part in zip(expr.arguments, inner, strict=True) if not one.name]
        first = plain[0] if plain else ("", ATOM)
        if name in {"sum", "mean"} and len(plain) == 1 and set(keyed) <= {"axis", "keepdims"}:
            return self._sum(name, first, keyed.get("axis", ""))
        if name == "exp" and len(given) == 1:
            return f"<msup><mi>e</mi>{given[0]}</msup>", LEVEL["**"]
        if name == "sqrt" and len(given) == 1:
            return f"<msqrt>{given[0]}</msqrt>", ATOM
        if name == "abs" and len(given) == 1:
            return row(operator("|"), given[0], operator("|")), ATOM
        if name in COMPARED and len(given) == 2:
            return _fenced("[", [row(given[0], between(COMPARED[name]), given[1])], "]"), ATOM
        if name == "matrix_transpose":
            return f"<msup>{_held(first, ATOM)}<mi>T</mi></msup>", ATOM - 1
        shown = [
            row(f"<mtext>{escape(one.name.id)}</mtext>", between("="), text) if one.name else text
            for one, text in zip(expr.arguments, given, strict=True)
        ]
        title = f'<mi mathvariant="normal">{escape(name)}</mi>'
        return row(title, operator("\u2061"), _fenced("(", shown, ")")), ATOM

    def _sum(self, name: str, of: Part, axis: str) -> Part:
        """A sum with the axis below its sign; a mean as what it is called."""
        sign = operator("∑") if name == "sum" else "<mo>mean</mo>"
        if axis:
            sign = f"<munder>{sign}{row('<mtext>axis&#160;</mtext>', axis)}</munder>"
        held = _held(of, LEVEL["*"]) if name == "sum" else _fenced("(", [of[0]], ")")
        return row(sign, held), LEVEL["*"] if name == "sum" else ATOM


def _number(value: int | float) -> Part:
    text = literal(value)
    digits, e, power = text.lstrip("-").partition("e")
    shown = f"<mn>{digits}</mn>"
    if e:
        times = f"<msup><mn>10</mn>{row(*_signed(power))}</msup>"
        shown = times if digits == "1" else row(shown, operator("·"), times)
    if value < 0:
        return row(operator("−"), shown), LEVEL["-a"]
    return shown, LEVEL["*"] if e and digits != "1" else ATOM


def _signed(power: str) -> list[str]:
    number = f"<mn>{power.lstrip('+-')}</mn>"
    return [operator("−"), number] if power.startswith("-") else [number]


def _held(part: Part, level: int) -> str:
    text, own = part
    return text if own >= level else _fenced("(", [text], ")")


def _fenced(opening: str, parts: Sequence[str], closing: str) -> str:
    inside = '<mo separator="true">,</mo>'.join(parts)
    fence = '<mo fence="true" stretchy="true">{}</mo>'
    return row(fence.format(opening), inside, fence.format(closing))
