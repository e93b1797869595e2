"""A run that has ended, loaded again: config, graph, model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from lipbuild.certify.saved.load_model import load_model
from lipbuild.errors import RefusedError
from lipbuild.rules.check import check
from lipbuild.source.load import read
from lipbuild.spec.config import Config
from lipbuild.spec.graph import Graph
from lipbuild.training.run_folder import RunFolder


@dataclass(frozen=True)
class Trained:
    """A trained network.

    Attributes:
        folder: Its run folder.
        config: Its config, every default filled in.
        graph: Its graph.
        model: The Keras model with the trained weights.
        voided_by: The soundness rules that its config silences; any one of them voids the certificate.
    """

    folder: RunFolder
    config: Config
    graph: Graph
    model: keras.Model
    voided_by: tuple[str, ...] = ()


def load_trained(folder: RunFolder, overrides: Sequence[str] = ()) -> Trained:
    """Load what a training left in its run folder.

    Args:
        folder: The run folder.
        overrides: `path=value` options laid over its config, such as where the data is now.

    Raises:
        RefusedError: The config in the folder, or an option, is wrong.
        UnusableError: The model cannot be read.
    """
    checked = check(read(folder.resolved), overrides)
    checked.raise_for_errors()
    assert checked.config is not None
    assert checked.graph is not None
    model = load_model(folder.model)
    missing = [node.name for node in checked.graph.nodes if node.name not in {x.name for x in model.layers}]
    if missing:
        raise RefusedError(
            f"{folder.model}: it is not the model of this config: it has no layer `{missing[0]}`"
        )
    return Trained(folder, checked.config, checked.graph, model, checked.voided_by)
