"""plan -> functions: draw, forward, loss, backward, track, update, in one of the two styles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphc import printing, tree
from graphc.dataflow import behind, operands
from graphc.phases import CAPTIONS, EVALUATE, LOSSES, OUTPUTS
from graphc.plan import Plan
from graphc.statements import Line, Speller, Used
from graphc.writer import Writer


def title(name: str) -> str:
    """A file's name as text that cannot end a comment or a string."""
    return ascii(name)[1:-1].replace('"', "'")


class Functions:
    """Prints the functions of a module, in one of the two styles."""

    def __init__(self, plan: Plan, rule: Plan, plain: bool) -> None:
        self.plan = plan
        self.rule = rule
        self.plain = plain
        self.spell, self.spell_rule = Speller(plan, plain), Speller(rule, plain)
        self._used: dict[str, Used] = {}
        self._enter: dict[str, set[str]] = {}
        self._printed: dict[tree.Statement, str] = {}

    @property
    def words(self) -> dict[str, float]:
        """The numbers that the statements printed so far take as arrays."""
        return self.spell.words | self.spell_rule.words

    def signature(self, name: str) -> list[str]:
        """The arguments of a function: what it uses of parameters, gradients, buffers and data."""
        used = self.used(name)
        if name == "draw":
            return ["buf", "rng"]
        grads = ["grads"] if name == "backward" else []
        return ["params", *grads, "buf", *used.data]

    def used(self, name: str) -> Used:
        """What a function refers to."""
        if name not in self._used:
            self._used[name] = self._uses(name)
        return self._used[name]

    def _uses(self, name: str) -> Used:
        keys = self.plan.functions[name]
        loss, graph = self.plan.graph.loss, self.plan.graph
        returned = behind(loss, graph) if name in LOSSES and loss is not None else []
        return self.spell.used(keys, [key for key in returned if key not in keys])

    def print(self, out: Writer, mode: str = "") -> None:
        """Every function of the plan; `mode` is said of those of which there are two kinds."""
        for name, keys in self.plan.functions.items():
            if keys or name not in OUTPUTS:
                self._function(out, name, mode)

    def _function(self, out: Writer, name: str, mode: str) -> None:
        out.line(f"def {name}({', '.join(self.signature(name))}):")
        keys = self.plan.functions[name]
        with out.indented():
            told = CAPTIONS[name].replace("$mode", mode)
            left_out = self.plan.graph.left_out if name == EVALUATE[0] else ()
            if left_out:
                out.line(f'"""{told}')
                out.line()
                out.line(f"Here {', '.join(one.replace(': ', ' is ', 1) for one in left_out)}.")
                out.line('"""')
            else:
                out.line(f'"""{told}"""')
            used = self.used(name)
            views = self.spell.views(keys)
            self._unpack(out, "params", {one: one for one in (*used.params, *views.of_params)})
            self._unpack(out, "grads", used.gradients if name == "backward" else {})
            own = {self.plan.names[key] for key in keys}
            passed = (*used.arrays, *used.work, *views.of_arrays)
            if self.plain:
                entering = self._entering(name)
                passed = tuple(one for one in used.arrays if one in entering or one not in own)
            self._unpack(out, "buf", {one: one for one in (*used.sizes, *passed)})
            self._statements(out, self.spell, keys, name)
            if self.plain:
                crossing = self._crosses(name)
                later = [one for one in used.arrays if one in own and one in crossing]
                for one in later:
                    out.line(f"buf.{one} = {one}")
            if name in LOSSES and self.plan.graph.loss is not None:
                out.line(f"return {self.spell.value(self.plan.graph.loss)}")
            elif not keys:
                out.line("return")
        out.line()
        out.line()

    def _entering(self, function: str) -> set[str]:
        """The names that a function reads before it assigns them."""
        if function not in self._enter:
            found: set[str] = set()
            assigned: set[str] = set()
            for key in self.plan.functions[function]:
                read = operands(self.plan.graph[key], self.plan.graph)
                found |= {self.plan.names.get(one, "") for one in read} - assigned
                assigned.add(self.plan.names[key])
            loss = self.plan.graph.loss if function in LOSSES else None
            if loss is not None:
                found |= {self.plan.names.get(loss, "")} - assigned
            self._enter[function] = found
        return self._enter[function]

    def _crosses(self, function: str) -> set[str]:
        """The names under which a function leaves what another one, or a caller, reads."""
        found = {self.plan.names.get(key, "") for key in self.plan.graph.outputs.values()}
        for other in self.plan.functions:
            if other != function:
                found |= self._entering(other)
        return found

    def update(self, out: Writer) -> None:
        """The function of the optimizer, and the class of what it keeps."""
        spell, rule = self.spell_rule, self.rule
        scratch = [] if self.plain else [name for array in rule.arrays for name in array.names]
        masks = ["matrices"] if rule.masked else []
        out.line("def update(theta, gradient, state, step, epoch):")
        with out.indented():
            out.line('"""One step of the optimizer; `step` counts from 1, `epoch` from 0."""')
            self._unpack(out, "state", {one: one for one in (*rule.states, *masks, *scratch)})
            keys = rule.functions["update"]
            if "size" in spell.sizes(keys):
                out.line("size = theta.size")
            if optimizer := self.plan.graph.settings.optimizer:
                out.gap()
                out.line(f"# {self.mark(optimizer.of or optimizer)}")
            if self.plain or not rule.blocked:
                self._statements(out, spell, keys, "update")
            else:
                blocked = [key for key in keys if key in rule.blocked]
                self._statements(out, spell, [key for key in keys if key not in blocked], "update")
                own, used = ("gradient", *rule.states, *masks, *scratch), set[str]()
                for key in blocked:
                    read = operands(rule.graph[key], rule.graph)
                    used |= {rule.names[one] for one in (key, *read) if one in rule.names}
                    used |= {slot.name for slot in rule.work.get(key, {}).values()}
                names = ", ".join(["theta", *(one for one in own if one in used)])
                out.line(f"for {names} in blocks({names}):")
                with out.indented():
                    self._statements(out, spell, blocked, "update")
        out.line()
        out.line()

    def _unpack(self, out: Writer, source: str, names: Mapping[str, str]) -> None:
        """Binds names to attributes of `source`, several to a line."""
        pairs, end = list(names.items()), 0
        while end < len(pairs):
            first, width = end, 8
            while end < len(pairs) and (end == first or width < 92):
                width += len(pairs[end][0]) + len(pairs[end][1]) + len(source) + 5
                end += width < 92 or end == first
            line = pairs[first:end]
            left = ", ".join(name for name, _ in line)
            out.line(f"{left} = {', '.join(f'{source}.{attribute}' for _, attribute in line)}")

    def _statements(self, out: Writer, spell: Speller, keys: Sequence[int], name: str) -> None:
        place = part = rule = form = None
        again = set(self.plan.functions.get("outputs", ())) if name == "backward" else set()
        for key in keys:
            statement, line = spell.graph[key].origin.statement, spell.line(key)
            source = statement.of or statement if statement is not None else None
            if source is not None and source is not place:
                out.gap()
                out.line(f"# {self.mark(source)}")
                if key in again:
                    out.line("# as in `outputs`, which a training step leaves out")
                place, part = source, source
            if statement is not None and statement is not part:
                if part is not source:  # the first stands right below what it is a part of
                    out.gap()
                out.line(f"#   {printing.statement(statement)}")
                part = statement
            if line.form and line.form != form:
                out.line(f"# {line.form}")
            form = line.form or form
            if line.rule and line.rule != rule:
                for text in line.rule.split("\n"):
                    out.line(f"# {text}")
            rule = line.rule or rule
            if line.remark:
                out.line(f"# {line.remark}")
            self._one(out, spell, key, line)

    def _one(self, out: Writer, spell: Speller, key: int, line: Line) -> None:
        if not self.plain:
            out.statement(line.code, line.meaning)
            return
        home = spell.plan.homes.get(key)
        name, _, value = line.meaning.partition(" = ")
        given = home is not None and home.kind != "array"
        out.line(f"{name}[...] = {value}" if given else line.meaning)

    def mark(self, statement: tree.Statement) -> str:
        """Where a statement of the model file stands, and what it says."""
        if statement not in self._printed:
            place = f"{title(self.plan.graph.settings.source)}:{statement.span.line}"
            self._printed[statement] = f"{place}  {printing.statement(statement)}"
        return self._printed[statement]
