"""The page's style sheet: its colours are variables, in light, in dark and on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5d6878; --line: #d9dee6;
  --paper: #fff; --card: #f6f8fa; --a: #2563eb; --b: #d97706; --good: #2563eb; --bad: #dc2626; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa6b6;
  --line: #39424f; --paper: #14181f; --card: #1c222b; --a: #60a5fa; --b: #fbbf24;
  --good: #3b82f6; --bad: #ef4444; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.6rem 1.25rem 4rem; max-width: 72rem; background: var(--paper);
  color: var(--ink); font: .95rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .6rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; padding-top: .8rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
p { margin: .3rem 0 .8rem; }
.soft, small, figcaption, .key { color: var(--soft); }
.soft, figcaption, .key { font-size: .88rem; }
.note, .failure { padding: .5rem .8rem; background: var(--card); border-left: 4px solid var(--b); }
.failure { border-color: var(--bad); }
code, pre { font: .84rem/1.45 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code, dd { overflow-wrap: anywhere; }
pre { margin: .5rem 0; padding: .6rem .9rem; background: var(--card); border-radius: .4rem;
  overflow-x: auto; }
#command { white-space: pre-wrap; }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; }
.card { padding: .6rem 1rem; background: var(--card); border-radius: .5rem; min-width: 9.5rem; }
.card span, .card small { display: block; color: var(--soft); font-size: .84rem; }
.card b { font-size: 1.45rem; font-weight: 600; }
.card.main { outline: 2px solid var(--a); }
.charts, .small { display: flex; flex-wrap: wrap; gap: 1rem 1.6rem; }
.charts > figure, .small > figure { flex: 1 1 26rem; max-width: 33rem; }
#fit .charts > figure { flex: 1 1 24rem; max-width: 27rem; }
.small .chart { width: 48%; }
figure { margin: 0; break-inside: avoid; min-width: 0; }
figcaption { margin-bottom: .1rem; }
.key { margin: 0; display: flex; gap: 1rem; }
.swatch { display: inline-block; width: 1.1em; height: .22em; margin-right: .4em;
  vertical-align: middle; background: var(--at); }
.a { --at: var(--a); } .b { --at: var(--b); }
.chart { max-width: 100%; height: auto; }
.chart text { font: 11px system-ui, sans-serif; fill: var(--soft); }
.chart .strong { fill: var(--ink); }
.chart .end { text-anchor: end; } .chart .mid { text-anchor: middle; }
.grid { stroke: var(--line); stroke-width: .7; }
.axis, .tick { fill: none; stroke: var(--soft); stroke-width: 1; }
.mark { fill: none; stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 4 3; }
.line { fill: none; stroke: var(--at); stroke-width: 1.7; stroke-linejoin: round; }
.line.thin { stroke-width: 1.1; }
.dot { fill: none; stroke: var(--at); stroke-linecap: round; }
.see-through { stroke-opacity: .5; }
.area { fill: var(--at); }
.ridge { fill: color-mix(in srgb, var(--at) 38%, var(--paper)); stroke: var(--at);
  stroke-width: 1; stroke-linejoin: round; }
.hover { fill: var(--ink); opacity: 0; }
.hover:hover { opacity: .1; }
.graph { background: none; }
.graph .paper { fill: none; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; margin: .5rem 0; }
td, th { text-align: left; padding: .22rem .7rem .22rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: normal; }
.number, .total { text-align: right; font-variant-numeric: tabular-nums; }
.name { display: inline-block; max-width: 16rem; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; vertical-align: bottom; }
.confusion td { text-align: center; padding: .2rem .3rem; min-width: 3.4rem; height: 2.6rem;
  border: 2px solid var(--paper); line-height: 1.15; font-variant-numeric: tabular-nums; }
.confusion th { padding: .2rem .6rem .2rem 0; border: 0; text-align: center; color: var(--ink); }
.confusion th:first-child { text-align: right; }
.confusion .corner { color: var(--soft); font-size: .8rem; vertical-align: bottom; }
.confusion .total, .confusion tr:first-child th:last-child { color: var(--soft); }
.confusion td small { display: block; font-size: .7rem; color: inherit; opacity: .75;
  white-space: nowrap; }
.confusion.small td { min-width: 2.7rem; font-size: .8rem; }
.turned tr:first-child th:not(.corner) { vertical-align: bottom; }
.turned tr:first-child th .name { writing-mode: vertical-rl; transform: rotate(180deg);
  max-width: none; max-height: 9rem; }
.right, .wrong { background: color-mix(in srgb, var(--tint) calc(12% + 63% * var(--share)),
  var(--paper)); }
.right { --tint: var(--good); } .wrong { --tint: var(--bad); }
.none { color: var(--soft); background: var(--card); }
.bar { display: inline-block; width: 9rem; padding-left: .3rem;
  background: linear-gradient(color-mix(in srgb, var(--a) 35%, var(--paper)) 0 0)
  no-repeat left / calc(100% * var(--share)) 100%; }
.heat td, .heat th { padding: 1px; border: 0; }
.heat td:first-child { padding-right: .8rem; white-space: nowrap; }
.heat td span { display: block; min-width: 4rem; padding: .1rem .35rem; font-size: .76rem;
  background: color-mix(in srgb, var(--b) calc(70% * var(--share)), var(--card)); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; }
dt { color: var(--soft); } dd { margin: 0; }
details { margin: .6rem 0; }
summary { cursor: pointer; color: var(--soft); }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3 { break-after: avoid; }
  pre { white-space: pre-wrap; }
  .charts > figure, .small > figure, #fit .charts > figure { flex: 0 0 calc(50% - .9rem); }
  .confusion td, .confusion.small td { min-width: 0; padding: .2rem; }
  svg.graph { max-width: 100%; height: auto; }
  .card, tr, figure { break-inside: avoid; }
}
"""
