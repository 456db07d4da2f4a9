"""Names that people bring along from other libraries find the ones that stand for them here."""

from __future__ import annotations

import pytest

import graphc
from graphc.book import book
from graphc.errors import nearest
from graphc.initial import INITIALISERS
from graphc.library import prelude
from graphc.synonyms import KINDRED, TABLE

ROWS = [line.split() for line in TABLE.split("\n") if line]
BOOK = [op.name for op in book().public]
PRELUDE = [*prelude().blocks.values(), *prelude().updates.values()]
KNOWN = {*BOOK, *(one.name.id for one in PRELUDE), *INITIALISERS}
ARGUMENTS = {name.id for one in PRELUDE for name, _ in one.arguments}
ARGUMENTS |= {name for op in book().public for name in op.attributes}


def test_what_the_table_leads_to_exists_and_no_name_leads_away_from_itself() -> None:
    assert {ours for ours, *_ in ROWS} <= KNOWN | ARGUMENTS
    theirs = [one for _, *others in ROWS for one in others]
    assert len(theirs) == len(set(theirs))
    for name in KNOWN:
        assert nearest(name, KNOWN) == name
        assert nearest(name.upper(), KNOWN) == name


@pytest.mark.parametrize(
    ("name", "meant"),
    {
        "Linear": "dense",
        "fc": "dense",
        "conv": "convolution",
        "Conv2D": "conv2d",
        "MaxPooling2D": "max_pool2d",
        "categorical_crossentropy": "cross_entropy",
        "CategoricalCrossEntropy": "cross_entropy",
        "nll": "cross_entropy",
        "BCEWithLogitsLoss": "bce_with_logits",
        "SGD": "sgd",
        "xavier": "xavier_uniform",
        "he": "he_normal",
        "glorot_uniform": "xavier_uniform",
        "kaiming_normal_": "he_normal",
        "adamm": "adam",
    }.items(),
)
def test_a_name_of_another_library(name: str, meant: str) -> None:
    assert nearest(name, KNOWN) == meant
    assert nearest(name, KNOWN - {meant}) != meant


def test_what_is_not_there_is_told_with_what_is_of_its_kind() -> None:
    rows = [line.split() for line in KINDRED.split("\n") if line]
    assert {ours for ours, *_ in rows} <= KNOWN
    assert not {one for _, *others in rows for one in others} & {
        one for _, *others in ROWS for one in others
    }
    with pytest.raises(graphc.CompileError) as caught:
        graphc.compile_text("input x : [batch, 2]\nh = x |> GRU(8)\nloss mean(h)")
    assert "help: `rnn_cell` is what there is; others can be written as a" in str(caught.value)


def test_a_name_of_the_users_own_goes_before_the_table() -> None:
    assert nearest("Linear", {*KNOWN, "linear"}) == "linear"


def test_every_name_of_a_model_is_told_at_once() -> None:
    text = """
    input x : [batch, 4]
    target y : int[batch]
    param W : [4, 3] = kaiming_uniform
    loss categorical_crossentropy(x |> Linear(3) |> add(x @ W), y)
    optimizer SGD(lr = 0.1)
    """
    with pytest.raises(graphc.CompileError) as told:
        graphc.compile_text(text)
    helps = {one.help for one in told.value.diagnostics}
    assert helps == {
        f"did you mean `{name}`?" for name in ("he_uniform", "cross_entropy", "dense", "sgd")
    }
