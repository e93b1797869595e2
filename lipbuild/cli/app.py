"""The command line. Each command is a file of its own, whose heavy imports stand inside its function."""

from __future__ import annotations

from typing import Annotated

import typer

from lipbuild.cli.audit import audit
from lipbuild.cli.bench import bench
from lipbuild.cli.certify import certify
from lipbuild.cli.check import check
from lipbuild.cli.compare import compare
from lipbuild.cli.data import data
from lipbuild.cli.evaluate import evaluate
from lipbuild.cli.export import export
from lipbuild.cli.import_ import import_
from lipbuild.cli.init import init
from lipbuild.cli.lsp import lsp
from lipbuild.cli.predict import predict
from lipbuild.cli.report import report
from lipbuild.cli.rules import rules
from lipbuild.cli.schema import schema
from lipbuild.cli.serve import serve
from lipbuild.cli.sweep import sweep
from lipbuild.cli.train import train
from lipbuild.cli.verify import verify

app = typer.Typer(
    name="lipbuild",
    help="Build, train, prove and export 1-Lipschitz neural networks from a YAML config.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        from lipbuild._version import __version__

        typer.echo(f"lipbuild {__version__}")
        raise typer.Exit


@app.callback()
def lipbuild(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback where something fails.")] = False,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Let a config call the Python function that makes its data.")
    ] = False,
) -> None:
    """Build, train, prove and export 1-Lipschitz neural networks from a YAML config."""


app.command()(init)
app.command()(check)
app.command()(data)
app.command()(train)
app.command()(sweep)
app.command()(evaluate)
app.command()(report)
app.command()(compare)
app.command()(predict)
app.command()(certify)
app.command()(verify)
app.command()(audit)
app.command()(export)
app.command()(bench)
app.command("import")(import_)
app.command()(serve)
app.command()(rules)
app.command()(schema)
app.command()(lsp)
