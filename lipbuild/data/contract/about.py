"""What a contract says besides its samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lipbuild.config.choices import Task
from lipbuild.config.mix import MixSection
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.data.contract.source_files import describe_files
from lipbuild.data.inputs.images import describe_images
from lipbuild.data.learn_fill import fill_statement
from lipbuild.data.raw import RawData


def about(
    raw: RawData,
    source: SourceSpec,
    folder: Path,
    task: Task,
    class_names: tuple[str, ...],
    mix: MixSection | None = None,
) -> dict[str, Any]:
    """The source and its files, what is mixed in, what the inputs are, and what the labels are.

    Args:
        raw: The data.
        source: Where it comes from.
        folder: Where relative paths start.
        task: What the loss learns.
        class_names: The names of the classes in the order of their codes; empty for numbers to predict.
        mix: The second source, if there is one.
    """
    mixed: dict[str, Any] = {}
    if mix is not None:
        # Its samples are numbered after those of the first source.
        files = {"name": mix.source.source_name, "files": describe_files(mix.source, folder)}
        mixed = {"mix": {"source": files, "share": mix.share, "from": len(raw.labels)}}
    return {
        "source": {"name": source.source_name, "files": describe_files(source, folder)},
        **mixed,
        "inputs": {
            "shape": list(raw.sample_shape),
            "type": "float32",
            "range": [0.0, 1.0] if source.in_unit_range() else None,
            "unit": raw.unit,
            "columns": [column.as_json() for column in raw.columns],
            "fill": fill_statement(raw),
            # Whether a sample is a row of the one file, so that its number says where it stands.
            "rows": bool(raw.columns) and raw.test is None and raw.validation is None,
            "images": describe_images(source, raw.sample_shape),
        },
        "labels": {
            "task": task,
            "classes": list(class_names),
            "positive": class_names[1] if task == "binary" else None,
        },
    }
