"""What a picture shows: nodes, boxes inside one another, and the edges between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

Chain = tuple[tuple[str, int, int, int], ...]  # the calls that lead to a box, the first one first
KINDS = {  # in the order of the legend
    "input": "input",
    "target": "target",
    "param": "parameter",
    "frozen": "frozen parameter",
    "const": "constant",
    "step": "computed",
    "box": "block",
    "output": "output",
    "loss": "loss",
}


@dataclass
class Item:
    """One thing that is drawn; `level` is what is inside a box that is open."""

    key: str
    kind: str  # of KINDS, or `port`: where a value enters or leaves the box that is drawn
    title: list[str]
    small: list[str] = field(default_factory=list)
    tip: str = ""
    output: bool = False
    chain: Chain = ()  # of a box
    value: int = -1  # the key of what it gives
    level: Level | None = None

    @property
    def look(self) -> str:
        """The kind that its form and colour tell."""
        return "output" if self.output and self.kind == "step" else self.kind


@dataclass(frozen=True)
class Edge:
    """A value on its way from what makes it to one that reads it."""

    start: str
    end: str
    value: int


@dataclass
class Level:
    """What is drawn side by side: a model, or the inside of one box."""

    items: dict[str, Item] = field(default_factory=dict)
    edges: dict[Edge, int] = field(default_factory=dict)  # how many gradients come back
    shapes: dict[int, str] = field(default_factory=dict)  # of the values
    gradients: dict[int, str] = field(default_factory=dict)  # what they are called

    @property
    def sums(self) -> list[tuple[str, int]]:
        """The values of which several gradients add up, with what makes them."""
        count: dict[tuple[str, int], int] = {}
        for edge, back in self.edges.items():
            one = (edge.start, edge.value)
            count[one] = count.get(one, 0) + back
        return [one for one, parts in count.items() if parts > 1]

    def nested(self) -> Iterator[Level]:
        """Itself, and the insides of its open boxes."""
        yield self
        for item in self.items.values():
            if item.level is not None:
                yield from item.level.nested()

    def everything(self) -> Iterator[Item]:
        """Its items and those inside its open boxes, ports left out."""
        for level in self.nested():
            yield from (item for item in level.items.values() if item.kind != "port")


@dataclass(frozen=True)
class Picture:
    """A whole drawing: its title, what it was made from, its levels.

    `inside` gives what is in each box when that alone is drawn, and `path` the boxes around it.
    """

    title: str
    source: str  # the line that says where it comes from
    top: Level
    backward: bool
    flat: Level  # all that is visible side by side, open boxes left out
    inside: Callable[[Chain], Level]
    boxes: Mapping[Chain, Item]
    visible: Mapping[int, str]  # the item of `flat` that stands for each value

    def legend(self, level: Level) -> list[tuple[str, str]]:
        """The kinds that are drawn in a level, and what they are called."""
        used = {item.look for item in level.everything()}
        return [(kind, word) for kind, word in KINDS.items() if kind in used]
