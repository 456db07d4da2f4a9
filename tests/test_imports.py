"""Definitions in files of their own: found, told apart, and never from outside the folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphc

MODEL = """dtype float64
input x : [batch, 3]
target y : [batch, 2]
p = x |> dense(2)
output p
loss mse(p, y)
"""


def test_an_imported_update_and_block(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "rules.nn").write_text(
        'import "blocks.nn"\nupdate mine(rate = 0.1) {\n'
        "    parameter' = parameter - rate * gradient\n}\n"
    )
    (tmp_path / "parts" / "blocks.nn").write_text("block half(x) { return x / 2 }\n")
    model = tmp_path / "model.nn"
    text = MODEL.replace("dense(2)", "dense(2) |> half")
    model.write_text(f'import "parts/rules.nn"\nimport "parts/blocks.nn"\n{text}optimizer mine\n')
    one = graphc.compile_file(model)
    whole = one.source
    trainer = one.load().Trainer(seed=0)
    start = trainer.theta.copy()
    trainer.apply(np.ones(start.size))
    np.testing.assert_allclose(trainer.theta, start - 0.1)
    (tmp_path / "parts" / "blocks.nn").write_text("block half(x) { return x / 4 }\n")
    assert graphc.compile_file(model).source != whole  # the header tells: its sha256 is of all
    with pytest.raises(graphc.CompileError, match="E0901"):
        graphc.compile_text(model.read_text())


def test_an_import_through_a_link_stays_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.nn").write_text("block half(x) { return x / 2 }\n")
    (tmp_path / "inside").mkdir()
    model = tmp_path / "inside" / "model.nn"
    (tmp_path / "inside" / "link.nn").symlink_to(tmp_path / "outside.nn")
    (tmp_path / "inside" / "turns.nn").symlink_to(tmp_path / "inside" / "turns.nn")
    for name in ("link.nn", "turns.nn"):
        model.write_text(f'import "{name}"\n{MODEL}')
        with pytest.raises(graphc.CompileError, match=r"E090[12]"):
            graphc.compile_file(model)
    (tmp_path / "inside" / "folder.nn").mkdir()
    (tmp_path / "inside" / "bytes.nn").write_bytes(b"\xff\xfe")
    for name, code in (("folder.nn", "E0901"), ("bytes.nn", "E0108")):
        model.write_text(f'import "{name}"\n{MODEL}')
        with pytest.raises(graphc.CompileError, match=code):
            graphc.compile_file(model)
