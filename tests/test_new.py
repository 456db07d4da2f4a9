"""`graphc new`: what it makes trains at once, and does what its own README says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import graphc
from graphc.cli import graphc as command
from graphc.commands.new import KINDS
from graphc.formatting import formatted
from graphc.opening import opened
from graphc.starters import STARTERS

HERE = {**os.environ, "PYTHONPATH": str(Path(graphc.__file__).parent.parent)}


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(command, ["new", *map(str, arguments)])
    return done.exit_code, done.output


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_every_starter_can_be_asked_for() -> None:
    assert tuple(STARTERS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_starter_does_what_its_readme_says(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "mine"
    code, told = run(folder, "--template", kind)
    assert code == 0
    assert len(re.findall(rf"wrote {folder}/\S+", told)) == 3
    assert formatted(opened(folder / "model.nn")) == (folder / "model.nn").read_text()
    readme = (folder / "README.md").read_text()
    (console,), (program,) = blocks(readme, "console"), blocks(readme, "python")
    calls = [line.split() for line in [*console.splitlines(), "graphc compile model.nn"]]
    assert all(call[0] == "graphc" for call in calls)
    programs = [["-m", *call] for call in calls] + [["-c", program]]
    printed = [
        subprocess.run(
            [sys.executable, *one], cwd=folder, env=HERE, check=True, capture_output=True, text=True
        ).stdout
        for one in programs
    ]
    assert float(re.findall(r"held out: loss (\S+?)(?:,|$)", printed[0], re.MULTILINE)[0]) < 0.1
    if "accuracy" in printed[0]:
        assert float(re.findall(r"accuracy (\S+) %", printed[0])[-1]) > 95
    assert next(folder.glob("predicted.*")).stat().st_size > 100
    assert re.match(r"(\d+) of \1 statements agree", printed[2])
    assert printed[-1].strip()


@pytest.mark.parametrize(("name", "shown"), [("my net", "'my net'"), ("-x", "./-x")])
def test_what_to_try_can_be_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, shown: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told = run("--", name)
    assert (code, told.splitlines()[-1]) == (
        0,
        f"try:  cd {shown} && graphc train model.nn --data data.csv",
    )


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert run(tmp_path / "mine")[0] == 0
    before = {path: path.read_bytes() for path in (tmp_path / "mine").iterdir()}
    told = f"graphc: {tmp_path / 'mine'}: is there already; nothing is written\n"
    assert run(tmp_path / "mine", "--template", "cnn") == (2, told)
    assert {path: path.read_bytes() for path in (tmp_path / "mine").iterdir()} == before
    (tmp_path / "file").touch()
    assert run(tmp_path / "file")[0] == 2
