"""CSV files: what is read of them, to train and to predict."""

from __future__ import annotations

import numpy as np
import pytest
from data_cases import WRITE, T, X, Y, columns, told

from graphc.data import load
from graphc.model import Data


def test_columns_go_by_declaration_and_labels_become_classes(csv_file: WRITE) -> None:
    path = csv_file("width,height,kind\n1,2,rose\n3,4.5,iris\n5,-6e1,lily\n7,8,iris\n")
    loaded = load(path, (X, Y))
    x, y = loaded.arrays
    assert x.tolist() == [[1, 2], [3, 4.5], [5, -60], [7, 8]]
    assert y.tolist() == [2, 0, 1, 0]
    assert y.dtype == np.int64
    assert loaded.labels == {"y": ("iris", "lily", "rose")}


def test_class_numbers_stand_for_themselves(csv_file: WRITE) -> None:
    loaded = load(csv_file("a,b,y\n1,2,2\n1,2,0.0\n"), (X, Y))
    assert loaded.arrays[1].tolist() == [2, 0]
    assert loaded.labels == {}


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfa,b,t\r\n1,2,3\r\n4,5,6\r\n",
        b'"a", "b",t\n "1", 2 ,3\n\n4,5,"6"\n\n\n',
        b"a,b,t\n1,2,3\n4,5,6",
        b"a,b,t\r1,2,3\r4,5,6\r",
        b"a;b;t\r\n1;2;3\r\n4;5;6\r\n",
        b'\n"a"\tb\tt\n1\t 2\t"3"\n4\t5\t6\n',
        b'"a;\t1","b\nc",t\n1,2,3\n4,5,6\n',
    ],
    ids=[
        *("bom and crlf", "quotes and blank lines", "no last newline", "old mac"),
        *("semicolons", "tabs", "separators and line ends in quotes"),
    ],
)
def test_dialects(csv_file: WRITE, text: bytes) -> None:
    x, t = load(csv_file(text), (X, T)).arrays
    assert x.tolist() == [[1, 2], [4, 5]]
    assert t.tolist() == [[3], [6]]


def test_header_with_the_names_of_the_data_wins_over_position(csv_file: WRITE) -> None:
    path = csv_file("id,y,x[1],x[0]\n9,1,20,10\n9,2,40,30\n")
    x, y = load(path, (X, Y)).arrays
    assert x.tolist() == [[10, 20], [30, 40]]
    assert y.tolist() == [1, 2]


def test_what_is_not_named_takes_the_columns_left(csv_file: WRITE) -> None:
    x, y = load(csv_file("y,a,b\n1,10,20\n"), (X, Y)).arrays
    assert (x.tolist(), y.tolist()) == ([[10, 20]], [1])


def test_chosen_columns(csv_file: WRITE) -> None:
    path = csv_file('id,"b, c",a,class\n7,1,2,0\n8,3,4,1\n')
    x, y = load(path, (X, Y), columns=columns(x='a,"b, c"', y="class")).arrays
    assert x.tolist() == [[2, 1], [4, 3]]
    assert y.tolist() == [0, 1]


def test_the_same_columns_may_be_input_and_target(csv_file: WRITE) -> None:
    again = Data("again", "target", False, ("batch", 2), None)
    loaded = load(csv_file("a,b\n1,2\n"), (X, again), columns=columns(x="a,b", again="b,a"))
    assert [array.tolist() for array in loaded.arrays] == [[[1, 2]], [[2, 1]]]


def test_batch_on_the_last_axis_and_rows_of_a_matrix(csv_file: WRITE) -> None:
    wide = Data("w", "input", False, (2, "batch"), None)
    image = Data("i", "input", False, ("batch", 2, 2), None)
    w, i = load(csv_file("a,b,c,d,e,f\n1,2,3,4,5,6\n7,8,9,10,11,12\n"), (wide, image)).arrays
    assert w.tolist() == [[1, 7], [2, 8]]
    assert i.tolist() == [[[3, 4], [5, 6]], [[9, 10], [11, 12]]]


def test_a_run_time_dimension_gets_its_size_from_the_columns(csv_file: WRITE) -> None:
    text = Data("text", "input", True, ("batch", "time"), 5)
    path = csv_file("w1,w2,w3\n0,1,2\n3,4,0\n")
    assert load(path, (text,), columns=columns(text="w1,w2,w3")).arrays[0].shape == (2, 3)
    assert "use --columns text=…" in told(path, (text,))


def test_dtype_is_the_models(csv_file: WRITE) -> None:
    assert load(csv_file("a,b\n1,2\n"), (X,), dtype="float32").arrays[0].dtype == np.float32
    message = told(csv_file("a,b\n1,2\n3,1e300\n"), (X,), dtype="float32")
    assert message == (
        "d.csv, row 3, column 'b': expected a finite number, got 1e+300 (too large for float32)"
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [("a,b", [1, 2]), ("a,b,kind", [1, 2]), ("id,x[1],x[0]", [5, 2]), ("y,a,b", [2, 5])],
)
def test_targets_may_stand_in_a_file_to_predict(
    csv_file: WRITE, header: str, expected: list[int]
) -> None:
    path = csv_file(f"{header}\n{'1,2,5'[: 2 * len(header.split(',')) - 1]}\n")
    (x,) = load(path, (X, Y), inputs_only=True).arrays
    assert x.tolist() == [expected]


def test_labels_keep_the_numbers_they_were_trained_with(csv_file: WRITE) -> None:
    known = {"y": ("a", "b", "c")}
    path = csv_file("a,b,kind\n1,2,c\n1,2,b\n")
    loaded = load(path, (X, Y), classes=known)
    assert (loaded.arrays[1].tolist(), loaded.labels) == ([2, 1], known)
    assert load(path, (X, Y)).arrays[1].tolist() == [1, 0]
    assert told(path, (X, Y), classes={}) == (
        "d.csv, row 2, column 'kind': expected a class number, as in training, got 'c' "
        "(y is int[batch])"
    )
    csv_file("a,b,kind\n1,2,a\n1,2,rose\n")
    assert "row 3, column 'kind': expected one of 'a', 'b', 'c', as in training, got 'rose'" in (
        told(path, (X, Y), classes=known)
    )
    csv_file("a,b,kind\n1,2,0\n")
    assert "expected one of 'a', 'b', 'c', as in training, got '0'" in (
        told(path, (X, Y), classes=known)
    )


def test_targets_of_a_file_to_predict_are_not_looked_at(csv_file: WRITE) -> None:
    path = csv_file("a,b,kind\n1,2,rose\n3,4,\n")
    loaded = load(path, (X, Y), inputs_only=True, classes={"y": ("a", "b")})
    assert ([one.tolist() for one in loaded.arrays], loaded.labels) == ([[[1, 2], [3, 4]]], {})


def test_text_inputs_are_numbered_as_in_training(csv_file: WRITE) -> None:
    colour = Data("colour", "input", True, ("batch",), 3)
    path = csv_file("colour\nred\nblue\n")
    assert load(path, (colour,)).arrays[0].tolist() == [1, 0]
    known = {"colour": ("blue", "green", "red")}
    assert load(path, (colour,), inputs_only=True, classes=known).arrays[0].tolist() == [2, 0]
    assert "as in training" in told(path, (colour,), inputs_only=True, classes={})


# Names of columns, as they were at training

TRAINED = {"x": ("a", "b"), "y": ("kind",)}


@pytest.mark.parametrize("header", ["b,a,kind", "kind,b,a", "b,id,kind,a,more", "b,a"])
def test_columns_go_by_the_names_of_the_training(csv_file: WRITE, header: str) -> None:
    cells = {"a": "1", "b": "2", "kind": "0", "id": "x", "more": ""}
    path = csv_file(f"{header}\n{','.join(cells[name] for name in header.split(','))}\n")
    (x,) = load(path, (X, Y), inputs_only=True, trained=TRAINED).arrays
    assert x.tolist() == [[1, 2]]
    if "kind" in header:
        again = load(path, (X, Y), trained=TRAINED)
        assert [array.tolist() for array in again.arrays] == [[[1, 2]], [0]]
        assert again.columns == TRAINED


def test_names_that_are_missing_are_told(csv_file: WRITE) -> None:
    path = csv_file("c,a,kind\n1,2,0\n")
    assert told(path, (X, Y), inputs_only=True, trained=TRAINED) == (
        "d.csv: no column 'b', on which x was trained; the columns are 'c', 'a', 'kind'\n"
        "--columns x=… says which columns to use"
    )
    chosen = load(path, (X, Y), columns=columns(x="c,a"), inputs_only=True, trained=TRAINED)
    assert chosen.arrays[0].tolist() == [[1, 2]]
    assert told(csv_file("c,d,y\n1,2,0\n"), (X, Y), trained=TRAINED) == (
        "d.csv: no columns 'a', 'b', on which x was trained; the columns are 'c', 'd', 'y'\n"
        "--columns x=… says which columns to use"
    )


def test_a_table_without_names_goes_by_position(csv_file: WRITE) -> None:
    path = csv_file("0,1,2\n5,6,1\n")
    loaded = load(path, (X, Y), trained=TRAINED)
    assert ([one.tolist() for one in loaded.arrays], loaded.columns) == ([[[5, 6]], [1]], {})
    assert loaded.note == (
        f"{path}: the first line, '0', '1', '2', is taken for column names; "
        "if it is data, put a line of names above it"
    )
    assert not load(path, (X, Y), columns=columns(x="0,1", y="2")).note
    named = load(csv_file("b,a,kind\n5,6,1\n"), (X, Y))
    assert (named.arrays[0].tolist(), named.note) == ([[5, 6]], "")


def test_the_own_names_of_data_are_as_good(csv_file: WRITE) -> None:
    path = csv_file("x[1],x[0]\n1,2\n")
    assert load(path, (X,), trained=TRAINED).arrays[0].tolist() == [[2, 1]]
    text = Data("text", "input", True, ("batch", "time"), 5)
    longer = csv_file("text[0],text[1],text[2]\n0,1,2\n")
    trained = {"text": ("text[0]", "text[1]")}
    assert load(longer, (text,), trained=trained).arrays[0].shape == (1, 3)


def test_names_of_data_that_was_wider_mean_nothing(csv_file: WRITE) -> None:
    path = csv_file("a,b\n1,2\n")
    assert load(path, (X,), trained={"x": ("a", "b", "c")}).arrays[0].tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"x": "a,b", "t": "a"}, "column 'a' is in both x and t: the model is given the answers"),
        ({"x": "a,b", "t": "c"}, ""),
    ],
)
def test_an_input_that_is_its_own_target_is_told(
    csv_file: WRITE, chosen: dict[str, str], told: str
) -> None:
    path = csv_file("a,b,c\n1,2,3\n")
    note = load(path, (X, T), columns=columns(**chosen)).note
    assert told in note
    assert bool(told) == bool(note)
    assert not load(path, (X, T), columns=columns(**chosen), inputs_only=True).note
