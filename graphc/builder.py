"""Lark's callbacks for model files: one record of the tree per statement."""

from __future__ import annotations

from graphc import tree
from graphc.grammar import BadToken, ExprBuilder, Items


class FileBuilder(ExprBuilder):
    """Lark's callbacks for `network.lark`: one record of the tree per statement."""

    def type(self, items: Items) -> tree.Type:
        kind, dims = items
        if kind is not None and kind != "int":
            hint = f"numbers need no word: `{self.source.text[dims.span.start : dims.span.end]}`"
            raise BadToken(
                "E0307", f"`{kind}` is no kind of data; `int` is the only one", kind, hint
            )
        span = self.span(dims if kind is None else kind, dims)
        return tree.Type(span, kind is not None, dims.items)

    def setting(self, items: Items) -> tree.Statement:
        keyword, word = items
        value = self.number([word]) if word.type == "NUMBER" else self.named(word)
        return tree.Setting(self.span(keyword, word), str(keyword), value)  # type: ignore[arg-type]

    def dimension(self, items: Items) -> tree.Statement:
        return tree.Dimension(self.span(items[0], items[3]), self.named(items[1]), items[3])

    def data(self, items: Items) -> tree.Statement:
        kind, name, _, type_ = items
        return tree.DataInput(self.span(kind, type_), str(kind), self.named(name), type_)

    def param(self, items: Items) -> tree.Statement:
        keyword, name, _, type_, _, init, frozen = items
        span = self.span(keyword, frozen or init)
        return tree.Param(span, name, type_, init, frozen is not None)

    def const(self, items: Items) -> tree.Statement:
        keyword, name, _, type_, _, value = items
        return tree.Const(self.span(keyword, value), name, type_, value)

    def assign(self, items: Items) -> tree.Statement:
        return tree.Assign(self.span(items[0], items[2]), items[0], items[2])

    def output(self, items: Items) -> tree.Statement:
        names = tuple(item for item in items if isinstance(item, tree.Name))
        return tree.Output(self.span(items[0], items[-1]), names)

    def loss(self, items: Items) -> tree.Statement:
        return tree.Loss(self.span(items[0], items[1]), items[1])

    def optimizer(self, items: Items) -> tree.Statement:
        keyword, name, rest = items
        span = self.span(name, rest[-1] if rest else name)
        rule = tree.Call(span, self.named(name), tuple(rest[:-1]) if rest else ())
        return tree.Optimizer(self.span(keyword, rule), rule)

    def train(self, items: Items) -> tree.Statement:
        return tree.Train(self.span(items[0], items[1][-1]), tuple(items[1][:-1]))

    def import_(self, items: Items) -> tree.Statement:
        keyword, text = items
        path = tree.Name(self.span(text), str(text)[1:-1])
        return tree.Import(self.span(keyword, text), path)

    def parameter(self, items: Items) -> tuple[tree.Name, tree.Expr | None]:
        return self.named(items[0]), items[2] if items[1] is not None else None

    def parameters(self, items: Items) -> tuple[tuple[tree.Name, tree.Expr | None], ...]:
        return tuple(item for item in items if isinstance(item, tuple))

    def definition(self, items: Items) -> tree.Statement:
        keyword, name, arguments, brace = items
        return tree.Definition(self.span(keyword, brace), str(keyword), self.named(name), arguments)

    def return_(self, items: Items) -> tree.Statement:
        return tree.Return(self.span(items[0], items[1]), items[1])

    def state(self, items: Items) -> tree.Statement:
        return tree.State(self.span(items[0], items[3]), self.named(items[1]), items[3])

    def next_(self, items: Items) -> tree.Statement:
        primed = self.named(items[0])
        name = tree.Name(primed.span, primed.id.removesuffix("'"))
        return tree.Next(self.span(items[0], items[2]), name, items[2])

    def end(self, items: Items) -> tree.Statement:
        return tree.End(self.span(items[0]))
