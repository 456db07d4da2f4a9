"""The data a model is trained on or predicts from: read, checked, split.

`load` turns a `.csv`, `.npz` or `.npy` file into one array for each input and target of a model;
`split` sets rows aside to test on. What is wrong with a file is a `DataError` that says where.
"""

from graphc.data.columns import parse_columns
from graphc.data.errors import CallError, DataError, type_text
from graphc.data.load import Loaded, load
from graphc.data.rows import batch_axes, row_count, split, take

__all__ = [
    "CallError",
    "DataError",
    "Loaded",
    "batch_axes",
    "load",
    "parse_columns",
    "row_count",
    "split",
    "take",
    "type_text",
]
