from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from lipbuild.cli.result import FormatOption, ResultFormat, print_json
from lipbuild.diagnostics.printable import printable

if TYPE_CHECKING:
    from lipbuild.importing.change import Change


def import_(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A `.keras` archive, or an HDF5 file.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="The config, or the folder with `--keep-weights`. Default: the model's name.",
        ),
    ] = None,
    keep_weights: Annotated[
        bool,
        typer.Option("--keep-weights", help="Also convert the weights, and write a run folder."),
    ] = False,
    normalize: Annotated[
        bool,
        typer.Option(
            "--normalize",
            help="Divide plain kernels by their norms, instead of making them orthogonal.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Make a config from a Keras or deel-lip model.

    Layers without a Lipschitz constant are replaced, and every change is listed.

    Example:
        lipbuild import model.keras --output config.yaml
    """
    if keep_weights:
        from lipbuild.cli.tensorflow import load_tensorflow

        load_tensorflow()
    from lipbuild.api.import_model import import_model
    from lipbuild.rules.check import Accepted

    imported = import_model(model, output, keep_weights=keep_weights, normalize=normalize, overwrite=force)
    if format is ResultFormat.json:
        print_json("import", imported.as_json())
        return 0 if imported.checked.ok else 1
    _show_changes(imported.changes)
    config = imported.path / "config.yaml" if keep_weights else imported.path
    if not isinstance(imported.checked, Accepted):
        import sys

        from lipbuild.cli.show import show_diagnostics
        from lipbuild.diagnostics.severity import Severity

        errors = [d for d in imported.checked.diagnostics if d.severity is Severity.ERROR]
        show_diagnostics(errors, sys.stdout)
        print(printable(f"wrote {config}: its errors are left for you to decide"))
        return 1
    from lipbuild.network.bound_text import bound_text

    graph = imported.checked.graph
    constant = f"Lipschitz constant at most {bound_text(graph.bound)}"
    print(printable(f"wrote {config}: {graph.parameters:,} parameters, {constant}"))
    if imported.weights is not None:
        print(
            printable(
                f"wrote {imported.weights}; next: lipbuild certify {quote(str(imported.weights.parent))}"
            )
        )
    else:
        print(printable(f"next: lipbuild check {quote(str(config))}"))
    return 0


def _show_changes(changes: Sequence[Change]) -> None:
    """A line a change, and each rule's reason once."""
    reasons: dict[str, str] = {}
    for change in changes:
        if change.rule:
            reasons.setdefault(change.rule, change.why)
            print(f"{change.layer}: {change.what} [{change.rule}]")
        else:
            print(f"{change.layer}: {change.what}: {change.why}")
    if reasons:
        print()
    for rule, why in reasons.items():
        print(f"[{rule}] {why}")
    if changes:
        print()
