"""tree -> tree without blocks: every statement of a file, after those of the blocks it uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graphc import tree
from graphc.calls import Calls
from graphc.definitions import Definitions, defined, names_of
from graphc.errors import Report
from graphc.expansion import Expansion
from graphc.frames import Called, Frame, Layer
from graphc.library import Shelf, Shipped, gather
from graphc.reading import expressions
from graphc.scope import KEYWORD, Told
from graphc.soundness import unsound
from graphc.tree import Argument, Assign, Call, Definition, Expr, File, Name, Statement
from graphc.unread import told_unread


def expand(file: File, report: Report) -> File:
    """The file with the statements of every block it uses. What is wrong goes to `report`."""
    library = gather(file, report)
    definitions = Definitions(library.blocks, library.own)
    bad = unsound(library, definitions, file, report)
    told_unread(file, library.own, report)
    named = [one for one in file.statements if isinstance(one, tree.Defining)]
    sizes = {one.name.id: one.value for one in named if isinstance(one, tree.Dimension)}
    values = {one.name.id for one in named if not isinstance(one, tree.Dimension)}
    called = definitions.called(expr for one in file.statements for expr in _computed(one))
    bad |= {name for name in called - {*library.blocks} if library.lacks(name)}
    calls = Calls(definitions, bad, sizes, values, report)
    expansion = Expansion(definitions, calls)
    frame = Frame(taken={one.name.id for one in named})
    for one in named:
        if isinstance(one, Assign):
            expansion.layer(one, frame, one.name.id, one.name.id in called)
    broken = set(file.broken) | bad
    for statement in file.statements:
        if isinstance(statement, tree.Optimizer):
            name = statement.rule.function.id
            if name not in library.updates and library.lacks(name):
                continue
        try:
            _statement(statement, frame, expansion)
        except (Told, RecursionError) as error:
            if isinstance(error, RecursionError):
                report.add("E0109", statement.span, "what this uses is nested too deeply")
            name = statement.name.id if isinstance(statement, Assign) else KEYWORD[type(statement)]
            broken.add(name)
    used = {s.rule.function.id: s.rule for s in file.statements if isinstance(s, tree.Optimizer)}
    updates: dict[str, Definition | Shipped] = {
        name: _update(library.updates[name], rule, expansion)
        for name, rule in used.items()
        if name in library.updates
    }
    return replace(
        file,
        statements=tuple(expansion.out),
        broken=frozenset(broken),
        blocks=tuple(library.blocks),
        updates=Shelf({**library.updates.known, **updates}),
        texts=tuple(source.text for source in library.sources),
    )


def _computed(one: Statement) -> Sequence[Expr]:
    """The expressions of a statement; what an optimizer is called is none."""
    if isinstance(one, tree.Optimizer):
        return [argument.value for argument in one.rule.arguments]
    return expressions(one)


def _statement(one: Statement, frame: Frame, expansion: Expansion) -> None:
    """Writes out a statement of the file."""
    expansion.of = one
    match one:
        case Assign() if one.name.id in frame.names:
            return  # a layer: its calls are written out
        case Assign():
            name = one.name.id
            value = expansion.expression(one.value, frame, Called(name, name, name))
            if value is one.value:
                expansion.out.append(one)
            elif not (isinstance(value, Name) and value.id == one.name.id):
                expansion.out.append(replace(one, value=value, of=one))
        case tree.Output():
            for word in one.names:
                if isinstance(layer := frame.names.get(word.id), Layer):
                    expansion.calls.told_layer(word, layer, frame)
            expansion.out.append(one)
        case tree.Loss():
            value = expansion.expression(one.value, frame)
            expansion.out.append(one if value is one.value else replace(one, value=value, of=one))
        case tree.Optimizer():
            inside, told = Frame(names=frame.names, inline=True), len(expansion.calls.report.found)
            given = tuple(
                Argument(each.name, expansion.expression(each.value, inside))
                for each in one.rule.arguments
            )
            if len(expansion.calls.report.found) > told:
                raise Told
            expansion.out.append(replace(one, rule=replace(one.rule, arguments=given), of=one))
        case _:
            expansion.out.append(one)


def _update(update: Definition, rule: Call, expansion: Expansion) -> Definition:
    """An update with the blocks in its rules put in, and those that change the gradient first.

    A block whose first argument is `gradient` can be named in any optimizer: `clip_norm = 1`.
    """
    arguments, before = list[tuple[Name, Expr | None]](), list[Assign]()
    gradient = Name(rule.span, "gradient")
    known = {name.id for name, _ in update.arguments}
    taken = known | {name.id for name in defined(update)}
    blocks = expansion.definitions.blocks
    try:
        for name, value in update.arguments:
            own = expansion.expression(value, Frame(inline=True)) if value is not None else None
            arguments.append((name, own))
        for one in rule.arguments:
            block = blocks.get(one.name.id) if one.name and one.name.id not in known else None
            if one.name and block is not None and names_of(block)[:1] == ["gradient"]:
                given = Argument(None, gradient), Argument(None, one.name)
                value = expansion.expression(Call(rule.span, one.name, given), Frame(inline=True))
                gradient = Name(rule.span, _free("clipped", taken))
                taken.add(gradient.id)
                before.append(Assign(rule.span, gradient, value))
                arguments.append((one.name, tree.Number(rule.span, 1)))
        frame = Frame(inline=True, names={"gradient": gradient} if before else {})
        body = [
            replace(one, value=expansion.expression(one.value, frame))
            if isinstance(one, Assign | tree.Next)
            else one
            for one in update.body
        ]
    except Told:
        return update
    return replace(update, arguments=tuple(arguments), body=(*before, *body))


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
