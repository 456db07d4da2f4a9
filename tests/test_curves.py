"""The curves of a run in the terminal: what they show, where they stand, when there are none."""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyte
import pytest
from systems import EXAMPLES

from graphc.commands.reporting import folded
from graphc.training.curves import HELD, TRAINING, Scale, picture
from graphc.training.history import Epoch, History

MARGIN = 11


def history(
    count: int,
    loss: Callable[[int], float],
    held: Callable[[int], float | None] = lambda epoch: None,
    first: int = 0,
) -> History:
    epochs = History(first)
    for epoch in range(first + 1, first + count + 1):
        epochs.add(Epoch(epoch, loss(epoch), held(epoch), {}, 0.0))
    return epochs


def drawn(epochs: History, width: int = 80, rows: int = 10) -> list[str]:
    text = picture(epochs, width, rows)
    assert text is not None
    lines = text.plain.split("\n")
    assert len(lines) == rows + 3
    assert max(map(len, lines)) <= width
    return lines


def test_a_falling_loss_goes_from_the_upper_left_to_the_lower_right() -> None:
    legend, *rows, axis, ends = drawn(history(30, lambda epoch: 31.0 - epoch))
    assert legend.strip() == "loss: ⠤⠤ training 1"
    starts = [len(row[MARGIN:]) - len(row[MARGIN:].lstrip()) for row in rows]
    assert starts == sorted(starts)
    assert (rows[0][MARGIN], rows[-1].rstrip()[-1]) != (" ", " ")
    assert [row[:MARGIN].strip(" ┤│") for row in rows if "┤" in row] == ["30", "13.9", "1"]
    assert axis.strip() == "└" + "─" * (80 - MARGIN)
    assert ends.split() == ["1", "epoch", "30"]


def test_held_out_rows_are_dots_of_their_own_colour() -> None:
    text = picture(history(9, lambda epoch: 1.0, lambda epoch: 2.0), 80, 10)
    assert text is not None
    lines = text.plain.split("\n")
    assert lines[0].strip() == "loss: ⠤⠤ training 1   ⠄⠄ held out 2"
    assert set(lines[1][MARGIN:].strip()) == {" ", "⠁"}  # dots at the top
    assert set(lines[10][MARGIN:].strip()) == {"⣀"}  # a line at the bottom
    assert {span.style for span in text.spans} == {TRAINING, HELD}


def test_losses_that_span_decades_have_a_logarithmic_scale() -> None:
    lines = drawn(history(10, lambda epoch: 10.0**-epoch))
    assert lines[0].endswith("(log scale)")
    assert [line[:MARGIN].strip(" ┤") for line in (lines[1], lines[10])] == ["0.1", "1e-10"]
    filled = [len(line[MARGIN:].strip()) for line in lines[1:11]]
    assert max(filled) - min(filled) <= 2  # a straight line
    assert not Scale.of([1, 20]).logarithmic
    assert not Scale.of([-1, 1000]).logarithmic


@pytest.mark.parametrize(
    "loss",
    [
        lambda e: 0.0,
        lambda e: -3.0,
        lambda e: max(0.0, 1 - e / 4),
        lambda e: 1e-300 / e,
        lambda e: 10.0 ** (40 - 45 * e),  # the last ones are 1e-320 and 0
        lambda e: 5e-324 * (e % 2),
        lambda e: 1.7e308 * (-1) ** e,
    ],
)
def test_any_finite_losses_can_be_drawn(loss: Callable[[int], float]) -> None:
    assert "⠤⠤ training" in drawn(history(9, loss), 60, 6)[0]


@pytest.mark.parametrize("width", [80, 65, 59])
def test_the_legend_fits_a_narrow_terminal(width: int) -> None:
    lines = drawn(history(9, lambda e: 3.456e10 / 10**e, lambda e: 2.345e10 / 10**e), width, 8)
    assert "training 34.56   ⠄⠄ held out 23.45" in lines[0]
    lines = drawn(history(9, lambda e: 3.4567e-10 / 10**e, lambda e: 2.3456e12), width, 8)
    assert "training 3.457e-19   ⠄⠄ held out 2.346e+12" in lines[0]
    assert ("log scale" in lines[0]) == (width >= 65)


def test_zero_stands_at_the_bottom_of_decades() -> None:
    scale = Scale.of([100, 0.01, 0])
    assert [scale.height(loss) for loss in (100, 1, 0.01, 0)] == pytest.approx([1, 0.5, 0, 0])
    assert [scale.loss(height) for height in (0, 0.5, 1)] == pytest.approx([0.01, 1, 100])


def test_what_is_not_finite_is_left_out() -> None:
    epochs = history(9, lambda e: math.nan if e == 9 else 1 / e, lambda e: math.inf)
    assert drawn(epochs)[-1].split()[-1] == "8"
    assert picture(history(1, lambda epoch: 1.0), 80, 10) is None
    assert picture(History(), 80, 10) is None


def test_a_run_that_goes_on_begins_where_it_did_and_a_long_one_ends_at_its_end() -> None:
    assert drawn(history(5, lambda epoch: 1 / epoch, first=20))[-1].split() == ["21", "epoch", "25"]
    long = history(30_000, lambda epoch: 1 / epoch, lambda e: 2.0 if e % 1000 == 0 else None)
    lines = drawn(long)
    assert lines[-1].split() == ["1", "epoch", "30000"]
    assert "training 3.333e-05   ⠄⠄ held out 2 " in lines[0]


UNHURRIED = """
import math
from graphc.__main__ import main
from graphc.training import teacher
teacher.FREE = math.inf  # however busy the machine is, there is time for looks
main()
"""


def in_terminal(
    folder: Path, rows: int, columns: int, *arguments: str, encoding: str = "utf-8"
) -> str:
    """What `graphc train` writes to a terminal of so many rows and columns."""
    pty, fcntl = pytest.importorskip("pty"), pytest.importorskip("fcntl")
    ours, its = pty.openpty()
    size = struct.pack("4H", rows, columns, 0, 0)
    fcntl.ioctl(its, pytest.importorskip("termios").TIOCSWINSZ, size)
    here = {name: os.environ[name] for name in os.environ if name not in ("COLUMNS", "LINES")}
    here |= {"TERM": "xterm", "PYTHONPATH": str(EXAMPLES.parent), "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-c", UNHURRIED, "train", *arguments]
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, cwd=folder, env=here)
    os.close(its)
    written = b""
    with contextlib.suppress(OSError):  # as Linux tells the end
        while part := os.read(ours, 65536):
            written += part
    os.close(ours)
    assert process.wait() == 0
    return written.decode()


@pytest.mark.parametrize(
    ("rows", "columns", "curves"),
    [(24, 80, True), (40, 200, True), (12, 80, False), (24, 50, False)],
)
def test_curves_are_left_standing_where_there_is_room(
    tmp_path: Path, rows: int, columns: int, curves: bool
) -> None:
    line = [str(EXAMPLES / "line.nn"), "--data", str(EXAMPLES / "line.csv")]
    text = in_terminal(tmp_path, rows, columns, *line, "--epochs", "30")
    left = text.rpartition("\x1b[2K")[2].replace("\r", "").split("\n")  # after the last line wiped
    assert ("└───" in "\n".join(left)) == curves
    assert "30 epochs in " in "\n".join(left)
    if curves:
        assert "⠤⠤ training" in left[0]
        assert left[-5].startswith("30 epochs in ")
        assert len(left) < rows
        assert text.count("\x1b[?25h") == text.count("\x1b[?25l") > 0  # the cursor is back


def on_screen(written: str, rows: int, columns: int) -> list[str]:
    """The lines that a terminal shows, with those that have gone up."""
    screen = pyte.HistoryScreen(columns, rows, history=1000)
    pyte.Stream(screen).feed(written)
    gone = ["".join(line[at].data for at in range(columns)) for line in screen.history.top]
    return [line.rstrip() for line in [*gone, *screen.display]]


CIRCLE = """
input x : [batch, 2]
target y : [batch, 1]
p = x |> dense(16) |> relu |> dense(1)
output p
loss mse(p, y)
optimizer adam(learning_rate = 0.01)
train(epochs = 60, batch_size = 25)
"""


def circle(folder: Path, scale: float = 1.0) -> list[str]:
    """The arguments of a run on 200 rows."""
    x = np.random.default_rng(0).normal(size=(200, 2))
    np.savez(folder / "data.npz", x=x, y=scale * (np.square(x).sum(1, keepdims=True) < 1))
    (folder / "circle.nn").write_text(CIRCLE)
    return ["circle.nn", "--data", "data.npz"]


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), (12, 60), (40, 120)])
def test_what_is_told_while_a_line_lives_stays(tmp_path: Path, rows: int, columns: int) -> None:
    options = (*circle(tmp_path), "--learning-rate", "1e-7")
    lines = on_screen(in_terminal(tmp_path, rows, columns, *options), rows, columns)
    assert lines[0].startswith("circle: 65 parameters")
    warning = next(at for at, line in enumerate(lines) if line.startswith("warning: the loss "))
    told = " ".join(" ".join(lines[warning:]).split())
    assert "one step of 30 %" in told or "one step of 10 %" in told
    assert "gets there" in told
    assert [line for line in lines if line.startswith("warning")] == [lines[warning]]
    ragged = [line for line in lines[warning:][:8] if line.startswith("  ") and "─" not in line]
    assert all(len(line) > columns / 2 for line in ragged[:2]), "folded once, not twice"
    assert sum("epochs in" in line for line in lines) == 1
    assert "a step of 25 rows" in " ".join(lines[:warning])


def test_the_curves_end_with_the_losses_that_are_told_below_them(tmp_path: Path) -> None:
    options = circle(tmp_path, 1e6)
    lines = on_screen(in_terminal(tmp_path, 24, 80, *options), 24, 80)
    (legend,) = (line for line in lines if "⠤⠤ training" in line)
    (last,) = (line for line in lines if "epochs in" in line)
    for curve, loss in (
        (r"training ([^ ]+)", r": loss ([^;]+);"),
        (r"out (\S+)", r"out: loss (\S+),"),
    ):
        shown, told = re.search(curve, legend), re.search(loss, last)
        assert shown
        assert told
        assert shown[1] == told[1]


def test_options_that_are_to_be_pasted_are_left_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "30")
    options = "  --columns 'x=the area,the rooms' --columns y=price"
    text = f"say which columns to use for x, as with\n{options}"
    assert folded(text, Terminal()).split("\n") == [
        "say which columns to use for",
        "  x, as with",
        options,
    ]
    assert folded(text, io.StringIO()) == text


def test_lines_are_folded_at_words(tmp_path: Path) -> None:
    options = (*circle(tmp_path, 1e6), "--save", "a-name-that-is-somewhat-longer.npz")
    written = in_terminal(tmp_path, 24, 60, *options)
    lines = on_screen(written, 24, 60)
    at = next(at for at, line in enumerate(lines) if "epochs in" in line)
    assert re.fullmatch(r"60 epochs in .*, R² \S+, MAE \S+", f"{lines[at]} {lines[at + 1].strip()}")
    assert lines[at + 1].startswith("  ")


def test_a_terminal_that_has_no_dots_has_a_line_alone(tmp_path: Path) -> None:
    line = [str(EXAMPLES / "line.nn"), "--data", str(EXAMPLES / "line.csv")]
    text = in_terminal(tmp_path, 24, 80, *line, "--epochs", "300", encoding="ascii")
    assert "training R?  " in text
    assert "└" not in text
    assert "300 epochs in " in text
