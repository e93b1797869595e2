from __future__ import annotations

from pathlib import Path

import numpy as np

from lipbuild.building.keras_settings import keras_settings
from lipbuild.errors import RefusedError
from lipbuild.evaluation.column_moves import column_moves
from lipbuild.evaluation.column_tolerances import column_tolerances
from lipbuild.evaluation.trained import load_trained
from lipbuild.exporting.exporter import Exporter
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.options import ExportOptions
from lipbuild.exporting.proof import prove
from lipbuild.exporting.run_certificate import read_run_certificate
from lipbuild.exporting.source import Source, columns_of, images_of, preprocessing_of, targets_of
from lipbuild.guard.promises import check_promises, norms_of_open_sizes, weights_of
from lipbuild.runtimes.compiled import compiled_model
from lipbuild.serving.service import Service
from lipbuild.training.run_data import names_of
from lipbuild.training.run_folder import open_run_folder


@keras_settings()
def open_run(path: Path) -> Service:
    """The network of a run folder, in its plain form, with the radius computed inside where that can be.

    Raises:
        UnusableError: It is not a run folder.
        RefusedError: Its weights exceed what its layers promise.
    """
    folder = open_run_folder(path)
    trained = load_trained(folder)
    config, graph = trained.config, trained.graph
    task = config.needed("train").loss.task
    names = names_of(folder, config, graph)
    columns = columns_of(config)
    source = Source(
        model=trained.model,
        plain=trained.plain,
        graph=graph,
        task=task,
        inputs=np.zeros((1, *(size or 1 for size in graph.input_shape)), np.float32),
        units=names.unit,
        classes=names.classes,
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
        contract=names.contract,
    )
    weights = weights_of(source.plain)
    proof = prove(source.plain, graph, weights)
    check_promises(proof.norms or norms_of_open_sizes(source.plain, graph, weights))
    reason = ""
    try:
        exporter = Exporter(source, ExportOptions(with_radius=True), proof)
    except RefusedError as error:
        reason = error.message
        exporter = Exporter(source, ExportOptions(), proof)
    served = exporter.exact.served
    return Service(
        exporter.described(FORMATS["keras"]),
        compiled_model(served.model, served.outputs),
        f"the run {path.name}",
        reason,
        None if trained.voided_by else proof.certified,
        "its config silences a soundness rule" if trained.voided_by else proof.unread,
    )
