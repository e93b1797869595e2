from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.building.keras_settings import keras_settings
from lipbuild.errors import UnusableError

if TYPE_CHECKING:
    from lipbuild.api.given import RunLike
    from lipbuild.exporting.exported import Exported


@keras_settings()
def export(
    run: RunLike,
    formats: Sequence[str] | None = None,
    output: str | Path | None = None,
    overrides: Sequence[str] = (),
    *,
    with_radius: bool | None = None,
    semantics: str | None = None,
    arithmetic: str | None = None,
    quantize: str | None = None,
    tolerance: float | None = None,
    optimize: bool | None = None,
    preprocess: bool | None = None,
    batch: int | None = None,
    overwrite: bool = False,
    known_only: bool = False,
) -> list[Exported]:
    """Write a trained network as plain files, without any lipbuild class.

    Each file is run before it appears, in its own runtime and on real, random and extreme inputs: its outputs must
    agree with the plain network's to 1e-5 or to the resolution of float32, and the constant proved from the weights in
    the file must be at most the certificate's. What was found is written beside it, and a page about the model.

    Args:
        run: The run folder, or what `train` returned.
        formats: `keras`, `saved_model`, `onnx`, `litert`, `weights`; those of the config where left out.
        output: The file or folder; `exports` in the run folder where left out.
        overrides: `path=value` options laid over the run's config, such as where the data is now.
        with_radius: Whether the file also computes the label, the margin and the certified radius; of a regression the
            interval in which each value stays within the first of `certify.radii`. As the config says where left out,
            like what follows.
        semantics: What these are about: `real` or `float32`.
        arithmetic: What C computes in: `float32` or `double`.
        quantize: How many bits LiteRT files keep their kernels in: `none`, `float16` or `int8`. ONNX files also can in
            `float16`.
        tolerance: The greatest difference of an output that rounded weights may make; without them a smaller one than
            the gate allows.
        optimize: Whether SavedModel, ONNX and LiteRT files compute sorting in a rotated basis, multiplied into the
            kernels beside it.
        preprocess: Whether the files take the data as it is given, or what its preprocessing makes of it.
        batch: How many samples an ONNX file takes at a time; any number where neither this nor the config says.
        overwrite: Whether what is there may be replaced.
        known_only: Whether samples that the training did not know are left out, and those that are gone done without.

    Raises:
        lipbuild.errors.RefusedError: An export did not pass.
        lipbuild.errors.UnusableError: It is not a run folder, something is in the way, or it cannot be written.
    """
    from lipbuild.api.given import run_path
    from lipbuild.evaluation.column_moves import column_moves
    from lipbuild.evaluation.column_tolerances import column_tolerances
    from lipbuild.evaluation.trained import load_trained
    from lipbuild.exporting.export import export_model, export_paths
    from lipbuild.exporting.formats import FORMATS
    from lipbuild.exporting.model_card import CardSource, ModelCard
    from lipbuild.exporting.options import export_options
    from lipbuild.exporting.run_certificate import read_run_certificate
    from lipbuild.exporting.source import (
        Source,
        columns_of,
        images_of,
        prepared,
        preprocessing_of,
        targets_of,
    )
    from lipbuild.network.rounding import mul_up
    from lipbuild.training.run_data import load_run_data
    from lipbuild.training.run_folder import open_run_folder

    for name in formats or ():
        if name not in FORMATS:
            raise UnusableError(f"there is no format `{name}`", f"the formats are {', '.join(FORMATS)}")
    folder = open_run_folder(run_path(run))
    trained = load_trained(folder, overrides)
    config, graph = trained.config, trained.graph
    task = config.needed("train").loss.task
    dataset = load_run_data(folder, config, graph, known_only=known_only)
    columns = columns_of(config, dataset)
    source = Source(
        model=trained.model,
        plain=trained.plain,
        graph=graph,
        task=task,
        inputs=dataset.watched.x,
        units=dataset.unit,
        classes=dataset.class_names,
        certificate=read_run_certificate(folder),
        voided_by=trained.voided_by,
        columns=columns,
        moves=tuple(column_moves(columns))
        if columns is not None and graph.input_shape == (len(columns),)
        else (),
        tolerances=column_tolerances(config, columns),
        radius=config.certify.radii[0],
        images=images_of(config, graph),
        targets=targets_of(config),
        preprocessing=preprocessing_of(config),
        contract=dataset.contract,
    )
    if not (config.export.preprocess if preprocess is None else preprocess):
        source = prepared(source, mul_up(config.needed("model").lipschitz, graph.target_gain))
    options = export_options(
        config.export,
        with_radius=with_radius,
        semantics=semantics,
        arithmetic=arithmetic,
        quantize=quantize,
        tolerance=tolerance,
        optimize=optimize,
        batch=batch,
    )
    names = list(formats) if formats is not None else list(config.export.formats)
    destination = Path(output) if output is not None else folder.exports
    is_alone = destination in export_paths(destination, names, trained.model.name).values()
    place = (
        destination.with_name(f"{destination.name}.card.md") if is_alone else destination / "model_card.md"
    )
    card = ModelCard(CardSource(folder, config, graph, dataset, trained.voided_by), place)
    exported = export_model(
        source,
        names,
        destination,
        options,
        # What lies in the run's own folder was made from the same weights.
        overwrite=overwrite or output is None,
    )
    # Others may lie there from before.
    others = () if is_alone else destination.glob(f"{trained.model.name}*.gate.json")
    card.write([one.report for one in exported] if is_alone else sorted(others))
    return exported
