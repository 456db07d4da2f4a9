"""The losses of a run as curves in the terminal: a line for training, dots for held-out rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

    from graphc.training.history import Epoch, History

MARGIN = 10  # columns for the numbers on the left
DECADES = 1.5  # that values span before their scale is logarithmic, here and in a report
MOST = 500  # points of a curve: more are not seen, but cost time at each redrawing
DISTANCE = 4  # from one dot of a dotted curve to the next
TRAINING, HELD = "cyan", "magenta"
BLANK = 0x2800  # the first braille pattern; its dots are the bits above it

Point = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """How high losses stand between `low` and `high`: `logarithmic` for those that span decades."""

    low: float
    high: float
    logarithmic: bool

    @staticmethod
    def of(losses: Iterable[float]) -> Scale:
        """The scale that suits some losses, which are finite and at least one."""
        low, high = min(found := [*losses]), max(found)
        if low >= 0:
            least = min((loss for loss in found if loss > 0), default=1.0)
            if high > least * 10**DECADES:
                return Scale(least, high, True)
        half = 0.0 if high > low else abs(low) / 20 or 0.5
        return Scale(low - half, high + half, False)

    def height(self, loss: float) -> float:
        """The height of a loss, from 0 to 1; one of 0 stands at the bottom of decades."""
        if self.logarithmic:
            # logarithms are taken one by one: a quotient can be too large for a number
            low, high, value = map(math.log, (self.low, self.high, max(loss, self.low)))
            return (value - low) / (high - low)
        unit = max(abs(self.low), abs(self.high))  # in which no span is too large for a number
        low, high, value = self.low / unit, self.high / unit, loss / unit
        return (value - low) / (high - low)

    def loss(self, height: float) -> float:
        """The loss at a height."""
        if self.logarithmic:
            return math.exp((1 - height) * math.log(self.low) + height * math.log(self.high))
        return (1 - height) * self.low + height * self.high


def picture(history: History, width: int, rows: int) -> Text | None:
    """The curves of a run in `width` columns, `rows` high but for legend and axis.

    None if there are fewer than two points to draw a line through.
    """
    training: list[Point] = [(one.epoch, one.loss) for one in _some(history.epochs)]
    held: list[Point] = [(one.epoch, one.held_loss or 0.0) for one in _some(history.judged)]
    training, held = ([one for one in some if math.isfinite(one[1])] for some in (training, held))
    if len(training) < 2:
        return None
    scale, columns = Scale.of(loss for _, loss in training + held), width - MARGIN - 1
    first, last = int(training[0][0]), int(training[-1][0])
    line, dots = (
        [((x - first) / (last - first), scale.height(y)) for x, y in points]
        for points in (training, held)
    )
    drawn = zip(_drawn(line, columns, rows), _drawn(dots, columns, rows, dotted=True), strict=True)
    text = _legend(training, held, scale, width)
    for row, cells in enumerate(drawn):
        ticked = row in (0, rows // 2, rows - 1)
        tick = f"{scale.loss(1 - row / (rows - 1)):.3g} ┤" if ticked else "│"
        text.append(tick.rjust(MARGIN + 1))
        for style, same in groupby(zip(*cells, strict=True), _style):
            braille = (chr(one | other) for one, other in same)
            text.append("".join(braille).replace(chr(BLANK), " "), style)
        text.append("\n")
    end = f"epoch {last}".rjust(columns + 1 - len(f"{first}"))
    axis = "└" + "─" * columns
    return text.append(f"{' ' * MARGIN}{axis}\n{' ' * MARGIN}{first}{end}")


def _style(cell: tuple[int, int]) -> str:
    """The colour of a cell, by the braille patterns of both curves in it."""
    return TRAINING if cell[0] > BLANK else HELD if cell[1] > BLANK else ""


def _some(epochs: Sequence[Epoch]) -> list[Epoch]:
    """Epochs at equal distances, the last one among them."""
    step = -(-len(epochs) // MOST) or 1
    return [*epochs[: len(epochs) - 1 : step], *epochs[-1:]]


def _legend(training: list[Point], held: list[Point], scale: Scale, width: int) -> Text:
    """What the curves are and where they end; what is less needed is left out of a narrow one."""
    from rich.text import Text

    text = Text("loss: ").append(f"⠤⠤ training {training[-1][1]:.4g}", TRAINING)
    if held:
        text.append("   ").append(f"⠄⠄ held out {held[-1][1]:.4g}", HELD)
    note = "   (log scale)"
    if scale.logarithmic and len(text) + len(note) <= width:
        text.append(note)
    return Text(" " * min(MARGIN, max(0, width - len(text)))).append_text(text).append("\n")


def _drawn(
    points: list[Point], columns: int, rows: int, *, dotted: bool = False
) -> list[list[int]]:
    """A curve in braille patterns, row by row; its points lie between 0 and 1."""
    from plotille import Canvas

    wide, high = 2 * columns - 1, 4 * rows - 1  # the steps from the first dot to the last
    canvas = Canvas(columns, rows, xmax=1 + 1 / wide, ymax=1 + 1 / high)
    for (x0, y0), (x1, y1) in pairwise(points):
        if not dotted:
            canvas.line(x0, y0, x1, y1)
            continue
        first = -(-round(x0 * wide) // DISTANCE) * DISTANCE
        for step in range(first, round(x1 * wide) + 1, DISTANCE):
            share = min(max((step / wide - x0) / (x1 - x0), 0), 1)
            canvas.point(step / wide, y0 + share * (y1 - y0))
    return [[ord(one) for one in line] for line in canvas.plot("\n").split("\n")]
