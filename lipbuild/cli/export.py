from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipbuild.cli.options import KnownOnly, Overrides
from lipbuild.cli.result import FormatOption, ResultFormat, print_json

if TYPE_CHECKING:
    from lipbuild.exporting.exported import Exported


class FileFormat(str, Enum):
    """The formats of files, as the option takes them."""

    keras = "keras"
    saved_model = "saved_model"
    onnx = "onnx"
    litert = "litert"
    weights = "weights"
    c = "c"


class Semantics(str, Enum):
    """What a radius is about."""

    real = "real"
    float32 = "float32"


class Arithmetic(str, Enum):
    """What C computes in."""

    float32 = "float32"
    double = "double"


class Quantization(str, Enum):
    """How many bits weights are kept in."""

    none = "none"
    float16 = "float16"
    int8 = "int8"


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.", show_default=False)],
    to: Annotated[
        list[FileFormat] | None,
        typer.Option(
            "--to",
            "-t",
            help="The format of a file; those of the config where left out. May be given several times.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file or folder; `exports` in the run folder where left out."
        ),
    ] = None,
    with_radius: Annotated[
        bool | None,
        typer.Option(
            "--with-radius",
            help="Let the file also compute the label, the margin and the certified radius.",
            show_default=False,
        ),
    ] = None,
    semantics: Annotated[
        Semantics | None,
        typer.Option(
            "--semantics",
            help="The radius of the function in exact arithmetic, or of what the file computes in float32.",
            show_default=False,
        ),
    ] = None,
    arithmetic: Annotated[
        Arithmetic | None,
        typer.Option(
            "--arithmetic",
            help="What C computes in: double where the proved error of float32 takes the radii of a deep network.",
            show_default=False,
        ),
    ] = None,
    quantize: Annotated[
        Quantization | None,
        typer.Option(
            "--quantize", help="How many bits a LiteRT file keeps its weights in.", show_default=False
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            min=0.0,
            help="The greatest difference of an output: what weights kept in fewer bits may make, or less than the "
            "gate allows.",
            show_default=False,
        ),
    ] = None,
    optimize: Annotated[
        bool | None,
        typer.Option(
            "--optimize/--no-optimize",
            help="Rotate sorting into the kernels beside it, in SavedModel, ONNX and LiteRT files: as fast as a "
            "ReLU. The default.",
            show_default=False,
        ),
    ] = None,
    preprocess: Annotated[
        bool | None,
        typer.Option(
            "--preprocess/--no-preprocess",
            help="Let the file take the data as it is given (the default), or what its preprocessing makes.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
    set_: Overrides = None,
) -> int:
    """Write a trained network as plain files, each run, read back and proved before it appears."""
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.training.run_folder import open_run_folder

    open_run_folder(run)
    load_tensorflow()
    from lipbuild.api.export import export as write

    exported = write(
        run,
        None if to is None else [chosen.value for chosen in to],
        output,
        set_ or [],
        with_radius=with_radius,
        semantics=None if semantics is None else semantics.value,
        arithmetic=None if arithmetic is None else arithmetic.value,
        quantize=None if quantize is None else quantize.value,
        tolerance=tolerance,
        optimize=optimize,
        preprocess=preprocess,
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
    from lipbuild.exporting.metadata import MEANINGS, VOID
    from lipbuild.network.rounding import decimal_up

    print(
        f"{exported.format}: {exported.path}{'' if exported.ran else ' (not run: no C compiler is at hand)'}"
    )
    kinds = ", ".join(f"{d.greatest:.2g} on {d.inputs}" for d in exported.differences if d.inputs != "one")
    print(f"  outputs differ from the plain network's by at most {kinds} inputs")
    if exported.status != VOID:
        bound = decimal_up(exported.bound)
        print(f"  Lipschitz constant (L2) at most {bound}, proved from the weights in the file")
    for name, share in exported.shares.items():
        print(f"  {share:.1%} of the real inputs have a certified radius in {name}")
    print(f"  certificate {exported.status}: {MEANINGS[exported.status]}")
