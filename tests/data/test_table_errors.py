"""CSV files: what is told about those that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_cases import WRITE, T, X, Y, columns, told

from graphc.data import CallError, DataError, load, parse_columns
from graphc.model import Data

HEADLESS = "d.csv: expected a first row of column names, got the values"
UNEVEN = "d.csv: expected 3 columns (2 for x [batch, 2], 1 for y int[batch]), "
LACKING = "d.csv: expected 2 columns (2 for x [batch, 2]), "
CHOOSE = "--columns x=… says which columns to use"
FILL = (
    "leave these rows out, or fill the cells in, as with the mean of the column, and add a column "
    "of 0 and 1 that says where"
)
AT_A = "d.csv, row 2, column 'a': expected"
MIXED = "expected a class number, as '0' elsewhere, or text labels throughout, got"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "d.csv: the file is empty; expected a header of column names"),
        ("\n\n", "d.csv: the file is empty; expected a header of column names"),
        ("a,b,y\n", "d.csv: expected rows of data, got a header alone"),
        ("a,b,a\n1,2,0\n", "d.csv: columns 1 and 3 are both called 'a'"),
        (
            ",a,b\n0,1,2\n",
            "d.csv: column 1 has no name; name it, or use --columns to say which columns are x",
        ),
        ("1.5,2,0\n3,4,1\n", f"{HEADLESS} '1.5', '2', '0'"),
        ("5.1,3.5,rose\n4,5,lily\n", f"{HEADLESS} '5.1', '3.5', 'rose'"),
        ("5,5,rose\n4,5,lily\n", f"{HEADLESS} '5', '5', 'rose'"),
        ("a,b\n1,2\n", f"{UNEVEN}got 2; the columns are 'a', 'b'\n{CHOOSE}"),
        (
            "a,b,c,y\n1,2,3,4\n",
            "d.csv: expected 2 columns (2 for x [batch, 2]), got 3: 'a', 'b', 'c'; 'y' goes to y"
            "; say which to use, as with\n  --columns x=a,b",
        ),
        (
            "id,a,b,c,kind\n1,2,3,4,5\n",
            f"{UNEVEN}got 5; the columns are 'id', 'a', 'b', 'c', 'kind'"
            "; say which to use, as with\n  --columns x=a,b --columns y=kind",
        ),
        (
            '"a,b",the b,c,y\n1,2,3,4\n',
            "d.csv: expected 2 columns (2 for x [batch, 2]), got 3: 'a,b', 'the b', 'c'; "
            """'y' goes to y; say which to use, as with\n  --columns 'x="a,b",the b'""",
        ),
        ("a,y\n1,2\n", f"{LACKING}got 1: 'a'; 'y' goes to y\n{CHOOSE}"),
        (
            "a|b|y\n1|2|0\n",
            f"{UNEVEN}got 1; the columns are 'a|b|y'\nexpected commas between the columns, got '|'",
        ),
        ("a;b;y\n1,5;2;0\n", f"{AT_A} a number, got '1,5'; decimals have a point"),
    ],
)
def test_what_is_told_of_a_header(csv_file: WRITE, text: str, message: str) -> None:
    assert told(csv_file(text), (X, Y)) == message


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1,2,0\n\n1,x7,0", "row 4, column 'b': expected a number, got 'x7'"),
        (
            "1,2,0\n1,,0\n,,0\n1,2,0\n1,2",
            "row 3, column 'b': expected a number, got an empty cell\n"
            f"2 of 5 rows have empty cells (2 in 'b', 1 in 'a'); {FILL}",
        ),
        (
            "1,NA,0",
            "row 2, column 'b': expected a number, got 'NA'\n"
            f"1 of 1 row has empty cells (1 in 'b'); {FILL}",
        ),
        ("1,2,0\n1,nan,0", f"row 3, column 'b': expected a finite number, got nan\n{FILL}"),
        ("-inf,2,0", "row 2, column 'a': expected a finite number, got -inf"),
        ("1e400,2,0", "row 2, column 'a': expected a finite number, got inf"),
        ("nan,2,0\n1,x,0", f"row 2, column 'a': expected a finite number, got nan\n{FILL}"),
        ("1_0,2,0", "row 2, column 'a': expected a number, got '1_0'"),
        ("1,٣,0", "row 2, column 'b': expected a number, got '٣'"),
        ("1,１２,0", "row 2, column 'b': expected a number, got '１２'"),
        ("1,0x10,0", "row 2, column 'b': expected a number, got '0x10'"),
        ('1,"2,5",0', "row 2, column 'b': expected a number, got '2,5'; decimals have a point"),
        ('"1\n",2,0\n1,"x\ny,z",0', "row 3, column 'b': expected a number, got 'x\\ny,z'"),
        ("1,2,0\n1,2", "row 3: expected 3 cells, as in the header, got 2"),
        ("1,2,0,4", "row 2: expected 3 cells, as in the header, got 4"),
        ("1;2;0", "row 2: expected 3 cells, as in the header, got 1"),
        ('1,"2"3,0', "row 2: expected the end of a cell after its closing quote"),
        ('1,2,0\n1,"2,0\n1,2,0', "row 3: a quote is opened and never closed"),
    ],
)
def test_what_is_told_of_rows(csv_file: WRITE, rows: str, message: str) -> None:
    assert told(csv_file(f"a,b,y\n{rows}\n"), (X, Y)) == f"d.csv, {message}"


def test_words_where_numbers_belong(csv_file: WRITE) -> None:
    path = csv_file("a,b,t\n1,2,no\n1,2,yes\n")
    assert told(path, (X, T)).endswith(
        "got 'no'\nwrite 0 and 1 for two words, or declare `t : int[batch]` with cross_entropy and "
        "a score for each word"
    )
    path = csv_file("a,b,t\n1,red,0\n1,blue,1\n")
    assert "got 'red'\ngive words an input of their own, as `kind : int[batch]`" in told(
        path, (X, T)
    )
    path = csv_file("a,b,t\n1,2,0\n1,2,yes\n")
    assert told(path, (X, T)).endswith("row 3, column 't': expected a number, got 'yes'")


@pytest.mark.parametrize(
    ("classes", "row", "message"),
    [
        ("3", 2, "expected a class from 0 to 2, got '3'"),
        ("2 3 1", 3, "expected a class from 0 to 2, got '3'; classes count from 0: subtract 1"),
        ("-1", 2, "expected a class from 0 to 2, got '-1'"),
        ("1.5", 2, "expected a whole number, got '1.5'"),
        ("inf", 2, "expected a whole number, got 'inf'"),
        ("0 nan", 3, "a value is missing"),
        ("0 -", 3, "a value is missing"),
        ("0 red", 3, f"{MIXED} 'red'"),
        ("0 0x1", 3, f"{MIXED} '0x1'"),
        ("1_0 0", 2, f"{MIXED} '1_0'"),
        ("0 １", 3, f"{MIXED} '１'"),
        (f"1{'0' * 22}", 2, f"expected a class from 0 to 2, got '1{'0' * 22}'"),
        (
            "p q p q r q s a",
            8,
            "expected at most 3 labels, one for each class of 'y', got 5: 'a', 'p', 'q', 'r', 's'",
        ),
    ],
)
def test_what_is_told_of_classes(csv_file: WRITE, classes: str, row: int, message: str) -> None:
    rows = "\n".join(f"1,2,{'' if cell == '-' else cell}" for cell in classes.split())
    expected = f"d.csv, row {row}, column 'y': {message} (y is int[batch])"
    lacking = (
        "\n1 of 2 rows has no class there; leave these rows out, or give them a class of their own"
    )
    expected += lacking if message == "a value is missing" else ""
    assert told(csv_file(f"a,b,y\n{rows}\n"), (X, Y)) == expected


def test_classes_that_are_missing_are_counted_however_that_is_written(csv_file: WRITE) -> None:
    path = csv_file("a,b,y\n1,2,p\n1,2,\n1,2,nan\n1,2,q\n1,2,NaN\n")
    assert "\n3 of 5 rows have no class there" in told(path, (X, Y))


def test_a_quote_that_is_never_closed_is_not_read_to_the_end(csv_file: WRITE) -> None:
    path = csv_file('a,b,y\n1,2,0\n1,"2,0\n' + "1,2,0\n" * 30_000)
    expected = "d.csv, row 3: a cell of more than 131,072 characters; is a quote not closed?"
    assert told(path, (X, Y)) == expected


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


@pytest.mark.parametrize("option", ["x", "x=", "=a", "x=a,,b", "x=a\rb,c", f"x={'a' * 200_000}"])
def test_column_options_that_do_not_read(option: str) -> None:
    with pytest.raises(CallError, match=r"expected NAME=COLUMN,COLUMN") as caught:
        parse_columns([option])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200
    with pytest.raises(DataError, match="given twice"):
        parse_columns(["x=a", "x=b"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"a,b,y\n1,2,0\n1,2,\xe9t\xe9\n", 3),
        (b"a,b,y\r\n" + b"1,2,0\r\n" * 3000 + b"1,2,\xe9\r\n1,2,0\r\n", 3002),
        (b"\xe9,b,y\n1,2,0\n", 1),
    ],
)
def test_bytes_that_are_no_text(csv_file: WRITE, text: bytes, line: int) -> None:
    expected = f"d.csv, line {line}: expected UTF-8 text, got other bytes"
    assert told(csv_file(text), (X, Y)) == expected


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_is_told(csv_file: WRITE, coding: str) -> None:
    path = csv_file("a,b,y\n1,2,0\n".encode(coding))
    expected = "d.csv: expected UTF-8 text, got UTF-16 or no text; save it as UTF-8"
    assert told(path, (X, Y)) == expected


def test_data_without_a_batch_has_no_rows(csv_file: WRITE) -> None:
    fixed = Data("x", "input", False, (4, 2), None)
    assert "give this data as .npz" in told(csv_file("a,b\n1,2\n"), (fixed,))


def test_a_message_stays_short(csv_file: WRITE) -> None:
    wide = ",".join(f"column{number}" for number in range(5000))
    assert len(told(csv_file(f"{wide}\n"), (X, Y))) < 400
    assert len(told(csv_file(f"a,b,y\n1,{'z' * 9999},0\n"), (X, Y))) < 200


def test_names_that_are_too_long(csv_file: WRITE) -> None:
    fits, long = "n" * 1000, "n" * 1001
    assert len(load(csv_file(f"{fits},b,y\n1,2,{fits}\n"), (X, Y)).labels["y"][0]) == 1000
    message = "d.csv: expected names of at most 1,000 characters, but that of column 2 has 1,001: "
    assert message in told(csv_file(f"a,{long},y\n1,2,0\n"), (X, Y))
    message = "d.csv, row 2, column 'y': expected labels of at most 1,000 characters, got 1,001: "
    assert message in told(csv_file(f"a,b,y\n1,2,{long}\n"), (X, Y))


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    for name in ("none.csv", "none.npz", "none.npy"):
        with pytest.raises(FileNotFoundError):
            load(tmp_path / name, (X,))
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        load(tmp_path / "dir.csv", (X,))
    assert told(tmp_path / "d.xlsx", (X,)) == "d.xlsx: expected a .csv, .npz or .npy file"
