"""What a run says of a model before it trains, and of its time afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from systems import EXAMPLES
from test_training import FALLING, run

from graphc.compiled import compile_file, compile_text
from graphc.training.lines import classes
from graphc.training.meter import rounded, seconds
from graphc.training.table import table


def lines_of(text: str, batch: int | None = 8) -> list[str]:
    lines = table(compile_text(text).model, batch)
    assert max(map(len, lines), default=0) <= 80
    return lines


def counts(lines: list[str]) -> list[int]:
    """The numbers in the rows, which are right-aligned in one column."""
    found = [re.search(r"  ([\d,]+)(?:  (?:\d+ )?frozen)?$", line) for line in lines[:-1]]
    assert len({one.end(1) for one in found if one}) == 1
    return [int(one[1].replace(",", "")) for one in found if one]


def test_each_parameter_has_a_row_and_the_frozen_ones_say_so() -> None:
    lines = lines_of(
        "input x : [batch, 64]\nparam W : [64, 20] = he_normal\n"
        "param fixed : [64, 20] = normal(1) frozen\nparam b : [20] = zeros\n"
        "p = x @ (W + fixed) + b\noutput p\nloss mean(p)\noptimizer adam(learning_rate = 0.1)"
    )
    assert lines[:3] == [
        "    W      [64, 20]  1,280",
        "    b      [20]         20",
        "    fixed  [64, 20]  1,280  frozen",
    ]
    assert counts(lines) == [1280, 20, 1280]
    memory = r"    a step of 8 rows: \d\d\.\d kB \(parameters 10\.3 kB, optimizer 2\d\.\d kB\)"
    assert re.fullmatch(memory, lines[3])


def test_a_few_numbers_need_no_table() -> None:
    assert table(FALLING.model, None) == []
    assert table(compile_file(EXAMPLES / "circuit.nn").model, None) == []


@pytest.mark.parametrize(("depth", "first"), [(2, ["h.1.layer_norm1", "2"]), (20, ["h", "320"])])
def test_blocks_are_folded_where_there_are_many_parameters(depth: int, first: list[str]) -> None:
    text = (
        "input x : [batch, 5, 16]\n"
        f"h = x |> repeat({depth}, transformer_block(16, 2, 32, causal))\n"
        "p = h |> dense(3)\noutput p\nloss mean(p)"
    )
    lines = lines_of(text)
    assert len(lines) <= 13
    assert sum(counts(lines)) == sum(one.size for one in compile_text(text).model.parameters)
    assert lines[0].split()[:3] == [*first, "parameters"]
    assert "p.W" in lines[-3] or lines[-2].split()[0] == "p"


def test_what_cannot_be_folded_is_one_row_at_the_end() -> None:
    names = [f"W{number}" for number in range(30)]
    text = "".join(f"param {name} : [4] = 1{' frozen' if name > 'W5' else ''}\n" for name in names)
    lines = lines_of(f"{text}p = {' + '.join(names)}\noutput p\nloss sum(p)", None)
    assert len(lines) == 13
    assert lines[11].split() == ["and", "19", "parameters", "76", "4", "frozen"]
    assert sum(counts(lines)) == 120
    assert lines[12].startswith("    a step: ")


def test_a_long_name_is_cut() -> None:
    line = lines_of(f"param {'w' * 60} : [5, 5] = 1\np = sum({'w' * 60})\noutput p\nloss p")[0]
    assert line.split() == ["w" * 35 + "…", "[5,", "5]", "25"]


def test_the_time_is_told_where_there_are_rows(tmp_path: Path) -> None:
    lines = run()[1]
    summary = next(place for place, line in enumerate(lines) if line.startswith("4 epochs in "))
    assert re.fullmatch(
        r"    \S+ .?s per epoch, \S+ .?s per step, [\d,]+ samples/s in training", lines[summary + 1]
    )
    assert not any("per step" in line for line in run(epochs=0)[1] + run(FALLING)[1])


def test_short_times_have_two_digits() -> None:
    durations = (0.0, 3.26e-6, 0.000414, 0.0009999, 0.00414, 0.0099)
    told = ["0 µs", "3 µs", "410 µs", "1.0 ms", "4.1 ms", "9.9 ms"]
    assert [seconds(duration) for duration in durations] == told
    assert rounded(123456) == "120,000"


def test_names_of_classes_stay_on_their_line() -> None:
    labels = ["rose", "a\nb", "\x1b[2J", " ", "été"]
    told = classes("kind", labels)
    assert told == r"kind: 0 rose, 1 'a\nb', 2 '\x1b[2J', 3 ' ', 4 été"
