"""`graphc train`: a `.nn` file and data become a trained model."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import click

from graphc.commands.arguments import changed_model, command_line, insist_model, share, with_data
from graphc.commands.reporting import complain, say, warn


def _finite(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """click's ranges let `nan` through, since it compares with nothing."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number.")
    return value


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_data
@click.option(
    "--columns",
    multiple=True,
    metavar="NAME=A,B…",
    help="The columns of a .csv file that are the input or target NAME. Without it they go by the"
    " header if it has the names (x, or x[0], x[1] …), else by position: inputs, then targets; with"
    " --resume by the names that they had.",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=0),
    help="Train until N epochs are done, those before --resume included.",
    metavar="N",
)
@click.option("--batch-size", type=click.IntRange(min=1), metavar="N", help="Rows per step.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    help="Of the first parameters and the order of the rows; a checkpoint has its own.",
)
@click.option(
    "--learning-rate",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    metavar="X",
    help="Instead of the one in FILE.",
)
@click.option(
    "--holdout",
    type=float,
    callback=share,
    metavar="X",
    help="The share of the rows that is held out of training and tested on; the same rows whatever"
    " the seed. Default: 0.2 if there are at least 50 rows, else 0.",
)
@click.option(
    "--patience",
    type=click.IntRange(min=0),
    metavar="N",
    help="Stop when the loss of the held-out rows (of all, if none are) has not been better for N"
    " epochs, and keep what the best epoch had learnt; 0 keeps the last, as without it.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="OUT.npz",
    help="Keep the parameters, the class names and all that is needed to go on; also while it"
    " trains, and after Ctrl-C.",
)
@click.option(
    "--save-every",
    type=click.FloatRange(min=0),
    callback=_finite,
    metavar="SECONDS",
    help="How often --save writes while it trains, at the end of an epoch: 10 by default, less"
    " often if that took more than a tenth of the time; 0 is after each epoch.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path),
    metavar="OUT.csv",
    help="A row for each epoch, written when it is done: loss, held-out loss, metrics, seconds."
    " Every epoch is evaluated for it. With --resume the file goes on after that epoch.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="OUT.html",
    help="Write a page at the end, also after Ctrl-C: scores, curves, confusion matrix, weights and"
    " gradients over time, the command to get it again. Every epoch is evaluated for it.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="CKPT.npz",
    help="Go on from what --save kept, with its --batch-size, --holdout, --learning-rate and"
    " --patience where they are not given.",
)
@click.option(
    "--new-optimizer",
    is_flag=True,
    help="With --resume: begin anew with the optimizer of FILE, whatever it was; its steps are"
    " counted from 1, epochs go on.",
)
@changed_model
def train(
    file: Path,
    data: Path | None,
    columns: tuple[str, ...],
    epochs: int | None,
    batch_size: int | None,
    seed: int | None,
    learning_rate: float | None,
    holdout: float | None,
    patience: int | None,
    save: Path | None,
    save_every: float | None,
    log: Path | None,
    report: Path | None,
    resume: Path | None,
    new_optimizer: bool,
    changed_model: bool,
) -> None:
    """Train the model FILE on data and say how good it has become.

    How good is told by what its loss compares: the share of right answers for classes and for
    decisions between 0 and 1, perplexity for models of language, else R² and the mean absolute
    error (MAE); of the held-out rows, or of all if none are. A terminal shows the losses as curves.

    Nothing is written without an option that names a file. A model without data, whose loss reads
    its parameters alone, takes one step per epoch.
    """
    from graphc.compiled import compile_file
    from graphc.data import CallError, Loaded, load, parse_columns
    from graphc.data.output import check_output
    from graphc.training import Notes, Settings, load_trainer, read_notes
    from graphc.training import train as run
    from graphc.training.keeping import OFTEN

    insist_model(file)
    chosen = parse_columns(columns)
    if seed is not None and resume is not None:
        raise click.UsageError("--resume goes on with the random numbers of its own --seed.")
    if resume is None and (new_optimizer or changed_model):
        option = "--new-optimizer" if new_optimizer else "--changed-model"
        raise click.UsageError(f"{option} says how to go on; it needs --resume.")
    if save_every is not None and save is None:
        raise click.UsageError("--save-every says how often to write; it needs --save.")
    given = (file, data, file.with_suffix(".py"))
    kept = (*given, resume)
    for path, suffix, sources in (
        (save, ".npz", given),
        (log, ".csv", kept),
        (report, ".html", kept),
    ):
        if path is not None:
            check_output(path, sources)
            if path.suffix.lower() != suffix:
                raise CallError(f"{path}: expected a name that ends in {suffix}")
    options = {} if learning_rate is None else {"learning_rate": learning_rate}
    try:
        compiled = compile_file(file, options=options)
    except ValueError as error:
        raise click.BadParameter(f"{error}", param_hint="--learning-rate") from None
    warn(compiled.warnings)
    before = Notes()
    if resume is not None:
        trainer = load_trainer(
            compiled.load(), resume, new_optimizer=new_optimizer, changed_model=changed_model
        )
        before = read_notes(trainer, resume)
        if new_optimizer:
            before = replace(before, learning_rate=None)
        if learning_rate is None and before.learning_rate is not None:
            compiled = compile_file(file, options={"learning_rate": before.learning_rate})
    loaded = Loaded(())
    if compiled.data:
        if data is None:
            names = ", ".join(entry.name for entry in compiled.data)
            raise click.UsageError(f"{file} needs --data, for {names}.")
        loaded = load(
            data,
            compiled.data,
            columns=chosen,
            dtype=compiled.model.dtype,
            classes=before.classes if resume else None,
            trained=before.columns,
        )
        if loaded.note:
            complain(loaded.note)
    elif data is not None or columns or batch_size is not None or holdout:
        raise click.UsageError(
            f"{file} has no inputs or targets: "
            "it takes no --data, --columns, --batch-size or --holdout."
        )
    follower = None
    if report is not None:
        from graphc.reported import Follower, origin

        words = command_line(click.get_current_context())
        began = origin(
            compiled,
            words,
            file,
            data=data,
            resume=resume,
            save=save,
            seed=seed,
        )
        follower = Follower(report, began)
        if loaded.note:
            follower.hear(loaded.note)
    settings = Settings(
        name=file.stem,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        holdout=holdout,
        learning_rate=learning_rate,
        patience=patience,
        save=save,
        save_every=OFTEN if save_every is None else save_every,
        log=log,
        follower=follower,
        resume=resume,
        new_optimizer=new_optimizer,
        changed_model=changed_model,
        before=before,
    )
    raise SystemExit(run(compiled, loaded, settings, say, complain))
