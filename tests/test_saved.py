"""Saved trainers: whole or absent, bit for bit, and refused when damaged or another model's."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.compiled import compile_text

TEXT = """
input x : [batch, 3]
target y : [batch, 1]
param W : [3, 2] = he_normal
param V : [2, 1] = he_normal
p = tanh(x @ W) @ V
output p
loss mse(p, y)
optimizer adam(learning_rate = 0.01)
"""
MODULE: Any = compile_text(TEXT).load()
RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(20, 3)), RANDOM.normal(size=(20, 1))


def state(trainer: Any) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in trainer.__getstate__().items()}


@pytest.fixture
def trainer() -> Any:
    trainer = MODULE.Trainer(seed=5)
    trainer.fit(X, Y, epochs=2, batch_size=8)
    return trainer


@pytest.mark.parametrize("name", ["plain.npz", "no suffix", "ü" * 100])
def test_load_and_go_on_is_the_run_that_never_stopped(
    tmp_path: Path, trainer: Any, name: str
) -> None:
    trainer.save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    again = MODULE.Trainer.load(str(tmp_path / name))
    assert (again.epoch, again.steps) == (2, 6)
    assert again.fit(X, Y, epochs=2) == trainer.fit(X, Y, epochs=2)
    assert state(again) == state(trainer)
    assert state(pickle.loads(pickle.dumps(trainer))) == state(trainer)


def test_saving_keeps_links_and_modes(tmp_path: Path, trainer: Any) -> None:
    path, link = tmp_path / "p.npz", tmp_path / "link.npz"
    path.touch()
    path.chmod(0o640)
    link.symlink_to(path)
    trainer.save(link)
    assert (link.is_symlink(), path.stat().st_mode & 0o777) == (True, 0o640)
    assert state(MODULE.Trainer.load(path)) == state(trainer)
    other = tmp_path / "new.npz"
    trainer.save(other)
    mask = os.umask(0)
    os.umask(mask)
    assert other.stat().st_mode & 0o777 == 0o666 & ~mask


def test_notes_are_kept_with_the_rest(tmp_path: Path, trainer: Any) -> None:
    path = tmp_path / "p.npz"
    assert trainer.notes == {}
    trainer.notes["classes"] = {"kind": ["Rose", "Ästig \u2028"]}
    trainer.save(path)
    assert MODULE.Trainer.load(path).notes == trainer.notes
    assert pickle.loads(pickle.dumps(trainer)).notes == trainer.notes
    before = path.read_bytes()
    for strange in ({"mean": np.ones(2)}, {1, 2}, {(1, 2): 3}):
        trainer.notes = strange
        with pytest.raises(TypeError, match="notes: expected what JSON can hold: "):
            trainer.save(path)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


@pytest.mark.parametrize("fault", ["os.fsync", "os.replace", "os.chmod", "numpy.savez"])
def test_a_fault_while_saving_leaves_the_old_file(
    tmp_path: Path, trainer: Any, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "p.npz"
    trainer.save(path)
    before = path.read_bytes()
    monkeypatch.setattr(fault, fail)
    with pytest.raises(OSError, match="No space left"):
        trainer.save(path)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


def test_places_that_cannot_be_written_or_read(tmp_path: Path, trainer: Any) -> None:
    for call in (trainer.save, MODULE.Trainer.load):
        with pytest.raises(FileNotFoundError) as caught:
            call(tmp_path / "none" / "p.npz")
        assert str(caught.value.filename) == str(tmp_path / "none" / "p.npz")
        with pytest.raises(OSError, match=str(tmp_path)):
            call(tmp_path)
    assert list(tmp_path.iterdir()) == []
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match=r"not a file that can be replaced: '.*pipe'"):
        trainer.save(tmp_path / "pipe")


def test_no_damage_goes_unseen(tmp_path: Path, trainer: Any) -> None:
    path = tmp_path / "p.npz"
    trainer.save(path)
    whole, told = path.read_bytes(), []
    damaged = [whole[:place] for place in range(0, len(whole), 29)]
    damaged += [whole[place:] for place in range(7, len(whole), 29)]
    for place in range(0, len(whole), 3):
        damaged.append(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
    for content in damaged:
        path.write_bytes(content)
        try:
            loaded = MODULE.Trainer.load(path)
        except ValueError as error:
            told.append(str(error))
        else:  # what was changed is a date in the archive, say
            assert state(loaded) == state(trainer)
    assert all(message.startswith(f"{path}: ") for message in told)
    assert len(told) > len(damaged) / 2


def changed(trainer: Any, **changes: Any) -> bytes:
    """A saved file, some of whose arrays are others; without those that are None."""
    arrays = {name.replace("/", "_"): array for name, array in trainer.__getstate__().items()}
    names = {name.replace("/", "_"): name for name in trainer.__getstate__()}
    content = io.BytesIO()
    kept = {names.get(k, k): v for k, v in {**arrays, **changes}.items() if v is not None}
    np.savez(content, **kept)
    return content.getvalue()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parameter_V": None}, "by another model: V is not there and [2, 1] here"),
        ({"extra": np.ones(1)}, "extra is [1] float64 there and not here"),
        ({"parameter_V": np.ones((3, 1), np.float32)}, "V is [3, 1] there and [2, 1] here"),
        ({"parameter_V": np.ones((2, 1))}, "V is [2, 1] float64 there and [2, 1] here"),
        ({"parameter_V": np.array([[{}], [{}]])}, "V is [2, 1] object there and [2, 1] here"),
        ({"progress": np.frombuffer(b'{"forward": {}}', np.uint8)}, "computed the loss otherwise"),
        ({"progress": np.frombuffer(b"[1]", np.uint8)}, "damaged: its progress cannot be read"),
        ({"parameter_V": np.full((2, 1), np.nan, np.float32)}, "p.npz: parameter/V: not finite"),
        ({"state_m": np.full(8, np.inf, np.float32)}, "p.npz: state/m: not finite"),
        ({"progress": np.zeros((2, 2), np.uint8)}, "not a saved trainer"),
        ({"progress": np.zeros(2)}, "not a saved trainer"),
        ({"progress": None}, "not a saved trainer"),
    ],
)
def test_what_differs_is_told(
    tmp_path: Path, trainer: Any, changes: dict[str, Any], message: str
) -> None:
    path = tmp_path / "p.npz"
    path.write_bytes(changed(trainer, **changes))
    with pytest.raises(ValueError, match=r"p\.npz: ") as caught:
        MODULE.Trainer.load(path)
    assert message in str(caught.value)


def test_other_rules_and_twice_given_arrays_are_refused(tmp_path: Path, trainer: Any) -> None:
    path = tmp_path / "p.npz"
    trainer.save(path)
    other: Any = compile_text(TEXT.replace("adam", "sgd")).load()
    with pytest.raises(ValueError, match=r"p\.npz: saved with another optimizer; new"):
        other.Trainer.load(path)
    narrow: Any = compile_text(TEXT.replace("2", "4").replace("adam", "sgd")).load()
    with pytest.raises(ValueError, match=r"W is \[3, 2\] there and \[3, 4\] here, V is"):
        narrow.Trainer.load(path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("parameter/V.npy", archive.read("parameter/V.npy"))
    with pytest.raises(ValueError, match="an array is in it twice"):
        MODULE.Trainer.load(path)


def test_a_header_may_claim_what_it_will(tmp_path: Path, trainer: Any) -> None:
    path = tmp_path / "p.npz"
    trainer.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for claim in (b"(9999999999, 1), }", b"(-2, 1), }", b"(2, 1.0), }", b"(2, 1)"):
        member = members["parameter/V.npy"]
        padded = b"(2, 1), }".ljust(len(claim))
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in {
                **members,
                "parameter/V.npy": member.replace(padded, claim),
            }.items():
                archive.writestr(name, content)
        with pytest.raises(ValueError, match=r"p\.npz: "):
            MODULE.Trainer.load(path)


def test_progress_is_plain_json(trainer: Any) -> None:
    progress = json.loads(trainer.__getstate__()["progress"].tobytes())
    assert (progress["steps"], progress["epoch"]) == (6, 2)


@pytest.mark.parametrize("waited", ["x", [1], [1.0, -1], [1.0, 2.5], ["a", 2], 3, [1, 2, 3]])
def test_what_patience_waited_is_checked(tmp_path: Path, trainer: Any, waited: Any) -> None:
    path = tmp_path / "p.npz"
    progress = json.loads(trainer.__getstate__()["progress"].tobytes())
    assert progress.pop("waited") is None
    for told, fits in ((progress, True), ({**progress, "waited": waited}, False)):
        text = json.dumps(told).encode()
        path.write_bytes(changed(trainer, progress=np.frombuffer(text, np.uint8)))
        if fits:  # also one that was saved when nothing was waited for
            assert state(MODULE.Trainer.load(path)) == state(trainer)
        else:
            words = r"p\.npz: (damaged: the best loss and|waited: ex)"
            with pytest.raises(ValueError, match=words):
                MODULE.Trainer.load(path)
