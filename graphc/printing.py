"""Expressions and statements of a tree as text again, with the fewest parentheses."""

from __future__ import annotations

from collections.abc import Sequence

from graphc import tree
from graphc.tree import Affix, Call, Expr, Flag, Infix, ListOf, Name, Number, fold

LEVEL = {"|>": 0, "+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "-a": 3, "**": 4, "atom": 6}


def show(expr: Expr) -> str:
    """The expression as text again, with the fewest parentheses."""
    return fold(expr, _print)[0]


def _print(expr: Expr, inner: Sequence[tuple[str, int]]) -> tuple[str, int]:
    match expr:
        case Number():
            return literal(expr.value), LEVEL["atom"] if expr.value >= 0 else LEVEL["-a"]
        case Flag():
            return str(expr.value).lower(), LEVEL["atom"]
        case Name():
            return expr.id, LEVEL["atom"]
        case ListOf():
            return f"[{', '.join(text for text, _ in inner)}]", LEVEL["atom"]
        case Affix(symbol="-"):
            return f"-{_wrap(inner[0], LEVEL['-a'])}", LEVEL["-a"]
        case Affix():
            return f"{_wrap(inner[0], LEVEL['atom'])}{expr.symbol}", LEVEL["atom"]
        case Infix():
            level = LEVEL[expr.symbol]
            left, right = (level + 1, LEVEL["-a"]) if expr.symbol == "**" else (level, level + 1)
            return f"{_wrap(inner[0], left)} {expr.symbol} {_wrap(inner[1], right)}", level
        case Call():
            given = [
                f"{argument.name.id} = {text}" if argument.name else text
                for argument, (text, _) in zip(expr.arguments, inner, strict=True)
            ]
            if expr.piped:
                rest = f"({', '.join(given[1:])})" if given[1:] else ""
                return f"{_wrap(inner[0], LEVEL['|>'])} |> {expr.function.id}{rest}", LEVEL["|>"]
            return f"{expr.function.id}({', '.join(given)})", LEVEL["atom"]


def _wrap(inner: tuple[str, int], level: int) -> str:
    text, own = inner
    return text if own >= level else f"({text})"


def statement(one: tree.Statement) -> str:
    """A statement on one line; a definition on several."""
    match one:
        case tree.Setting():
            return f"{one.keyword} {show(one.value)}"
        case tree.Dimension():
            return f"dim {one.name.id} = {show(one.value)}"
        case tree.DataInput():
            return f"{one.kind} {one.name.id} : {type_(one.type)}"
        case tree.Param():
            end = " frozen" if one.frozen else ""
            return f"param {_typed(one.name, one.type)} = {show(one.init)}{end}"
        case tree.Const():
            return f"const {_typed(one.name, one.type)} = {show(one.value)}"
        case tree.Assign():
            return f"{one.name.id} = {show(one.value)}"
        case tree.Output():
            return f"output {', '.join(name.id for name in one.names)}"
        case tree.Loss():
            return f"loss {show(one.value)}"
        case tree.Optimizer():
            return f"optimizer {show(one.rule)}"
        case tree.Train():
            return f"train({', '.join(_given(one.arguments))})"
        case tree.Return():
            return f"return {show(one.value)}"
        case tree.State():
            return f"state {one.name.id} = {show(one.value)}"
        case tree.Next():
            return f"{one.name.id}' = {show(one.value)}"
        case tree.Definition():
            body = "".join(f"    {statement(inner)}\n" for inner in one.body)
            return f"{one.keyword} {signature(one)} {{\n{body}}}"
    return one.span.text


def written_out(file: tree.File, rules: Sequence[tree.Definition]) -> str:
    """A file without blocks as text that means the same, with the update `rules` it uses.

    What became of a statement that uses blocks stands below it.
    """
    lines: list[str] = []
    above = None
    for one in file.statements:
        if isinstance(one, tree.Optimizer):
            name = one.rule.function.id
            lines += ["", *(statement(rule) for rule in rules if rule.name.id == name), ""]
        apart = one.of is not None and one.of is not above and one.of is not one
        if apart and one.of is not None and statement(one.of) != statement(one):
            lines += ["", f"# {statement(one.of)}"]
        elif one.of is None and above is not None:
            lines.append("")
        above = one.of
        lines.append(statement(one))
    text = "\n".join(lines).strip()
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return f"{text}\n"


def signature(one: tree.Definition) -> str:
    """A block or update as it is called: `dense(x, units = 64)`."""
    shown = [n.id if value is None else f"{n.id} = {show(value)}" for n, value in one.arguments]
    return f"{one.name.id}({', '.join(shown)})"


def type_(one: tree.Type) -> str:
    """A type: `int[batch, 8]`."""
    return f"{'int' if one.integer else ''}[{', '.join(map(show, one.dims))}]"


def _typed(name: Name, declared: tree.Type | None) -> str:
    return f"{name.id} : {type_(declared)}" if declared else name.id


def _given(arguments: Sequence[tree.Argument]) -> list[str]:
    return [f"{a.name.id} = {show(a.value)}" if a.name else show(a.value) for a in arguments]


def literal(value: int | float) -> str:
    """A number as the language writes it, shortest first, the same value when read again."""
    text = repr(value).replace("e-0", "e-")
    return text[:-2] if text.endswith(".0") else text
