"""The README does what it says: its files are written, its commands run, its output compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import BLOCK, shell

from graphc.cli import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


def test_the_readme_from_top_to_bottom(folder: Path) -> None:
    for language, kind, name, body in BLOCK.findall(README):
        if kind == "file":
            (folder / name).write_text(body)
            if language == "python":
                shell(f"python {name}", folder)
        elif kind == "part":
            assert body in (folder / name).read_text()
        elif language == "console":
            for step in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                command, _, expected = step.partition("\n")
                output = shell(command, folder)
                assert "Traceback" not in output, output
                if expected.strip():
                    assert output.strip() == expected.strip()
                assert "graphc: " not in output, output
        elif language == "python":
            (folder / "block.py").write_text(body)
            output = shell("python -W error block.py", folder)
            assert "Error" not in output, output
            first, last = map(float, output.split()[::2])
            assert last < first / 2
    picture = folder / "traced.svg"
    assert picture.read_text() == (ROOT / "examples/neuron.svg").read_text()
    for name in ("points.csv", "circle.npz", "predicted.csv", "circle.py"):
        assert (folder / name).exists()


def test_every_command_has_its_line_in_the_readme() -> None:
    for name in COMMANDS:
        assert f"| `graphc {name}" in README


def test_the_two_commands_stand_in_the_readme_each_on_a_line() -> None:
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv .venv")]
    assert len(lines) == 2
    assert "graphc train examples/digits.nn --data examples/digits.npz" in lines[0]
    assert lines[1].endswith("pytest")
