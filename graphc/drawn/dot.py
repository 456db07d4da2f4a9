"""A picture in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.drawn.picture import Item, Level, Picture
from graphc.drawn.style import BACK, COLOURS, LINE

STYLES = {  # of the kinds that are not plain rectangles
    "input": "rounded,filled",
    "target": "rounded,filled,dashed",
    "frozen": "filled,dashed",
    "step": "rounded,filled",
    "box": "rounded,filled",
    "output": "rounded,filled,bold",
    "loss": "rounded,filled",
}


def dot(picture: Picture) -> str:
    """The whole picture as a `digraph`."""
    flat = picture.flat
    lines = [
        f"// {picture.source}",
        f"digraph {_quoted(picture.title)} {{",
        "  rankdir=LR;",
        '  node [fontname="monospace", fontsize=11];',
        f'  edge [fontname="monospace", fontsize=9, color="{LINE}"];',
        *_level(picture.top, "  "),
    ]
    for edge in flat.edges:
        label = flat.shapes.get(edge.value, "")
        lines.append(f"  {edge.start} -> {edge.end} [label={_quoted(label)}];")
    sums = {one: f"s{place}" for place, one in enumerate(flat.sums)}
    look = f'style=dashed, color="{BACK}", fontcolor="{BACK}", constraint=false'
    for (start, value), name in sums.items():
        lines.append(f'  {name} [label="+", shape=circle, margin=0, width=0.2, color="{BACK}"];')
        label = _quoted(flat.gradients.get(value, ""))
        lines.append(f"  {name} -> {start} [label={label}, {look}];")
    for edge, back in flat.edges.items():
        if back:
            target = sums.get((edge.start, edge.value))
            label = _quoted("" if target else flat.gradients.get(edge.value, ""))
            lines.append(f"  {edge.end} -> {target or edge.start} [label={label}, {look}];")
    return "\n".join([*lines, "}", ""])


def _level(level: Level, margin: str) -> Iterator[str]:
    for item in level.items.values():
        if item.level is not None:
            yield f"{margin}subgraph cluster_{item.key} {{"
            yield f'{margin}  style=rounded; color="{LINE}"; fontname="monospace"; fontsize=11;'
            yield f"{margin}  label={_quoted(' '.join(item.title))};"
            yield from _level(item.level, margin + "  ")
            yield f"{margin}}}"
        elif item.kind != "port":
            yield f"{margin}{item.key} [{_look(item)}];"


def _look(item: Item) -> str:
    fill, line, *_ = COLOURS[item.look]
    style = STYLES.get(item.look, "filled")
    label, tip = _quoted("\n".join([*item.title, *item.small])), _quoted(item.tip)
    rings = ", peripheries=2" if item.kind == "box" or (item.output and item.kind != "step") else ""
    colours = f'fillcolor="{fill}", color="{line}"'
    return f'label={label}, tooltip={tip}, shape=box, style="{style}", {colours}{rings}'


def _quoted(text: str) -> str:
    """A string of DOT."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inside}"'
