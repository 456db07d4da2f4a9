"""`graphc predict`: what a trained model says about new data."""

from __future__ import annotations

from pathlib import Path

import click

from graphc.commands.arguments import changed_model, insist_model
from graphc.commands.reporting import complain, put


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--params",
    required=True,
    type=click.Path(path_type=Path),
    metavar="P.npz",
    help="What graphc train --save wrote.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A .csv file with a header, or .npz/.npy with arrays by the names of the inputs;"
    " targets may stand in it.",
)
@click.option(
    "--columns",
    multiple=True,
    metavar="NAME=A,B…",
    help="The columns of a .csv file that are the input NAME. Without it they go by the names that"
    " they had in training, if they had any.",
)
@changed_model
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT.csv|OUT.npz",
    help="Where to write; without it a CSV table goes to the standard output.",
)
def predict(
    file: Path,
    params: Path,
    data: Path | None,
    columns: tuple[str, ...],
    changed_model: bool,
    output: Path | None,
) -> None:
    """Apply the trained model FILE to each row of data.

    The columns of the table are the outputs: p, or p[0], p[1] … for several numbers a row. If the
    model was trained on text labels, these are p[apple], p[pear] …, and a last column has the one
    with the largest score.
    """
    if output is not None and output.suffix.lower() not in (".csv", ".npz"):
        raise click.BadParameter(f"{output} is neither .csv nor .npz.", param_hint="-o")
    import numpy as np

    from graphc.compiled import compile_file
    from graphc.data import DataError, Loaded, load, parse_columns
    from graphc.data.output import (
        archive_of,
        check_output,
        class_names,
        csv_text,
        insist_on_rows,
        named_outputs,
        predict_rows,
        predicted_labels,
    )
    from graphc.files import write_atomically
    from graphc.training import load_trainer, read_notes

    insist_model(file)
    chosen = parse_columns(columns)
    if output is not None:
        check_output(output, (file, params, data))
    compiled = compile_file(file)
    names = compiled.model.outputs
    if not names:
        raise DataError(f"{file}: the model has no output; add `output NAME` to it")
    trainer = load_trainer(compiled.load(), params, new_optimizer=True, changed_model=changed_model)
    notes = read_notes(trainer, params)
    inputs = [entry for entry in compiled.data if entry.kind == "input"]
    loaded = Loaded(())
    if inputs:
        if data is None:
            wanted = ", ".join(entry.name for entry in inputs)
            raise click.UsageError(f"{file} needs --data, for {wanted}.")
        loaded = load(
            data,
            compiled.data,
            columns=chosen,
            dtype=compiled.model.dtype,
            inputs_only=True,
            classes=notes.classes,
            trained=notes.columns,
        )
        if loaded.note:
            complain(loaded.note)
    elif data is not None:
        raise click.UsageError(f"{file} has no inputs, so it takes no data.")
    outputs = named_outputs(names, trainer.predict(*loaded.arrays))
    rows = predict_rows(trainer.predict, names, inputs, loaded.arrays, outputs)
    targets = [entry for entry in compiled.data if entry.kind == "target"]
    labels = predicted_labels(targets, notes.classes, rows)
    if output is not None and output.suffix.lower() == ".npz":
        arrays = outputs | {name: np.array(column) for name, column in labels.items()}
        write_atomically(output, archive_of(arrays))
        click.echo(f"wrote {output}: {', '.join(arrays)}")
        return
    insist_on_rows(outputs, rows)
    text = csv_text(rows, labels, class_names(targets, notes.classes, rows))
    if output is None:
        put(text)
        return
    write_atomically(output, text.encode())
    count = max(map(len, rows.values()))
    click.echo(f"wrote {output}: {count:,} row{'s' * (count != 1)}")
