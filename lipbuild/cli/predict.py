from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides
from lipbuild.diagnostics.printable import printable


class PredictionFormat(str, Enum):
    """How predictions are written."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"


def predict(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN|EXPORT", help="The run folder, or an exported file.", show_default=False),
    ],
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT...",
            help="A `.npz`, `.npy` or `.csv` file, or images, or folders of images.",
            show_default=False,
        ),
    ],
    format: Annotated[
        PredictionFormat, typer.Option("--format", "-f", help="How the predictions are written.")
    ] = PredictionFormat.table,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The file to write. Default: standard output."),
    ] = None,
    array: Annotated[
        str | None,
        typer.Option(
            "--array",
            metavar="NAME",
            help="The array of a `.npz` file. Default: `x`, `x_test` or the only one.",
        ),
    ] = None,
    pixel_scale: Annotated[
        float,
        typer.Option(
            "--pixel-scale",
            metavar="VALUE",
            min=0.0,
            help="The value of the brightest pixel of an image file: 1 for [0, 1].",
        ),
    ] = 1.0,
    radius: Annotated[
        float | None,
        typer.Option(
            "--radius",
            "-r",
            metavar="RADIUS",
            min=0.0,
            help="For a regression: the L2 radius within which the input may move, for the interval of the output.",
        ),
    ] = None,
    set_: Overrides = None,
) -> int:
    """Predict labels with certified radii, guarded against rounding.

    The guard answers in float32 if rounding cannot change the label. Otherwise it computes the answer in float64, and
    it abstains if rounding could change the label even there.

    Example:
        lipbuild predict runs/config-TIME inputs.npz --format csv
    """
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.runtimes.runtime_of import is_exported, needs_tensorflow
    from lipbuild.training.run_folder import open_run_folder

    exported = is_exported(run)
    if not exported:
        open_run_folder(run)
    if not exported or needs_tensorflow(run):
        load_tensorflow()
    from lipbuild.api.predict import predict as predict_rows
    from lipbuild.cli.prediction_table import prediction_table
    from lipbuild.outputs.json_text import json_text
    from lipbuild.training.files import write_text

    predictions = predict_rows(run, inputs, set_ or [], radius=radius, array=array, pixel_scale=pixel_scale)
    if format is PredictionFormat.csv:
        text = predictions.as_csv()
    elif format is PredictionFormat.jsonl:
        text = predictions.as_json_lines()
    elif format is PredictionFormat.json:
        text = json_text("predict", predictions.as_json()) + "\n"
    else:
        text = prediction_table(predictions) + "\n"
    if output is None:
        print(text, end="")
    else:
        write_text(output, text)
        print(printable(f"written to {output}"))
    return 0
