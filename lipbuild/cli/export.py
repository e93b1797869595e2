from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipbuild.cli.options import KnownOnly, Overrides
from lipbuild.cli.result import FormatOption, ResultFormat, print_json
from lipbuild.diagnostics.printable import printable

if TYPE_CHECKING:
    from lipbuild.exporting.exported import Exported


class Semantics(str, Enum):
    """What a radius is about."""

    real = "real"
    float32 = "float32"


class Arithmetic(str, Enum):
    """What C computes in."""

    float32 = "float32"
    double = "double"


class Quantization(str, Enum):
    """The precision of the weights."""

    none = "none"
    float16 = "float16"
    int8 = "int8"


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.", show_default=False)],
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            "-t",
            metavar="FORMAT",
            help="keras, saved_model, onnx, litert, weights, c, or the format of an installed package. Can be "
            "repeated. Default: `export.formats` of the config.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="The file, or the folder. Default: `exports` in the run folder.",
        ),
    ] = None,
    with_radius: Annotated[
        bool | None,
        typer.Option(
            "--with-radius",
            help="Make the file also compute the label, the margin and the certified radius; of a regression the "
            "interval in which each value stays within the first of `certify.radii`.",
            show_default=False,
        ),
    ] = None,
    semantics: Annotated[
        Semantics | None,
        typer.Option(
            "--semantics",
            help="With `--with-radius`: the radius of the function in exact arithmetic, or of what the file computes "
            "in float32. Default: real.",
            show_default=False,
        ),
    ] = None,
    arithmetic: Annotated[
        Arithmetic | None,
        typer.Option(
            "--arithmetic",
            help="The arithmetic of C programs. Use double if the proved error of float32 leaves a deep network "
            "no radius.",
            show_default=False,
        ),
    ] = None,
    quantize: Annotated[
        Quantization | None,
        typer.Option(
            "--quantize",
            help="The precision of the kernels in LiteRT files, and in ONNX files with float16. Default: none, which "
            "keeps float32.",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="VALUE",
            min=0.0,
            help="The largest allowed difference of an output. With `--quantize` it replaces the limit of this "
            "precision; otherwise it can only be smaller than the limit of the gate.",
            show_default=False,
        ),
    ] = None,
    optimize: Annotated[
        bool | None,
        typer.Option(
            "--optimize/--no-optimize",
            help="Merge sorting into the kernels beside it in SavedModel, ONNX and LiteRT files, which makes it as "
            "fast as a ReLU. Default: optimize.",
            show_default=False,
        ),
    ] = None,
    preprocess: Annotated[
        bool | None,
        typer.Option(
            "--preprocess/--no-preprocess",
            help="Include the preprocessing in the file, or expect preprocessed inputs. Default: include it.",
            show_default=False,
        ),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(
            "--batch",
            metavar="N",
            min=1,
            max=2**16,
            help="How many samples an ONNX file takes at a time, such as 1 for generators of code. Default: any.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
    set_: Overrides = None,
) -> int:
    """Export a trained network as plain files, each checked by a gate.

    A file appears only after it has been run and compared with the network, and after its Lipschitz constant has been
    proved from the weights in it.

    Example:
        lipbuild export runs/config-TIME --to onnx --output model.onnx
    """
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.training.run_folder import open_run_folder

    open_run_folder(run)
    load_tensorflow()
    from lipbuild.api.export import export as write

    exported = write(
        run,
        to,
        output,
        set_ or [],
        with_radius=with_radius,
        semantics=None if semantics is None else semantics.value,
        arithmetic=None if arithmetic is None else arithmetic.value,
        quantize=None if quantize is None else quantize.value,
        tolerance=tolerance,
        optimize=optimize,
        preprocess=preprocess,
        batch=batch,
        overwrite=force,
        known_only=known_only,
    )
    if format is ResultFormat.json:
        print_json("export", {"exports": [one.as_json() for one in exported]})
        return 0
    for one in exported:
        _show(one)
    return 0


def _show(exported: Exported) -> None:
    from lipbuild.cli.text_table import wrapped
    from lipbuild.exporting.metadata import MEANINGS, VOID
    from lipbuild.network.rounding import decimal_up

    ran = "" if exported.ran else " (not run: no C compiler is at hand)"
    print(printable(f"{exported.format}: {exported.path}{ran}"))
    kinds = ", ".join(f"{d.greatest:.2g} on {d.inputs}" for d in exported.differences if d.inputs != "one")
    print(wrapped(f"  outputs differ from the plain network's by at most {kinds} inputs"))
    if exported.status != VOID:
        bound = decimal_up(exported.bound)
        print(f"  Lipschitz constant (L2) at most {bound}, proved from the weights in the file")
    for one in exported.radii:
        share = f"{one.certified:.1%} of the real inputs have a certified radius in {one.arithmetic}"
        print(wrapped(f"  {share}, {100.0 * one.lost:.2g}% below that in exact arithmetic on average"))
    print(wrapped(f"  certificate {exported.status}: {MEANINGS[exported.status]}"))
