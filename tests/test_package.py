"""The wheel holds all that the package needs: grammars, templates, prelude."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked into a folder far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target)]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return target


def test_the_wheel_compiles_and_trains_outside_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        "import graphc, sys\n"
        f"assert graphc.__file__.startswith({str(installed)!r}), graphc.__file__\n"
        f"made = graphc.compile_file({str(ROOT / 'examples' / 'circuit.nn')!r})\n"
        "print(made.load().Trainer().fit(epochs=2))\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("[-10.0, -12.72")


def test_the_wheel_holds_the_pages_of_errors(installed: Path) -> None:
    for place, kind in (("pages", "*.md"), ("pages/beside", "*.nn")):
        here, there = (one / "graphc" / place for one in (ROOT, installed))
        assert {path.name for path in there.glob(kind)} == {one.name for one in here.glob(kind)}


def test_the_wheel_holds_the_grammars_and_the_licence(installed: Path) -> None:
    assert {path.name for path in (installed / "graphc" / "grammars").glob("*.lark")} == {
        path.name for path in (ROOT / "grammars").glob("*.lark")
    }
    assert list(installed.glob("graphc-*.dist-info/licenses/LICENSE"))
