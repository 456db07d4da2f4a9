"""What `--save` kept, used with a table or a model that is another one than at training."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphc.cli import graphc

FLOWERS = """
input x : [batch, 2]
target kind : int[batch]
param W : [2, 3] = [[-1, 0, 1], [0, 0, 0]]
param b : [3] = zeros
z = tanh(x @ W + b)
output z
loss cross_entropy(z, kind)
optimizer adam(learning_rate = 0.1)
train(epochs = 5, batch_size = 3)
"""
TABLE = "size,age,kind\n" + "-2,0,iris\n0,0,lily\n2,0,rose\n" * 4


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the model, its data and what it learnt."""
    monkeypatch.chdir(tmp_path)
    Path("flowers.nn").write_text(FLOWERS)
    Path("flowers.csv").write_text(TABLE)
    assert run("train flowers.nn --data flowers.csv --save p.npz").exit_code == 0


def run(line: str) -> Result:
    result = CliRunner().invoke(graphc, line.split())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def kinds(options: str = "", table: str = "flowers.csv") -> list[str]:
    """The kinds that are predicted."""
    result = run(f"predict flowers.nn --params p.npz --data {table} {options}")
    assert result.exit_code == 0, result.output
    return [row.split(",")[-1] for row in result.stdout.splitlines()[1:]]


def told(line: str, code: int = 1) -> str:
    result = run(line)
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    return result.stderr


# Another table


def test_columns_keep_their_names_from_the_training() -> None:
    Path("mixed.csv").write_text("kind,age,more,size\nrose,0,7,-2\n,0,7,2\n")
    assert kinds(table="mixed.csv") == ["iris", "rose"]
    again = run("train flowers.nn --data flowers.csv --resume p.npz --epochs 6 --save p.npz")
    assert again.exit_code == 0
    assert kinds(table="mixed.csv") == ["iris", "rose"]


def test_names_that_are_missing_are_told_and_chosen_by_hand() -> None:
    Path("other.csv").write_text("length,age\n-2,0\n")
    expected = (
        "graphc: other.csv: no column 'size', on which x was trained; "
        "the columns are 'length', 'age'\n--columns x=… says which columns to use\n"
    )
    assert told("predict flowers.nn --params p.npz --data other.csv") == expected
    assert kinds("--columns x=length,age", "other.csv") == ["iris"]
    Path("other.csv").write_text("size,age,sort\n-2,0,iris\n")
    assert kinds(table="other.csv") == ["iris"]
    expected = (
        "graphc: other.csv: no column 'kind', on which kind was trained; "
        "the columns are 'size', 'age', 'sort'\n--columns kind=… says which columns to use\n"
    )
    assert told("train flowers.nn --data other.csv --resume p.npz --epochs 9") == expected


# Another model


def test_a_changed_optimizer_or_loss_still_predicts() -> None:
    before = kinds()
    text = FLOWERS.replace("adam", "sgd").replace("loss ", "loss 0.1 * l2(W) + ")
    Path("flowers.nn").write_text(text)
    assert kinds() == before
    line = "train flowers.nn --data flowers.csv --resume p.npz --epochs 6"
    assert told(line) == (
        "graphc: p.npz: saved with another optimizer; --new-optimizer begins anew with this one\n"
    )
    again = run(f"{line} --new-optimizer")
    assert again.exit_code == 0
    assert "p.npz goes on after epoch 5: batch size 3, holdout 0\n" in again.stdout


def test_a_changed_way_to_the_output_is_told() -> None:
    Path("flowers.nn").write_text(FLOWERS.replace("tanh", "relu"))
    expected = (
        "graphc: p.npz: saved by a model that computed z otherwise; "
        "--changed-model takes its parameters as they are\n"
    )
    assert told("predict flowers.nn --params p.npz --data flowers.csv") == expected
    line = "train flowers.nn --data flowers.csv --resume p.npz --epochs 6 --save p.npz"
    assert told(line) == expected
    assert len(kinds("--changed-model")) == 12
    assert run(f"{line} --changed-model").exit_code == 0
    kinds()


def test_a_learning_rate_of_the_old_optimizer_is_not_that_of_the_new() -> None:
    line = "train flowers.nn --data flowers.csv --save p.npz"
    assert run(f"{line} --learning-rate 0.001").exit_code == 0
    Path("flowers.nn").write_text(FLOWERS.replace("adam", "sgd"))
    again = run(f"{line} --resume p.npz --epochs 6 --new-optimizer")
    assert "p.npz goes on after epoch 5: batch size 3, holdout 0\n" in again.stdout


@pytest.mark.parametrize("option", ["--new-optimizer", "--changed-model"])
def test_ways_to_go_on_need_what_to_go_on_from(option: str) -> None:
    text = told(f"train flowers.nn --data flowers.csv {option}", code=2)
    assert text.endswith(f"Error: {option} says how to go on; it needs --resume.\n")


def test_another_number_of_rows_is_told() -> None:
    """Which rows are held out depends on how many there are."""
    Path("more.csv").write_text(TABLE + "-2,0,iris\n")
    run("train flowers.nn --data flowers.csv --holdout 0.25 --save p.npz")
    same = run("train flowers.nn --data flowers.csv --resume p.npz --epochs 6")
    other = run("train flowers.nn --data more.csv --resume p.npz --epochs 6")
    line = "the data had 12 rows before: what is held out now was partly trained on"
    assert line not in same.stdout
    assert line in other.stdout


def test_a_link_that_leads_nowhere_is_told_before_the_work() -> None:
    Path("p.npz").unlink()
    Path("p.npz").symlink_to("nowhere/p.npz")
    result = run("train flowers.nn --data flowers.csv --save p.npz")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nowhere: No such file or directory" in result.stderr


def test_what_is_beside_is_only_swept_if_it_is_a_saved_file_of_that_name() -> None:
    others = [Path(name) for name in (".p.npz.mine.part", ".p.npz.copy-of-it.part", "p.part")]
    left = Path(".p.npz.abcdefgh.part")
    for path in (*others, left):
        path.write_text("precious")
    Path(".p.npz.ijklmnop.part").symlink_to("flowers.nn")
    assert run("train flowers.nn --data flowers.csv --save p.npz").exit_code == 0
    assert [path.read_text() for path in others] == ["precious"] * 3
    assert not left.exists()
    assert Path("flowers.nn").read_text() == FLOWERS
