"""The export of a trained network, past the gate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lipbuild.errors import UnusableError
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.exporter import Exporter
from lipbuild.exporting.formats import FORMATS, formats_of
from lipbuild.exporting.gate import check_norms
from lipbuild.exporting.options import ExportOptions
from lipbuild.exporting.proof import prove
from lipbuild.exporting.source import Source
from lipbuild.guard.promises import norms_of_open_sizes, not_finite, weights_of

# The files that exports consist of that are folders.
_OF_FILES = (".c", ".h", ".pb")


def export_model(
    source: Source, formats: Sequence[str], output: Path, options: ExportOptions, *, overwrite: bool = False
) -> list[Exported]:
    """Write a trained network as plain files, each of which has to pass the gate before it appears.

    Each file is written under another name, run in its own runtime on real, random and extreme inputs, and read
    back: its outputs must be the plain network's, and the constant proved from the weights in the file at most
    that of the certificate, or of the trained weights where there is no certificate.

    Args:
        source: What is exported.
        formats: Names of formats.
        output: The file or folder for a single format whose ending fits, otherwise the folder that they go to,
            each under the model's name.
        options: How.
        overwrite: Whether what is there may be replaced.

    Raises:
        RefusedError: An export did not pass.
        UnusableError: Something is in the way, the place cannot be written, or a package is not installed.
    """
    weights = weights_of(source.plain)
    check_norms(not_finite(source.graph, weights))
    proof = prove(source.plain, source.graph, weights)
    check_norms(proof.norms or norms_of_open_sizes(source.plain, source.graph, weights))
    paths = export_paths(output, formats, source.model.name)
    for path in paths.values():
        if path.exists() and not overwrite:
            raise UnusableError(f"{path}: it exists already", "name another place, or use `--force`")
    exporter, kinds = Exporter(source, options, proof), formats_of(options)
    return [kinds[name].export(exporter, path) for name, path in paths.items()]


def export_paths(output: Path, formats: Sequence[str], model_name: str) -> dict[str, Path]:
    """Where the exports of some formats go.

    Raises:
        UnusableError: The output has the ending of another format.
    """
    return {name: export_path(output, name, model_name, alone=len(formats) == 1) for name in formats}


def export_path(output: Path, format_name: str, model_name: str, *, alone: bool) -> Path:
    """Where an export of a format goes.

    Raises:
        UnusableError: The output has the ending of another format, or of a file where a folder is written.
    """
    suffix = FORMATS[format_name].suffix
    if alone and FORMATS[format_name].is_at(output):
        # It was exported there before, and nothing belongs inside of it.
        return output
    if FORMATS["saved_model"].is_at(output):
        raise UnusableError(
            f"{output}: this is a SavedModel, and a folder for exports is needed", "name another"
        )
    if alone and not suffix and not output.is_dir() and output.suffix in _OF_FILES:
        raise UnusableError(f"{output}: a `{format_name}` export is a folder", f"name it `{output.stem}`")
    if alone and (output.suffix == suffix or not suffix) and not (suffix == "" and output.is_dir()):
        return output
    if alone and suffix and output.suffix and not output.is_dir():
        raise UnusableError(
            f"{output}: a `{format_name}` export ends in `{suffix}`", f"name it `{output.stem}{suffix}`"
        )
    return output / (f"{model_name}{suffix}" if suffix else f"{model_name}_{format_name}")
