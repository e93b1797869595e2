"""The command line. Each command is a file of its own, whose heavy imports stand inside its function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from lipbuild.cli.audit import audit
from lipbuild.cli.bench import bench
from lipbuild.cli.certify import certify
from lipbuild.cli.check import check
from lipbuild.cli.compare import compare
from lipbuild.cli.data import data
from lipbuild.cli.evaluate import evaluate
from lipbuild.cli.evidence import evidence
from lipbuild.cli.export import export
from lipbuild.cli.help_page import CommandHelp, GroupHelp
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
    cls=GroupHelp,
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
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Let a config call a Python function for its data.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False,
) -> None:
    """Build, train, prove and export 1-Lipschitz neural networks from a YAML config."""


_COMMANDS: dict[str, dict[str, Callable[..., int]]] = {
    "Start": {"init": init, "check": check, "data": data, "import": import_},
    "Train": {"train": train, "sweep": sweep, "report": report, "compare": compare, "bench": bench},
    "Measure and prove": {
        "evaluate": evaluate,
        "certify": certify,
        "verify": verify,
        "audit": audit,
        "evidence": evidence,
    },
    "Use": {"predict": predict, "export": export, "serve": serve},
    "Look up": {"rules": rules, "schema": schema, "lsp": lsp},
}

for _heading, _commands in _COMMANDS.items():
    for _name, _command in _commands.items():
        app.command(_name, cls=CommandHelp, rich_help_panel=_heading)(_command)
