"""`graphc ops` and `graphc show`: what a model can use, and what it uses written out."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from graphc import compile_file
from graphc.cli import graphc as command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_ops_lists_and_explains() -> None:
    listed = run("ops")
    assert listed.exit_code == 0
    for name in ("matmul", "cross_entropy", "softmax"):
        assert name in listed.output
    told = run("ops", "matmul")
    assert "da = dy @ b.T, db = a.T @ dy" in told.output
    inside = run("ops", "heaviside").output  # which `graphc explain` may tell of
    assert "a model cannot call it" in inside
    assert "heaviside" not in listed.output
    wrong = run("ops", "matmull")
    assert wrong.exit_code == 2
    assert wrong.stderr == "graphc: there is no operation `matmull`; did you mean `matmul`?\n"


def test_ops_lists_the_prelude_and_shows_its_text() -> None:
    listed = run("ops").output
    for title in ("operations", "losses", "layers", "schedules", "optimizers", "initialisers"):
        assert f"\n  {title} " in listed
    assert "momentum(learning_rate = 0.01, mu =" in listed
    asked = run("ops", "adam")
    assert asked.exit_code == 0
    assert asked.output.startswith("Adam (Kingma & Ba 2015), epsilon added after")
    about = asked.output.split("\n\n")[0].splitlines()
    assert len(about) > 1
    assert max(map(len, about)) <= 80
    assert "update adam(learning_rate = 0.001, " in asked.output
    assert "    return x @ W + b\n" in run("ops", "dense").output
    assert "did you mean `adam`?" in run("ops", "adamm").stderr


def test_show_prints_a_model_that_gives_the_same_module(tmp_path: Path) -> None:
    model, shown = tmp_path / "model.nn", tmp_path / "shown.nn"
    model.write_text(
        "input x : [batch, 3]\ntarget y : [batch, 1]\n"
        "p = x |> dense(4) |> relu |> repeat(2, residual(4)) |> dense(1)\n"
        "output p\nloss mse(p, y) + 0.1 * l2(dense1.W)\n"
        "update mine(rate) { parameter' = parameter - rate * gradient }\n"
        "optimizer mine(warmup(0.1, steps = 9), clip_norm = 1)\n"
    )
    text = run("show", str(model)).output
    assert "\n# optimizer mine(warmup(0.1, steps = 9), clip_norm = 1)\noptimizer mine(" in text
    assert "\n# p = x |> dense(4) |> relu |> repeat(2, residual(4)) |> dense(1)\n" in text
    assert "\nrepeat1.1.dense1 = repeat1.1.x @ repeat1.1.dense1.W + repeat1.1.dense1.b\n" in text
    assert "|> dense" not in text.replace("# p = x |> dense(4)", "").replace("|> dense(1)\n", "")
    shown.write_text(text)
    one, other = (compile_file(path).load().Trainer(seed=0) for path in (model, shown))
    x, y = [[0.1, 0.2, 0.3], [1, 2, 3]], [[1], [2]]
    assert one.fit(x, y, epochs=5) == other.fit(x, y, epochs=5)


def test_show_tells_the_optimizer_and_the_training_that_nobody_wrote(tmp_path: Path) -> None:
    model = tmp_path / "model.nn"
    model.write_text("param w = 1\nloss w * w\n")
    optimizer, train = run("show", str(model)).output.splitlines()[-2:]
    assert optimizer.startswith("# by default: optimizer sgd(learning_rate = 0.01, momentum = 0,")
    assert train == "# by default: train(epochs = 20, batch_size = 32, shuffle = true, seed = 0)"
    model.write_text("param w = 1\nloss w * w\noptimizer adam()\ntrain(epochs = 3)\n")
    text = run("show", str(model)).output
    assert "by default" not in text
    assert text.count("\noptimizer adam()\n") == 1
    assert "# optimizer" not in text


def test_ops_explains_an_initialiser_and_translates_a_name() -> None:
    told = run("ops", "he_normal").output
    assert told.startswith("he_normal\n\nNormal numbers of variance 2 / fan_in")
    assert "param W : [8, 16] = he_normal" in told
    assert "fan_out" not in run("ops", "orthogonal").output
    assert "did you mean `he_normal`?" in run("ops", "kaiming").stderr
    assert "did you mean `dense`?" in run("ops", "torch.nn.Linear").stderr
