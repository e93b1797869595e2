"""A run that has ended, loaded again: config, graph, model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import keras

from lipbuild.building.plain import plain_model
from lipbuild.config.config import Config
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph
from lipbuild.rules.check import check
from lipbuild.saved.load_model import load_model
from lipbuild.saved.same_network import same_network
from lipbuild.text.load import read
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

    @cached_property
    def plain(self) -> keras.Model:
        """The same network of Keras's layers alone, which all statements are about.

        It is the folder's `plain.keras`; of an older run, which has none, it is made from the trained one.

        Raises:
            RefusedError: The two are not one network.
            UnusableError: The file cannot be read.
        """
        made = plain_model(self.model, self.graph)
        if not self.folder.plain.is_file():
            return made
        stored = load_model(self.folder.plain)
        if not same_network(made, stored):
            raise RefusedError(
                f"{self.folder.plain}: it is not the network of {self.folder.model.name} beside it",
                "if that is the trained network, delete this file: `lipbuild certify RUN` makes it again",
            )
        return stored


def load_trained(folder: RunFolder, overrides: Sequence[str] = ()) -> Trained:
    """Load what a training left in its run folder.

    Args:
        folder: The run folder.
        overrides: `path=value` options laid over its config, such as where the data is now.

    Raises:
        RefusedError: The config in the folder, or an option, is wrong, or the model is of another config.
        UnusableError: The model cannot be read.
    """
    checked = check(read(folder.resolved), overrides).raise_for_errors()
    model = load_model(folder.model)
    missing = [node.name for node in checked.graph.nodes if node.name not in {x.name for x in model.layers}]
    if missing:
        raise RefusedError(
            f"{folder.model}: it is not the model of this config: it has no layer `{missing[0]}`"
        )
    return Trained(folder, checked.config, checked.graph, model, checked.voided_by)
