"""Progress: a line and curves that live on a terminal, some twenty plain lines anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from graphc.training.curves import picture

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.text import Text

    from graphc.training.meter import Meter


WITH_BAR = 115  # columns that leave room for a bar beside the longest lines
LEAST = (60, 16)  # columns and rows of a terminal that leave room for curves
WIDEST, HIGHEST = 100, 12  # columns and rows of the curves


class Progress(Protocol):
    """Shows how a run goes on, from `with` to its end."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""

    def due(self) -> bool:
        """Whether the epoch that has just ended is to be evaluated for what is shown."""

    def epoch(self) -> None:
        """Called after each epoch."""

    def tell(self, line: str) -> None:
        """Print what has gone wrong meanwhile."""


def progress(
    meter: Meter, echo: Callable[[str], None], complain: Callable[[str], None]
) -> Progress:
    """The progress that suits the standard output; `echo` prints a plain line, `complain` too."""
    from rich.console import Console

    console = Console()
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveLine(meter, console, complain)
    return PlainLines(meter, echo, complain)


class PlainLines:
    """A line for the first epoch, the last, and at most twenty round numbers between."""

    def __init__(
        self, meter: Meter, echo: Callable[[str], None], complain: Callable[[str], None]
    ) -> None:
        self._meter, self._echo, self.tell = meter, echo, complain
        self._every = round_step(meter.epochs - meter.first)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        pass

    def due(self) -> bool:
        """Whether the epoch has a line."""
        return self._has_line(self._meter.epoch + 1)

    def epoch(self) -> None:
        """Print a line if it is the turn of this epoch."""
        if self._has_line(self._meter.epoch):
            self._echo(self._meter.read().line())

    def _has_line(self, epoch: int) -> bool:
        return epoch % self._every == 0 or epoch in (self._meter.first + 1, self._meter.epochs)


class LiveLine:
    """One line, drawn eight times a second; it moves within an epoch, by the trainer's steps.

    Where there is room, the curves of the losses stand above it, and stay when it has gone.
    """

    def __init__(self, meter: Meter, console: Console, complain: Callable[[str], None]) -> None:
        self._meter, self._console, self._complain = meter, console, complain
        self._live = self._new()

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._live.stop()
        if kind is None:
            self._meter.end()
            if curves := self._curves():
                self._console.print(curves)

    def due(self) -> bool:
        """As often as evaluation takes no more than its share of the time."""
        return self._meter.affordable

    def epoch(self) -> None:
        """The line draws itself."""

    def tell(self, line: str) -> None:
        """Print a line where the live one stood, which goes on below."""
        self._live.stop()
        self._complain(line)
        self._live = self._new()  # the old one would go up by its height, over what was told
        self._live.start(refresh=True)

    def _new(self) -> Live:
        from rich.live import Live

        return Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
        )

    def _draw(self) -> Group:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        reading, width = self._meter.read(), self._console.width - 1
        table = Table.grid(padding=(0, 2, 0, 0))
        if width < WITH_BAR:
            table.add_row(self._encodable(reading.line(width)))
        else:
            bar = ProgressBar(total=1.0, completed=self._meter.done, width=16)
            table.add_row(bar, self._encodable(reading.line(width - 18)))
        curves = self._curves()
        return Group(curves, table) if curves else Group(table)

    def _encodable(self, line: str) -> str:
        """The line in characters that the terminal has: one that it has not ends no training."""
        encoding = self._console.encoding
        return line.encode(encoding, "replace").decode(encoding)

    def _curves(self) -> Text | None:
        """The curves, if the terminal has room for them and can show their dots."""
        width, height = self._console.size
        if width < LEAST[0] or height < LEAST[1] or not self._console.encoding.startswith("utf"):
            return None
        return picture(self._meter.history, min(width - 1, WIDEST), min(height // 2 - 2, HIGHEST))


def round_step(epochs: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50 … that leaves at most twenty lines for `epochs`."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if epochs <= 20 * factor * power:
                return factor * power
        power *= 10
