"""Files that no trainer of the model saved: refused in clear words, little time and memory."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.compiled import compile_text

TEXT = """
input x : [batch, 3]
param W : [3, 2] = he_normal
param V : [2, 1] = he_normal
p = tanh(x @ W) @ V
output p
loss mean(square(p))
optimizer adam(learning_rate = 0.01)
"""
MODULE: Any = compile_text(TEXT).load()


class Payload:
    """What writes a file as soon as it is read from a pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.write_text, (self.path, "run")


def members(**changes: bytes | None) -> dict[str, bytes]:
    """The files in a saved trainer, by name; those that are None are left out."""
    content = io.BytesIO()
    np.savez(content, **MODULE.Trainer().__getstate__())
    with zipfile.ZipFile(content) as archive:
        found = {name.removesuffix(".npy"): archive.read(name) for name in archive.namelist()}
    return {name: one for name, one in {**found, **changes}.items() if one is not None}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, one in files.items():
            archive.writestr(f"{name}.npy", one)
    return content.getvalue()


def header(shape: str, dtype: str = "<f4") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def array(value: Any) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array(content, np.asarray(value), allow_pickle=True)
    return content.getvalue()


def arrays(**named: Any) -> bytes:
    content = io.BytesIO()
    np.savez(content, **named)
    return content.getvalue()


def saved(text: str, **options: Any) -> bytes:
    content = io.BytesIO()
    module: Any = compile_text(text, **options).load()
    np.savez(content, **module.Trainer().__getstate__())
    return content.getvalue()


FOREIGN = "not a saved trainer"
FILES: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "empty": (lambda mark: b"", FOREIGN),
    "text": (lambda mark: b"x,y\n1,2\n", FOREIGN),
    "arrays": (lambda mark: arrays(x=np.ones(3)), FOREIGN),
    "one array": (lambda mark: array(np.ones(3)), FOREIGN),
    "an archive of text": (lambda mark: zipped({"a": b"text"}), FOREIGN),
    "an empty archive": (lambda mark: zipped({}), FOREIGN),
    "a pickle": (lambda mark: pickle.dumps(Payload(mark)), FOREIGN),
    "a pickle in an array": (lambda mark: array([Payload(mark)]), FOREIGN),
    "a pickle for a parameter": (
        lambda mark: zipped(members(**{"parameter/V": array([[Payload(mark)], [1]])})),
        r"saved by another model: V is \[2, 1\] object there and \[2, 1\] here",
    ),
    "a pickle for the progress": (
        lambda mark: zipped(members(progress=array([Payload(mark)]))),
        FOREIGN,
    ),
    "a pickle in an array's place": (
        lambda mark: zipped(members(**{"parameter/V": pickle.dumps(Payload(mark))})),
        FOREIGN,
    ),
    "a pickle of a pickle": (
        lambda mark: zipped(members(more=array([Payload(mark)]))),
        r"more is \[1\] object there and not here",
    ),
    "another dtype": (lambda mark: saved(TEXT, dtype="float64"), r"W is \[3, 2\] float64 there"),
    "another optimizer": (
        lambda mark: saved(TEXT.replace("adam", "lion")),
        "saved with another optimizer",
    ),
    "other names": (lambda mark: saved(TEXT.replace("V", "U")), "model: it has U, and not V$"),
    "fewer arrays": (lambda mark: zipped(members(**{"parameter/W": None})), "W is not there"),
    "eight terabytes": (
        lambda mark: zipped(members(**{"parameter/V": header("(2199023255552, 1)")})),
        r"V is \[2199023255552, 1\] there and \[2, 1\] here",
    ),
    "eight terabytes of progress": (
        lambda mark: zipped(members(progress=header("(8796093022208,)", "|u1"))),
        FOREIGN,
    ),
    "a header that is too long": (
        lambda mark: zipped(members(**{"parameter/V": header("(2, 1)".rjust(60000))})),
        FOREIGN,
    ),
    "a thousand arrays": (
        lambda mark: zipped({**members(), **{f"a{i}": array(np.ones(9)) for i in range(1000)}}),
        "saved by another model: a0 is",
    ),
    "progress nested too deeply": (
        lambda mark: zipped(members(progress=array(np.full(10**6, ord("["), np.uint8)))),
        FOREIGN,
    ),
    "progress of one long number": (
        lambda mark: zipped(members(progress=array(np.full(10**6, ord("1"), np.uint8)))),
        "damaged: its progress cannot be read",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_what_is_foreign_is_refused_and_no_pickle_read(tmp_path: Path, kind: str) -> None:
    path, mark = tmp_path / "p.npz", tmp_path / "mark"
    content, message = FILES[kind]
    path.write_bytes(content(mark))
    with pytest.raises(ValueError, match=rf"p\.npz: .*{message}"):
        MODULE.Trainer.load(path)
    assert not mark.exists()


def test_arrays_that_were_compressed_are_read(tmp_path: Path) -> None:
    path, trainer = tmp_path / "p.npz", MODULE.Trainer()
    np.savez_compressed(path, **trainer.__getstate__())
    np.testing.assert_array_equal(MODULE.Trainer.load(path).theta, trainer.theta)


LOADS = """
import resource, sys, time
from model import Trainer

before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    Trainer.load("p.npz")
except ValueError as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.process_time() - began)
"""


def bomb(folder: Path, method: int, name: str, size: int) -> None:
    """A saved trainer, one of whose arrays has zeros behind it."""
    with zipfile.ZipFile(folder / "p.npz", "w", method) as archive:
        for other, content in members().items():
            with archive.open(f"{other}.npy", "w", force_zip64=True) as file:
                file.write(content)
                for _ in range(size >> 24 if other == name else 0):
                    file.write(bytes(1 << 24))


@pytest.mark.parametrize(
    ("method", "name"),
    [
        (zipfile.ZIP_DEFLATED, "parameter/V"),
        (zipfile.ZIP_DEFLATED, "progress"),
        (zipfile.ZIP_BZIP2, "parameter/V"),
    ],
)
def test_a_bomb_costs_little(
    tmp_path: Path, request: pytest.FixtureRequest, method: int, name: str
) -> None:
    long = request.config.getoption("--long")
    size = 2**30 * (10 if method == zipfile.ZIP_DEFLATED else 1) if long else 2**27
    (tmp_path / "model.py").write_text(compile_text(TEXT).source)
    bomb(tmp_path, method, name, size)
    told = subprocess.run(
        [sys.executable, "-c", LOADS], capture_output=True, text=True, cwd=tmp_path, check=True
    ).stdout.split("\n")
    kilobytes, seconds = map(float, told[-2].split())
    assert kilobytes < 20_000
    assert seconds < 0.5
    if method != zipfile.ZIP_DEFLATED:
        assert told[0].startswith("p.npz: ")


def test_notes_that_could_not_be_read_again_are_not_written(tmp_path: Path) -> None:
    trainer, path = MODULE.Trainer(), tmp_path / "p.npz"
    trainer.notes["long"] = "a" * (MODULE.LONGEST - 1000)
    trainer.save(path)
    assert MODULE.Trainer.load(path).notes == trainer.notes
    trainer.notes["more"] = "a" * 1000
    with pytest.raises(ValueError, match=r"notes: expected at most 10,000,000 characters, got "):
        trainer.save(path)
