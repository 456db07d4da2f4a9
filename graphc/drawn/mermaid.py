"""A picture in the language of Mermaid, which Markdown pages show."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.drawn.picture import Item, Level, Picture
from graphc.drawn.style import BACK, COLOURS, INK

BRACKETS = {  # of each kind, the two ends of its form
    "input": ("([", "])"),
    "target": ("([", "])"),
    "param": ("[", "]"),
    "frozen": ("[", "]"),
    "const": ("[", "]"),
    "step": ("(", ")"),
    "box": ("[[", "]]"),
    "output": ("(", ")"),
    "loss": ("((", "))"),
}
SPELT = {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"}


def mermaid(picture: Picture) -> str:
    """The whole picture as a `flowchart`."""
    flat = picture.flat
    lines = [f"%% {picture.source}", "flowchart LR", *_level(picture.top, "  ")]
    red: list[int] = []
    count = 0

    def arrow(start: str, end: str, label: str, back: bool) -> None:
        nonlocal count
        if back:
            red.append(count)
        line = "-.->" if back else "-->"
        lines.append(f"  {start} {line}{f'|{_quoted(label)}|' if label else ''} {end}")
        count += 1

    for edge in flat.edges:
        arrow(edge.start, edge.end, flat.shapes.get(edge.value, ""), False)
    sums = {one: f"s{place}" for place, one in enumerate(flat.sums)}
    for (start, value), name in sums.items():
        lines.append(f'  {name}(("+"))')
        arrow(name, start, flat.gradients.get(value, ""), True)
    for edge, back in flat.edges.items():
        if back:
            target = sums.get((edge.start, edge.value))
            label = "" if target else flat.gradients.get(edge.value, "")
            arrow(edge.end, target or edge.start, label, True)
    for kind in dict.fromkeys(item.look for item in flat.items.values()):
        fill, line, *_ = COLOURS[kind]
        dashed = ",stroke-dasharray:5 3" if kind in ("target", "frozen") else ""
        colours = f"fill:{fill},stroke:{line},color:{INK}{dashed}"
        lines.append(f"  classDef {kind}Kind {colours}")
    if red:
        lines.append(f"  linkStyle {','.join(map(str, red))} stroke:{BACK}")
    return "\n".join([*lines, ""])


def _level(level: Level, margin: str) -> Iterator[str]:
    for item in level.items.values():
        if item.level is not None:
            yield f"{margin}subgraph {item.key}[{_quoted(' '.join(item.title))}]"
            yield from _level(item.level, margin + "  ")
            yield f"{margin}end"
        elif item.kind != "port":
            yield margin + _node(item)


def _node(item: Item) -> str:
    opening, closing = BRACKETS[item.look]
    label = _quoted("\n".join([*item.title, *item.small]))
    return f"{item.key}{opening}{label}{closing}:::{item.look}Kind"


def _quoted(text: str) -> str:
    """A text in quotes, as Mermaid spells what it would read as its own."""
    spelt = "".join(SPELT.get(letter, letter) for letter in text)
    return '"' + spelt.replace("\n", "<br/>") + '"'
