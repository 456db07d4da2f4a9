"""CSV files: what is told about those that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_cases import WRITE, X, Y, columns, told

from graphc.data import DataError, load, parse_columns
from graphc.model import Data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "d.csv: the file is empty; expected a header of column names"),
        ("\n\n", "d.csv: the file is empty; expected a header of column names"),
        ("a,b,y\n", "d.csv: expected rows of data, got a header alone"),
        ("a,b,y\n1,2,0\n\n1,x7,0\n", "d.csv, row 4, column 'b': expected a number, got 'x7'"),
        ("a,b,y\n1,,0\n", "d.csv, row 2, column 'b': expected a number, got an empty cell"),
        ("a,b,y\n1,2,0\n1,nan,0\n", "row 3, column 'b': expected a finite number, got nan"),
        ("a,b,y\n-inf,2,0\n", "row 2, column 'a': expected a finite number, got -inf"),
        ("a,b,y\n1e400,2,0\n", "row 2, column 'a': expected a finite number, got inf"),
        ("a,b,y\n1_0,2,0\n", "row 2, column 'a': expected a number, got '1_0'"),
        ("a,b,y\n1,٣,0\n", "row 2, column 'b': expected a number, got '٣'"),
        ("a,b,y\n1,0x10,0\n", "row 2, column 'b': expected a number, got '0x10'"),
        ("a,b,y\n1,2,0\n1,2\n", "d.csv, row 3: expected 3 cells, as in the header, got 2"),
        ("a,b,y\n1,2,0,4\n", "d.csv, row 2: expected 3 cells, as in the header, got 4"),
        ("a,b,a\n1,2,0\n", "d.csv: columns 1 and 3 are both called 'a'"),
        (",a,b\n0,1,2\n", "d.csv: column 1 has no name"),
        ("1.5,2,0\n3,4,1\n", "expected a first row of column names, got the numbers '1.5', '2'"),
        ("a,b\n1,2\n", "expected 3 columns (2 for x [batch, 2], 1 for y int[batch]), got 2"),
        ("a,b,c,y\n1,2,3,4\n", "expected 2 columns (2 for x [batch, 2]), got 3 that are not taken"),
        ("a;b;y\n1;2;0\n", "expected commas between the columns, got ';'"),
        ("a,b,y\n1,2,3\n", "column 'y': expected a class from 0 to 2, got '3' (y is int[batch])"),
        ("a,b,y\n1,2,-1\n", "column 'y': expected a class from 0 to 2, got '-1'"),
        ("a,b,y\n1,2,1.5\n", "column 'y': expected a whole number, got '1.5'"),
        ("a,b,y\n1,2,0\n1,2,\n", "d.csv, row 3, column 'y': a value is missing"),
        ("a,b,y\n1,2,0\n1,2,red\n", "row 3, column 'y': expected a class number, as '0' elsewhere"),
        ("a,b,y\n1,2,p\n1,2,q\n1,2,r\n1,2,s\n", "expected at most 3 labels, one for each class"),
        ("a,b,y\n1,2,99999999999999999999999\n", "expected a class from 0 to 2, got '9999999999"),
        ('a,b,y\n1,"2"3,0\n', "d.csv, line 2: "),
        ('a,b,y\n1,"2,0\n', "d.csv, line 2: "),
    ],
)
def test_what_is_told(csv_file: WRITE, text: str, message: str) -> None:
    assert message in told(csv_file(text), (X, Y))


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"z": "a"}, "--columns z=…: the model has no 'z', only 'x', 'y'"),
        ({"x": "a"}, "--columns x=…: expected 2 columns for x [batch, 2], got 1"),
        ({"x": "a,c"}, "d.csv: no column 'c'; the columns are 'a', 'b', 'y'"),
    ],
)
def test_columns_that_do_not_fit(csv_file: WRITE, chosen: dict[str, str], message: str) -> None:
    assert message in told(csv_file("a,b,y\n1,2,0\n"), (X, Y), columns=columns(**chosen))


@pytest.mark.parametrize("option", ["x", "x=", "=a", "x=a,,b"])
def test_column_options_that_do_not_read(option: str) -> None:
    with pytest.raises(DataError, match=r"expected NAME=COLUMN,COLUMN"):
        parse_columns([option])
    with pytest.raises(DataError, match="given twice"):
        parse_columns(["x=a", "x=b"])


def test_bytes_that_are_no_text(csv_file: WRITE) -> None:
    path = csv_file(b"a,b,y\n1,2,0\n1,2,\xe9t\xe9\n")
    assert told(path, (X, Y)) == "d.csv, line 3: expected UTF-8 text, got other bytes"


def test_data_without_a_batch_has_no_rows(csv_file: WRITE) -> None:
    fixed = Data("x", "input", False, (4, 2), None)
    assert "give this data as .npz" in told(csv_file("a,b\n1,2\n"), (fixed,))


def test_a_message_stays_short(csv_file: WRITE) -> None:
    wide = ",".join(f"column{number}" for number in range(5000))
    assert len(told(csv_file(f"{wide}\n"), (X, Y))) < 400
    assert len(told(csv_file(f"a,b,y\n1,{'z' * 9999},0\n"), (X, Y))) < 200


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    for name in ("none.csv", "none.npz", "none.npy"):
        with pytest.raises(FileNotFoundError):
            load(tmp_path / name, (X,))
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        load(tmp_path / "dir.csv", (X,))
    assert told(tmp_path / "d.xlsx", (X,)) == "d.xlsx: expected a .csv, .npz or .npy file"
