from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides


class PredictionFormat(str, Enum):
    """How predictions are written."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"


def predict(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.", show_default=False)],
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT...",
            help="A `.npz`, `.npy` or `.csv` file, or images and folders of images.",
            show_default=False,
        ),
    ],
    format: Annotated[
        PredictionFormat, typer.Option("--format", "-f", help="How the predictions are written.")
    ] = PredictionFormat.table,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; standard output where left out.")
    ] = None,
    array: Annotated[
        str | None,
        typer.Option(
            "--array", help="The array of a `.npz` file; `x`, `x_test` or the only one where left out."
        ),
    ] = None,
    pixel_scale: Annotated[
        float, typer.Option("--pixel-scale", min=0.0, help="What a pixel of 255 of an image becomes.")
    ] = 1.0,
    radius: Annotated[
        float | None,
        typer.Option(
            "--radius",
            "-r",
            min=0.0,
            help="For a regression: how far an input may move, for the interval of its output.",
        ),
    ] = None,
    set_: Overrides = None,
) -> int:
    """Predict behind a guard: label, margin and certified radius for each input.

    The guard serves float32, asks float64 where the error of float32 could change the label, and abstains where
    that of float64 could.
    """
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.training.run_folder import open_run_folder

    open_run_folder(run)
    load_tensorflow()
    from lipbuild.api.predict import predict as predict_rows
    from lipbuild.cli.prediction_table import prediction_table
    from lipbuild.outputs.json_text import json_text
    from lipbuild.training.files import write_text

    predictions = predict_rows(run, inputs, set_ or [], radius=radius, array=array, largest=pixel_scale)
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
        print(f"written to {output}")
    return 0
