"""tree -> graph of the update: the optimizer's rule over the flat vectors of all parameters."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from graphc import printing, tree
from graphc.arguments import complete, matched
from graphc.binding import Binding
from graphc.book import book
from graphc.dataflow import Graph, Leaf, Node, Origin, Settings, operands, overwrites
from graphc.dims import Dim, Mismatch
from graphc.draft import Draft
from graphc.errors import Report
from graphc.frames import TIMES, VECTORS
from graphc.rules import Scope
from graphc.schedule import Measured, check, out_of_range
from graphc.settled import settled
from graphc.tree import Call, Definition, Expr

DEFAULT = "sgd"
MOST_RULES = 100  # of an update


def build(settings: Settings, report: Report, options: Mapping[str, float]) -> Graph:
    """The graph of one update. What is wrong with the optimizer's arguments goes to `report`.

    `options` override arguments; raises ValueError for one that the optimizer does not have, or a
    value that it may not have.

    Its leaves are the flat vectors `parameter`, `gradient`, `matrices` and the rule's states, and
    the scalars `step` and `epoch`; its outputs are the vectors after the step.
    """
    rule = settings.optimizer.rule if settings.optimizer else None
    name = rule.function.id if rule else DEFAULT
    if rule is not None and name not in settings.updates:
        message, known = f"there is no optimizer `{name}`", sorted(settings.updates)
        hint = report.nearest(name, known) or f"there are {', '.join(known)}"
        report.add("E0701", rule.function.span, message, help=hint)
        return Graph.of([], settings)
    update = settings.updates[name]
    if (number := len(_rules(update))) > MOST_RULES:
        message = f"`{name}` has {number} rules, and {MOST_RULES} are allowed"
        report.add("E0906", update.name.span, message)
        return Graph.of([], settings)
    arguments = _arguments(update, rule, settings.dtype, report)
    for option, value in options.items():
        if option not in arguments:
            raise ValueError(f"the optimizer {name} has no argument {option}")
        if problem := out_of_range(option, value):
            raise ValueError(problem.replace("`", ""))
        arguments[option] = tree.Number(update.span, value)
    if report.failed:
        return Graph.of([], settings)
    graph = _graph(update, arguments, settings, report)
    return _ordered(graph) if graph is not None else Graph.of([], settings)


def _graph(
    update: Definition, arguments: Mapping[str, Expr], settings: Settings, report: Report
) -> Graph | None:
    """The rule as it is written: an output for every value after the step.

    None if it does more than reckon with numbers, each for itself, which is reported.
    """
    draft = Draft()
    starts = {one.name.id: one.value for one in update.body if isinstance(one, tree.State)}
    values = {
        name: draft.place(Node(-1, (Dim.of("size"),), leaf=Leaf("given", name, _number(start))))
        for name, start in {**dict.fromkeys(VECTORS), **starts}.items()
    }
    values |= {time: draft.place(Node(-1, (), leaf=Leaf("given", time))) for time in TIMES}
    definitions = {name: one.value for name, one in _rules(update).items()}
    binding = Binding(update, definitions, arguments, settings.dtype, report)
    bound = {name: binding.rule(rule) for name, rule in definitions.items()}
    if report.failed:
        return None
    scope = Scope(draft, values, {}, {**bound, **arguments}, settings.dtype)
    outputs = {}
    changing = {name: expr for name, expr in arguments.items() if tree.parts(expr)}
    told = settled({**changing, **definitions}, arguments)
    for name, rule in told.items():
        draft.origin = Origin(rule=f"{name} = {printing.show(rule)}", backward=True)
        first = draft.next
        try:
            key = scope.value(name)
        except Mismatch as mismatch:
            _told(update, name, str(mismatch), report)
            return None
        for node in (draft[made] for made in range(first, draft.next)):
            if node.op is not None and (wrong := _unfit(node)):
                _told(update, name, wrong, report)
                return None
        if name.endswith("'"):
            if not draft[key].shape:  # one number for all
                key = draft.add(book().roles["spread"], (key,), {"shape": (Dim.of("size"),)})
            outputs[name.removesuffix("'")] = key
        elif draft[key].op is not None and draft[key].shape:
            draft.nodes[key] = draft[key]._replace(label=name)
    return Graph.of(draft.nodes.values(), settings, outputs=outputs)


def _rules(update: Definition) -> dict[str, tree.Assign | tree.Next]:
    """The rules of an update by what they define: `g`, or `v'`, the value after the step."""
    rules = [one for one in update.body if isinstance(one, tree.Assign | tree.Next)]
    return {f"{r.name.id}'" if isinstance(r, tree.Next) else r.name.id: r for r in rules}


def _unfit(node: Node) -> str:
    """What is wrong with an operation of a rule: it keeps no vector a vector; or nothing."""
    assert node.op is not None
    flat = node.op.elementwise or not node.shape or (node.op.role and not node.op.view)
    shapes = ((), (Dim.of("size"),))
    if node.op.drawn or node.op.evaluation:
        return f"`{node.op.name}` draws numbers or keeps statistics, which an update does not"
    if flat and node.shape in shapes and not node.op.integers:
        return ""
    return f"`{node.op.name}` does not take each number for itself"


def _told(update: Definition, name: str, wrong: str, report: Report) -> None:
    """Reports a rule that cannot be one over flat vectors."""
    rule = _rules(update).get(name, update.name)
    message = f"the rule of `{name}` cannot be used: {wrong}"
    report.add("E0404", rule.span, message, help=FLAT)


FLAT = "a rule reckons with numbers, each for itself, or joins all: `sum(...)`, `norm(gradient)`"


def _number(start: Expr | None) -> int | float | None:
    return start.value if isinstance(start, tree.Number) else None


def _ordered(graph: Graph) -> Graph:
    """The statements in an order in which no vector is replaced while it is still to be read.

    Where there is none, because two vectors take each other's place or one statement would spoil
    what it reads, the new one waits in a copy.
    """
    leaves = {node.leaf.name: node.key for node in graph.leaves("given") if node.leaf}
    needs = nx.DiGraph(graph.net)
    outputs, copies, taken = dict(graph.outputs), Draft(graph), set[int]()
    for name, key in graph.outputs.items():
        if name not in leaves:
            continue
        leaf, node = leaves[name], graph[key]
        readers = [one for one in graph.readers(leaf) if one != key]
        needs.add_edges_from((reader, key) for reader in readers)
        spoils = node.op is None or (
            leaf in operands(node, graph) and not overwrites(node, leaf, graph)
        )
        spoils |= key in taken  # the same value for two vectors
        taken.add(key)
        if not spoils and nx.is_directed_acyclic_graph(needs):
            continue
        needs.remove_edges_from([(one, key) for one in readers if not graph.net.has_edge(one, key)])
        copies.origin = graph[key].origin
        shape = {"shape": graph[leaf].shape}
        outputs[name] = copies.add(book().roles["spread"], (key,), shape)
        needs.add_edge(key, outputs[name])
        needs.add_edges_from((reader, outputs[name]) for reader in readers)
    order = nx.lexicographical_topological_sort(needs, key=lambda key: key)
    return Graph.of([copies[key] for key in order], graph.settings, outputs=outputs)


def without_idle_states(graph: Graph) -> Graph:
    """The graph without the states that nothing but their own next value reads."""
    graph = _with_parameter(graph)
    outputs = dict(graph.outputs)
    leaves = {node.leaf.name: node.key for node in graph.leaves("given") if node.leaf}

    def idle(name: str) -> bool:
        others = graph.before(key for other, key in outputs.items() if other != name)
        return name != "parameter" and leaves.get(name) not in others

    def unchanged(name: str) -> bool:
        node = graph[outputs[name]]
        return node.op is book().roles["spread"] and node.operands == (leaves.get(name),)

    while found := [name for name in outputs if unchanged(name) or idle(name)]:
        del outputs[found[0]]
    kept = graph.before(outputs.values()) | {leaves[name] for name in outputs if name in leaves}
    nodes = [node for node in graph.nodes if node.key in kept]
    return _ordered(Graph.of(nodes, graph.settings, outputs=outputs))


def _with_parameter(graph: Graph) -> Graph:
    """The graph with the vector that is updated, also if no rule reads it."""
    if any(node.leaf and node.leaf.name == "parameter" for node in graph.leaves("given")):
        return graph
    draft = Draft(graph)
    draft.place(Node(-1, (Dim.of("size"),), leaf=Leaf("given", "parameter")))
    return Graph.of(draft.nodes.values(), graph.settings, outputs=graph.outputs)


def _arguments(
    update: Definition, rule: Call | None, dtype: str, report: Report
) -> dict[str, Expr]:
    """The rule's arguments: the user's where given, else the defaults."""
    defaults = {name.id: value for name, value in update.arguments if value is not None}
    given: dict[str, Expr] = {}
    if rule is not None:
        names, signature = [name.id for name, _ in update.arguments], printing.signature(update)
        given, sound = matched(rule, names, signature, report)
        needed = [name for name in names if name not in defaults]
        if sound:
            complete(rule, given, needed, signature, report)
    sound, before = not report.failed, dict[str, Measured]()
    for name, _ in update.arguments:
        flag = isinstance(defaults.get(name.id), tree.Flag)
        if name.id in given:
            before[name.id] = check(name.id, given[name.id], flag, dtype, report)
        elif name.id in defaults and sound:  # else its text may have been told
            value = defaults[name.id]
            before[name.id] = check(name.id, value, flag, dtype, report, before)
    return {  # flags as the numbers that rules reckon with
        name: tree.Number(expr.span, int(expr.value)) if isinstance(expr, tree.Flag) else expr
        for name, expr in (defaults | given).items()
    }
