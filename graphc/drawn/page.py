"""A picture as one HTML page: a click on a block shows what is in it."""

from __future__ import annotations

from html import escape

from graphc.drawn.picture import Chain, Item, Picture
from graphc.drawn.style import STYLE
from graphc.drawn.svg import figure

TOP = "model"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<!-- {source} -->
<title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>{style}
html {{ color-scheme: light dark; }}
body {{ margin: 0; font: 15px system-ui, sans-serif; background: #ffffff; color: #1e293b; }}
nav {{ padding: 10px 14px 4px; }}
nav a {{ color: #2563eb; }}
figure {{ margin: 0; overflow-x: auto; }}
.graph a {{ cursor: pointer; }}
.shown section {{ display: none; }}
.shown section.now {{ display: block; }}
p {{ margin: 4px 14px 14px; color: #64748b; font-size: 13px; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #0f172a; color: #e2e8f0; }}
  nav a {{ color: #60a5fa; }}
}}
</style>
</head>
<body>
{sections}
<p>{hint}</p>
<script>
function turn() {{
  const named = document.getElementById(location.hash.slice(1));
  const now = named || document.getElementById("{top}");
  document.body.className = "shown";
  for (const one of document.querySelectorAll("section")) one.classList.toggle("now", one === now);
  window.scrollTo(0, 0);
}}
addEventListener("hashchange", turn);
turn();
</script>
</body>
</html>
"""


def html(picture: Picture) -> str:
    """The page: a section for the model and one for each block, of which one is shown."""
    hint = "Rest on something to read more about it."
    if picture.boxes:
        hint = f"Click on a block to see what is in it. {hint}"
    sections = [_section(picture, ())]
    sections += [_section(picture, chain) for chain in picture.boxes]
    return PAGE.format(
        source=escape(picture.source).replace("--", "- -"),
        title=escape(picture.title),
        style=STYLE,
        sections="\n".join(sections),
        hint=hint,
        top=TOP,
    )


def _section(picture: Picture, chain: Chain) -> str:
    level = picture.inside(chain) if chain else picture.top
    title = " ".join(picture.boxes[chain].title) if chain else picture.title
    drawn = figure(picture, level, title, head=False, link=_link, bare=False)
    way = [f'<a href="#{TOP}">{escape(picture.title)}</a>']
    for depth in range(1, len(chain) + 1):
        box = picture.boxes[chain[:depth]]
        way.append(f'<a href="#{box.key}">{escape(" ".join(box.title))}</a>')
    way[-1] = f"<b>{way[-1].partition('>')[2].removesuffix('</a>')}</b>"
    key = picture.boxes[chain].key if chain else TOP
    return (
        f'<section id="{key}">\n<nav>{" › ".join(way)}</nav>\n'
        f"<figure>\n{drawn}\n</figure>\n</section>"
    )


def _link(item: Item) -> str:
    return f"#{item.key}" if item.kind == "box" else ""
