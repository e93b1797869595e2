"""A run that has ended, loaded again: config, graph, model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np

from lipbuild.building.plain import plain_model
from lipbuild.config.config import Config
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph
from lipbuild.rules.check import check
from lipbuild.saved.calls import ends_of
from lipbuild.saved.load_model import load_model
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
        if not _agree(made, stored):
            raise RefusedError(
                f"{self.folder.plain}: it is not the network of {self.folder.model.name} beside it",
                "if that is the trained network, delete this file: `lipbuild certify RUN` makes it anew",
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


# Kernels that a layer computes come out a little different on another machine.
_ROUNDING = 4e-6
# What has no part in the function of a layer. Names are counted on in a process.
_NO_MATTER = frozenset({"name", "shared_object_id", "trainable", "seed"})
_NO_MATTER_ENDS = ("_initializer", "_regularizer", "_constraint")


def _agree(made: keras.Model, stored: keras.Model) -> bool:
    """Whether two plain models are one: the same layers, called alike, and the same numbers up to rounding.

    What the graph proves of the one then holds of the other.
    """
    if not _alike(_structure(made), _structure(stored)):
        return False
    for a, b in zip(made.get_weights(), stored.get_weights(), strict=True):
        size = float(np.max(np.abs(a), initial=0.0))
        if a.shape != b.shape or not np.all(np.abs(a - b) <= _ROUNDING * size):
            return False
    return True


def _structure(model: keras.Model) -> Any:
    """The configuration of a functional model without what its function does not depend on."""
    config = model.get_config()
    places = {layer["name"]: i for i, layer in enumerate(config["layers"])}

    def reduced(value: Any) -> Any:
        if isinstance(value, Mapping):
            kept = {k: v for k, v in value.items() if k not in _NO_MATTER and not k.endswith(_NO_MATTER_ENDS)}
            if "keras_history" in kept:
                name, *index = kept["keras_history"]
                kept["keras_history"] = [places[name], *index]
            return {k: reduced(v) for k, v in kept.items()}
        return [reduced(v) for v in value] if isinstance(value, (list, tuple)) else value

    ends = [ends_of(config[key]) for key in ("input_layers", "output_layers")]
    return [reduced(config["layers"]), [[[places[name], *index] for name, *index in end] for end in ends]]


def _alike(a: Any, b: Any, room: float = 0.0) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_alike(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        numbers = [v for v in a if isinstance(v, float)]
        room = _ROUNDING * max(map(abs, numbers), default=0.0)
        return len(a) == len(b) and all(_alike(x, y, room) for x, y in zip(a, b))
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= max(room, _ROUNDING * abs(a))
    return bool(a == b)
