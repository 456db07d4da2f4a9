"""The page that `graphc train --report` writes: its numbers are those of the run."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shlex
import signal
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from systems import EXAMPLES
from test_cli_train import run
from test_training import Watched, at

from graphc.compiled import compile_file
from graphc.data import Loaded, load, split
from graphc.reported import Follower, origin
from graphc.reported.chart import Frame, chart
from graphc.reported.curves import thinned
from graphc.reported.moments import MOST, Moments, magnitudes, spread
from graphc.reported.page import page
from graphc.reported.report import Fit, Moment, Report, Score
from graphc.reported.scales import Scale, fitted, labels, short
from graphc.training import Settings, load_trainer, train
from graphc.training.history import Epoch

Element = ElementTree.Element

DIGITS = (EXAMPLES / "digits.nn", "--data", EXAMPLES / "digits.npz", "--epochs", 3)
SINE = (EXAMPLES / "sine.nn", "--data", EXAMPLES / "sine.csv", "--epochs", 4)
CIRCUIT = EXAMPLES / "circuit.nn"
SVG = "{http://www.w3.org/2000/svg}"
NAMES = ('<script>alert("1")</script>', "a name & that goes on and on " * 4, "plain")
KINDS = """
input x : [batch, 2]
target kind : int[batch]
z = x |> dense(8) |> relu |> dense(CLASSES)
output z
loss cross_entropy(z, kind)
optimizer adam(learning_rate = 0.05)
train(epochs = 5, batch_size = 10)
"""


def read(path: Path) -> dict[str, Element]:
    """The elements of a page that have an id; raises ParseError unless every tag is closed."""
    text = path.read_text(encoding="utf-8")
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    found = ElementTree.fromstring(re.sub(r"<!DOCTYPE html>|<meta [^>]*>", "", text))
    named = [one for one in found.iter() if "id" in one.attrib]
    assert len({one.attrib["id"] for one in named}) == len(named)
    return {one.attrib["id"]: one for one in named}


def words(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def cards(page: dict[str, Element]) -> dict[str, str]:
    """What the cards of the score say."""
    found = [one for one in page["score"].iter("div") if "card" in one.get("class", "").split()]
    return {one[0].text or "": one[1].text or "" for one in found}


def confusion(page: dict[str, Element]) -> list[list[int]]:
    """The counts of the confusion matrix, without their sums."""
    table = next(one for one in page["classes"].iter("table") if "confusion" in one.attrib["class"])
    return [
        [int((cell.text or "0").replace(",", "")) for cell in row.findall("td")[:-1]]
        for row in [*table][1:]
    ]


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


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_run_of_hardly_any_epochs(tmp_path: Path, epochs: int) -> None:
    path = tmp_path / "report.html"
    run("train", *DIGITS[:3], "--epochs", epochs, "--report", path)
    page = read(path)
    assert ("curves" in page) == (epochs == 1)
    assert cards(page)["parameters"] == f"epoch {epochs}"


def test_a_run_that_fails_reports_so(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    told = run("train", *DIGITS, "--learning-rate", 1000, "--report", path, code=1)
    page = read(path)
    failure = re.findall(r"graphc: (step .*)", told)[0]
    assert words(page["ending"]) == failure
    assert "warnings" not in page or failure not in words(page["warnings"])
    assert cards(page)["parameters"] == "epoch 0"
    assert sum(map(sum, confusion(page))) == 359


def test_a_run_that_is_stopped_reports_what_it_has_come_to(tmp_path: Path) -> None:
    compiled = compile_file(SINE[0])
    arrays = load(SINE[2], compiled.data, dtype="float32").arrays
    path = tmp_path / "report.html"
    command = ["graphc", "train", *map(str, SINE), "--report", str(path)]
    follower = Follower(path, origin(compiled, command, SINE[0], data=SINE[2]))
    watched = Watched(compiled, at(13 * 2 + 5, signal.SIGINT))
    settings = Settings(epochs=4, follower=follower)
    lines: list[str] = []
    assert train(watched, Loaded(arrays), settings, lines.append, lines.append) == 130
    first = read(path)
    assert words(first["ending"]) == "stopped by Ctrl-C after epoch 2 of 4"
    command = shlex.split(words(first["command"]))
    assert command[command.index("--epochs") + 1] == "2"
    run(*command[1:])
    again = read(path)
    assert cards(again) == {**cards(first)}
    for name in ("curves", "fit", "spreads"):
        assert ElementTree.tostring(again[name]) == ElementTree.tostring(first[name])


def test_a_report_is_written_though_nobody_reads_how_the_run_ended(tmp_path: Path) -> None:
    compiled, path = compile_file(CIRCUIT), tmp_path / "report.html"
    follower = Follower(path, origin(compiled, ["graphc", "train", str(CIRCUIT)], CIRCUIT))

    def echo(line: str) -> None:
        if " epochs in " in line:
            raise BrokenPipeError

    settings = Settings(follower=follower)
    with pytest.raises(BrokenPipeError):
        train(compiled, Loaded(()), settings, echo, echo)
    assert "ending" not in read(path)


def test_a_report_is_written_though_no_terminal_is_there_to_begin_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def progress(*arguments: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    compiled, path = compile_file(CIRCUIT), tmp_path / "report.html"
    follower = Follower(path, origin(compiled, ["graphc", "train", str(CIRCUIT)], CIRCUIT))
    monkeypatch.setattr("graphc.training.run.progress", progress)
    with pytest.raises(OSError, match="Input/output error"):
        train(compiled, Loaded(()), Settings(follower=follower), print, print)
    assert "an output that nobody reads after epoch 0" in words(read(path)["ending"])


def test_a_run_goes_on_where_there_is_no_room_to_look_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr("graphc.training.probe.Probe.look", look)
    path = tmp_path / "report.html"
    assert run("train", *DIGITS, "--report", path).endswith(f"wrote {path}\n")


def test_a_report_is_written_though_nothing_can_be_saved(tmp_path: Path) -> None:
    compiled, path = compile_file(CIRCUIT), tmp_path / "report.html"
    follower = Follower(path, origin(compiled, ["graphc", "train", str(CIRCUIT)], CIRCUIT))
    settings = Settings(follower=follower, save=tmp_path / "gone" / "p.npz")
    with pytest.raises(FileNotFoundError):
        train(compiled, Loaded(()), settings, print, print)
    assert cards(read(path))["parameters"].startswith("epoch ")


def table(path: Path, names: list[str], rows: int = 120) -> None:
    """Rows of two numbers and one of some names, which the numbers tell."""
    random = np.random.default_rng(0).random((rows, 2))
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    lines = [f"{a:.3f},{b:.3f},{quoted[int(a * len(names))]}" for a, b in random]
    path.write_text("\n".join(["a,b,<i>kind</i>", *lines, ""]), encoding="utf-8")


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


def test_moments_move_apart_as_a_run_grows() -> None:
    moments = Moments(5)
    numbers = {"w": np.arange(3.0)}
    for epoch in range(5, 1001):
        if moments.due(epoch):
            moments.add(epoch, numbers, numbers)
    epochs = [one.epoch for one in moments.all]
    assert epochs[0] == 5
    assert MOST // 2 <= len(epochs) <= MOST
    assert len(set(np.diff(epochs))) == 1
    assert 1000 - epochs[-1] < epochs[1] - epochs[0]


def test_histograms_count_every_number() -> None:
    numbers = np.random.default_rng(0).normal(size=(30, 40)).astype(np.float32)
    numbers[0] = 0
    one = spread(numbers)
    assert sum(one.counts) == one.size == numbers.size
    assert (one.low, one.high) == (numbers.min(), numbers.max())
    assert one.norm == pytest.approx(float(np.linalg.norm(numbers)))
    sizes = magnitudes(numbers)
    assert sizes.zeros == 40
    assert sum(sizes.counts) == numbers.size - 40
    assert 10**sizes.high == pytest.approx(float(np.abs(numbers).max()))
    assert magnitudes(np.zeros(50)).zeros == spread(np.ones(50)).counts[0] == 50


@pytest.mark.parametrize(
    "numbers",
    [
        (0.1, np.nextafter(0.1, 1)),
        (0, 5e-324),
        (1e-310, 1e-320, 0),
        (-1e308, 1.7e308),
        (3e38, np.nan),
        (np.inf, np.nan),
    ],
)
@pytest.mark.parametrize("times", [1, 9])  # few are drawn themselves
def test_numbers_that_are_hard_to_draw_stop_nothing(numbers: list[float], times: int) -> None:
    array = np.array([*numbers] * times)
    with np.errstate(all="ignore"):
        weights, gradients = {"w": spread(array)}, {"w": magnitudes(array)}
    assert sum(weights["w"].counts) <= array.size
    moments = [Moment(epoch, weights, gradients) for epoch in (0, 1)]
    losses = [Epoch(place, loss, None, {}, 0.0) for place, loss in enumerate(array.tolist(), 1)]
    fit = Fit("y", array, array[::-1])
    score = Score(kept=1, done=len(losses), wanted=len(losses))
    report = Report(
        title="", when="", command="", facts=(), score=score, epochs=losses, fits=[fit],
        moments=moments,
    )  # fmt: skip
    with np.errstate(all="ignore"):
        text = page(report)
    assert text.count("<svg") >= 4
    assert ">nan<" not in text


def test_residuals_are_those_of_wide_numbers() -> None:
    """In float32 the square of a residual overflows, and NumPy warns of it in the terminal."""
    fit = Fit("y", np.array([1e30, -1e30], np.float32), np.zeros(2, np.float32))
    score = Score(kept=1, done=1, wanted=1)
    report = Report(title="", when="", command="", facts=(), score=score, fits=[fit])
    assert "mean 0, deviation 1e30" in page(report)


def test_a_long_curve_keeps_its_peaks() -> None:
    points = [(float(epoch), 1 / epoch) for epoch in range(1, 10_001)]
    points[7_123] = (7_124.0, 3.0)
    few = thinned(points)
    assert len(few) <= 400
    assert few == sorted(few)
    assert {points[7_123], points[0], points[-1]} <= {*few}
    assert thinned(points[:300]) == points[:300]


def test_no_axis_has_one_number_alone() -> None:
    for low in (-0.37, 0.1, 3.2, -1e6):
        for wide in (0.01, 0.3, 0.74, 1.4, 5.0, 3e6):
            for log in (False, True)[: 1 + (low > 0)]:
                scale = Scale(low, low + wide, 0, 188, log)
                ticks = scale.ticks(48)
                assert 2 <= len(ticks) <= 5
                assert all(0 <= scale(tick) <= 188.001 for tick in ticks)


def test_numbers_at_an_axis_have_room() -> None:
    frame = Frame(400, 200)
    for most in (1.0, 8e5, 4e6):
        y = Scale(-most, most, *frame.up)
        svg = chart(frame, Scale(0, 1, *frame.across), y, [], title="loss")
        begin = float(svg.partition('viewBox="')[2].split()[0])
        ends = [float(one) for one in re.findall(r'class="end" x="([0-9.]+)"', svg)]
        words = re.findall(r'class="end"[^>]*>([^<]+)<', svg)
        assert "0" in words
        assert all(end - 6 * len(word) >= begin for end, word in zip(ends, words, strict=True))


@pytest.mark.parametrize(
    ("values", "log", "ticks"),
    [
        ([0.0, 10.0], False, ["0", "5", "10"]),
        ([0.001, 10.0], True, ["0.001", "0.01", "0.1", "1", "10"]),
        ([1e-12, 1.0], True, ["1e-12", "1e-9", "1e-6", "0.001", "1"]),
        ([0.96921, 0.96924], False, ["0.96921", "0.96922", "0.96923", "0.96924"]),
        ([2.0, 2.0], False, ["1", "1.5", "2", "2.5", "3"]),
        ([-5.0, float("inf"), float("nan"), 5e6], False, ["0", "2e6", "4e6"]),
    ],
)
def test_ticks_are_round_and_told_apart(values: list[float], log: bool, ticks: list[str]) -> None:
    scale = fitted(values, 0, 150)
    assert scale.log is log
    assert labels(scale.ticks()) == ticks
    for value in filter(np.isfinite, values):
        assert 0 <= scale(value) <= 150
