"""What `graphc verify` tells of a statement: whether it is off, has another shape, or fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_disagreements import XOR, changed

from graphc.cli import graphc
from graphc.verify import verify


@pytest.mark.parametrize(("old", "new", "reason"), [
    ("tanh(h, out=h) ", "sin(h, out=h) ",
     "fails: name 'sin' is not defined; should be h = tanh(h)"),
    ("# h = tanh(h)", "# h = tahn(h)",
     "its comment, h = tahn(h), fails: name 'tahn' is not defined"),
    ("# h = tanh(h)", "# h = tanh(h", "its comment, h = tanh(h, fails: '(' was never closed"),
    ("# h = tanh(h)", "# bounded", "its comment, bounded, fails: it is no assignment"),
    ("# h = x @ W1", "",
     "has no comment, and read as its own it fails: name 'h' is not defined"),
    ("tanh(h, out=h) ", "h = tanh(h)[0]  ",
     "should be h = tanh(h); has the shape [8] where that has [5, 8]"),
    ("# h = tanh(h)", "# h = tanh(h).T",
     "should be h = tanh(h).T; has the shape [5, 8] where that has [8, 5]"),
    ("tanh(h, out=h) ", "h.fill(np.nan) ", "should be h = tanh(h); has nan where that has -0.119"),
    ("tanh(h, out=h) ", "h.fill(0)  ", "should be h = tanh(h); off by 1.0e+00 (relative)"),
    ("loss = s7 / batch", "loss = s7 / bach", "fails: name 'bach' is not defined"),
    ("loss = s7 / batch", "loss = s7 / bach  # loss = s7 / rows",
     "fails: name 'bach' is not defined; "
     "its comment, loss = s7 / rows, fails too: name 'rows' is not defined"),
    ("= params.W2_T", "= params.W2T", "fails: 'Parameters' object has no attribute 'W2T'"),
    ("buf.p.copy()", "buf.q.copy()", "no comment says what it is"),
])  # fmt: skip
def test_the_reason_is_told(old: str, new: str, reason: str) -> None:
    found = verify(changed(XOR, old, new))
    assert [one.reason for one in found.disagreements] == [reason]
    assert not found.holds


@pytest.mark.parametrize(("old", "new", "reason"), [
    ("tanh(h, out=h) ", "sin(h, out=h) ",
     "fails: name 'sin' is not defined; should be h = tanh(h)"),
    ("# h = tanh(h)", "# h = tahn(h)",
     "its comment, h = tahn(h), fails: name 'tahn' is not defined"),
])  # fmt: skip
def test_the_command_tells_the_line_and_the_count(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    file = tmp_path / "xor.py"
    file.write_text(changed(XOR, old, new), encoding="utf-8")
    result = CliRunner().invoke(graphc, ["verify", str(file)])
    assert result.exit_code == 1
    first, line, second, *_ = result.output.split("\n")
    assert first == "34 of 35 statements agree with their comments"
    assert re.fullmatch(r"  line \d+: (sin|tanh)\(h, out=h\)", line)
    assert second == f"    {reason}"
    unchecked = "the gradient is not checked, as the comments do not run: "
    assert ("gradient against" in result.output) is (unchecked not in result.output)
    assert (unchecked in result.output) is ("tahn" in reason)
