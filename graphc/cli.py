"""The command line: a table of commands, each imported when it is used, so that help is quick."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import Any

import click

from graphc import __version__
from graphc.commands.reporting import told

COMMANDS = {  # name: where it is, and what help says about it
    "compile": ("graphc.commands.compile:compile_", "Write the Python module of a model."),
    "new": ("graphc.commands.new:new", "Make a folder with a model and data to begin with."),
    "check": ("graphc.commands.check:check", "Tell every mistake in models; write nothing."),
    "fmt": ("graphc.commands.fmt:fmt", "Give models their one layout."),
    "verify": ("graphc.commands.verify:verify", "Test a model's comments and its gradient."),
    "bench": ("graphc.commands.bench:bench", "Tell how long a step takes, and what of it."),
    "train": ("graphc.commands.train:train", "Train a model on data, and say how good it is."),
    "predict": ("graphc.commands.predict:predict", "Apply a trained model to data."),
    "show": ("graphc.commands.show:show", "Print a model with its blocks written out."),
    "graph": ("graphc.commands.graph:graph", "Draw what a model computes."),
    "explain": ("graphc.commands.explain:explain", "Derive the gradient of a model, by name."),
    "trace": ("graphc.commands.trace:trace", "Run one example forward and back, in numbers."),
    "ops": ("graphc.commands.ops:ops", "List operations and blocks, or explain one."),
    "error": ("graphc.commands.error:error", "List errors and warnings, or explain one."),
}


class LazyGroup(click.Group):
    """The commands of `COMMANDS`; help names them without importing them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with told():  # --help prints here
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with told():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            raise SystemExit(130) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="graphc", message="%(prog)s %(version)s")
def graphc() -> None:
    """Compile a .nn file, which says what a neural network computes, to one NumPy module.

    graphc COMMAND --help tells more about each command.
    """
