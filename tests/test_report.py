"""The page that `graphc train --report` writes: its numbers are those of the run."""

from __future__ import annotations

import hashlib
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from reports import (
    CIRCUIT,
    DIGITS,
    KINDS,
    NAMES,
    SINE,
    SVG,
    cards,
    confusion,
    read,
    table,
    words,
)
from systems import EXAMPLES
from test_cli_train import run

from graphc.compiled import compile_file
from graphc.data import load, split
from graphc.reported.scales import short
from graphc.training import load_trainer


def test_a_report_has_the_numbers_of_the_run(tmp_path: Path) -> None:
    path, saved = tmp_path / "report.html", tmp_path / "p.npz"
    told = run("train", *DIGITS, "--report", path, "--save", saved)
    assert told.endswith(f"saved {saved}\nwrote {path}\n")
    page = read(path)
    loss, held, accuracy = re.findall(
        r"epochs in .*: loss (\S+); .*loss (\S+), accuracy (.*)", told
    )[0]
    shown = cards(page)
    assert next(iter(shown)) == "held-out loss"
    assert shown["held-out loss"] == held
    assert shown["training loss"] == loss
    assert shown["held-out accuracy"] == accuracy
    assert shown["parameters"] == "epoch 3"

    compiled = compile_file(DIGITS[0])
    rows = split(compiled.data, load(DIGITS[2], compiled.data).arrays, 0.2, 0)[1]
    x, y = rows or ()
    predicted = load_trainer(compiled.load(), saved).predict(x).argmax(axis=1)
    counts = [[int(np.sum((y == i) & (predicted == j))) for j in range(10)] for i in range(10)]
    assert confusion(page) == counts
    recall = counts[3][3] / sum(counts[3])
    by_class = next(one for one in page["classes"].iter("table") if one.get("class") == "by-class")
    assert words([*by_class.iter("tr")][4]).split()[4] == f"{100 * recall:.1f}"


def test_a_report_has_all_its_sections(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    run("train", *DIGITS, "--seed", 3, "--report", path)
    page = read(path)
    for name in ("head", "score", "curves", "classes", "spreads", "model", "origin"):
        assert name in page
    assert not {"warnings", "ending", "fit"} & {*page}
    text = DIGITS[0].read_text(encoding="utf-8")
    assert "".join(page["text"].itertext()).rstrip() == text.rstrip()
    assert [*page["graph"].iter(f"{SVG}svg")]
    assert "W1 [64, 128] 8,192 32,768" in words(page["parameters"])
    assert "all 17,226 68,904" in words(page["parameters"])
    facts = words(page["origin"])
    assert "seed 3 " in facts
    assert "1,438 to train on, 359 held out" in facts
    assert f"NumPy {np.__version__}" in facts
    assert "digits.npz, SHA-256 " in facts
    captions = [words(one) for one in page["curves"].iter("figcaption")]
    assert [one.split(",")[0] for one in captions] == ["loss", "accuracy"]
    assert {one.text for one in page["spreads"].iter("code")} >= {
        "W1",
        "b1",
        "W2",
        "b2",
        "W3",
        "b3",
    }


def test_the_command_of_a_report_gives_the_same_report(tmp_path: Path) -> None:
    path = tmp_path / "a report & more.html"
    options = ("--batch-size", 50, "--learning-rate", 0.05, "--patience", 2, "--holdout", 0.3)
    run("train", *DIGITS, *options, "--report", path)
    first = read(path)
    command = shlex.split(words(first["command"]))
    assert command.pop(0) == "graphc"
    run(*command)
    again = read(path)
    assert words(again["command"]) == words(first["command"])
    for name in ("score", "curves", "classes", "spreads"):
        assert ElementTree.tostring(again[name]) == ElementTree.tostring(first[name])


def test_who_looks_changes_nothing(tmp_path: Path) -> None:
    for name, more in (("a.npz", ()), ("b.npz", ("--report", tmp_path / "r.html"))):
        run(
            "train",
            EXAMPLES / "columns.nn",
            "--data",
            EXAMPLES / "columns.npz",
            "--epochs",
            3,
            "--save",
            tmp_path / name,
            *more,
        )
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_epoch_that_is_kept_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    options = ("--epochs", 40, "--patience", 1, "--learning-rate", 0.5)
    told = run("train", *DIGITS[:3], *options, "--report", path)
    best, done = re.findall(r"epoch (\d+) was the best.*\n(\d+) epochs in", told)[0]
    page = read(path)
    assert cards(page)["parameters"] == f"epoch {best}"
    marks = [one.text for one in page["curves"].iter("text") if "strong" in one.attrib["class"]]
    assert marks == [f"epoch {best}, kept"] * 2
    assert f", {done} epochs in " in words(page["head"])


def test_a_run_that_goes_on_tells_from_where(tmp_path: Path) -> None:
    path, saved = tmp_path / "report.html", tmp_path / "p.npz"
    run("train", *DIGITS, "--save", saved)
    digest = hashlib.sha256(saved.read_bytes()).hexdigest()
    more = ("--epochs", 5, "--resume", saved, "--save", saved)
    run("train", *DIGITS[:3], *more, "--report", path)
    page = read(path)
    facts = words(page["origin"])
    assert f"goes on from {saved}, SHA-256 {digest}" in facts
    assert f"note {saved} is replaced by what this run saves" in facts
    tips = [one.text or "" for one in page["curves"].iter("title")]
    assert [tip.split(":")[0] for tip in tips if tip.startswith("epoch ")] == [
        "epoch 4",
        "epoch 5",
    ] * 2


def test_a_run_that_goes_on_can_be_had_again_once_its_checkpoint_is_back(tmp_path: Path) -> None:
    path, saved = tmp_path / "report.html", tmp_path / "p.npz"
    first = ("--batch-size", 40, "--learning-rate", 0.01, "--patience", 7, "--holdout", 0.25)
    run("train", *DIGITS, *first, "--save", saved)
    checkpoint = saved.read_bytes()
    run("train", *DIGITS[:3], "--epochs", 5, "--resume", saved, "--save", saved, "--report", path)
    page = read(path)
    command = shlex.split(words(page["command"]))[1:]
    assert dict(zip(command[-8::2], command[-7::2], strict=True)) == {
        "--batch-size": "40",
        "--holdout": "0.25",
        "--learning-rate": "0.01",
        "--patience": "7",
    }
    assert "has to be put back as it was, with the SHA-256 above" in words(page["origin"])
    ended = saved.read_bytes()
    saved.write_bytes(checkpoint)
    run(*command)
    assert saved.read_bytes() == ended
    assert words(read(path)["score"]) == words(page["score"])


def test_numbers_are_drawn_against_what_is_right(tmp_path: Path) -> None:
    path, saved = tmp_path / "report.html", tmp_path / "p.npz"
    run("train", *SINE, "--report", path, "--save", saved)
    page = read(path)
    assert "classes" not in page
    compiled = compile_file(SINE[0])
    arrays = load(SINE[2], compiled.data, dtype="float32").arrays
    x, y = split(compiled.data, arrays, 0.2, 0)[1] or ()
    residuals = load_trainer(compiled.load(), saved).predict(x) - y
    against, beside = page["fit"].iter("figure")
    dots = next(one for one in against.iter("path") if "dot" in one.attrib["class"])
    assert dots.attrib["d"].count("M") == len(y)
    mean, deviation = short(float(residuals.mean())), short(float(residuals.std()))
    assert words(beside[0]).endswith(f"residuals, mean {mean}, deviation {deviation}")


def test_a_model_without_data(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    told = run("train", CIRCUIT, "--report", path)
    page = read(path)
    assert cards(page)["training loss"] == re.findall(r"loss (\S+)", told)[-1]
    assert not {"classes", "fit"} & {*page}
    assert words(page["command"]) == shlex.join(
        ["graphc", "train", str(CIRCUIT), "--report", str(path)]
    )


def test_names_are_text(tmp_path: Path) -> None:
    model, data, path = (tmp_path / name for name in ("k.nn", "<b>.csv", "r.html"))
    model.write_text("# <script>2</script>\n" + KINDS.replace("CLASSES", "3"), encoding="utf-8")
    table(data, [*NAMES])
    run("train", model, "--data", data, "--report", path)
    page = read(path)
    names = {one.text for one in page["classes"].iter("span") if one.get("class") == "name"}
    assert names == {name.strip() for name in NAMES}
    assert not [*page["head"].iter("b")]
    assert "<script>2</script>" in "".join(page["text"].itertext())


def test_of_many_classes_the_most_confused_are_told(tmp_path: Path) -> None:
    model, data, path = (tmp_path / name for name in ("k.nn", "k.csv", "r.html"))
    model.write_text(KINDS.replace("CLASSES", "30"), encoding="utf-8")
    table(data, [f"n{number}" for number in range(30)], 600)
    run("train", model, "--data", data, "--report", path)
    pairs, by_class = read(path)["classes"].iter("table")
    counts = [int(words(row).split()[2]) for row in [*pairs.iter("tr")][1:]]
    assert counts == sorted(counts, reverse=True)
    assert len([*by_class.iter("tr")]) == 31


def test_what_was_warned_of_is_in_the_report(tmp_path: Path) -> None:
    model, data, path = (tmp_path / name for name in ("k.nn", "0.csv", "r.html"))
    text = KINDS.replace("CLASSES", "4") + "unread = x * 2\n"
    model.write_text(text, encoding="utf-8")
    data.write_text("0,1,2\n" + "0.5,0.25,1\n0.125,0.75,0\n" * 30, encoding="utf-8")
    told = run("train", model, "--data", data, "--report", path)
    page = read(path)
    compiler, reader, teacher = map(words, page["warnings"].iter("pre"))
    assert compiler.startswith("warning[W0")
    assert reader in " ".join(told.split())
    assert teacher.startswith(
        "warning: the labels of `kind` are 0 to 1, and the model has 4 classes"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("r.txt", "expected a name that ends in .html"),
        ("-", "expected a name that ends in .html"),
        ("missing/r.html", "No such file or directory"),
        (".", "Is a directory"),
        ("model.html", "the output would replace what is read"),
    ],
)
def test_where_no_report_can_be_written(tmp_path: Path, name: str, told: str) -> None:
    model = tmp_path / "model.nn"
    model.write_text(CIRCUIT.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "model.html").symlink_to(model)
    place = name if name == "-" else tmp_path / name
    assert told in run("train", model, "--report", place, code=2)
    assert model.read_text(encoding="utf-8") == CIRCUIT.read_text(encoding="utf-8")


# Parts
