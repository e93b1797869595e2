from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.composition import compose, prove, shapes_of
from lipbuild.certifying.network import Network
from lipbuild.errors import RefusedError
from lipbuild.saved.functional import as_functional
from lipbuild.saved.keras_config import layer_network
from lipbuild.saved.keras_file import is_model
from lipbuild.saved.saved import Layer, Saved

Shape = tuple[int | None, ...]
_UNKNOWN = "the size of its input is not known"
# A size in place of one that is not known.
_ANY = 16


@dataclass(frozen=True)
class LayerBound:
    """A layer by itself.

    Attributes:
        upper: A proved constant; None where there is none, and for a merge.
        lower: A constant that is reached; 0 where none was looked for.
        reason: Why there is no constant; empty for a merge that has one in its network.
        shape: What it makes of one sample, where that is known.
    """

    upper: float | None
    lower: float
    reason: str
    shape: Shape | None


def layer_bound(
    layer: Layer, shapes: Sequence[Shape | None], weights: Mapping[str, Sequence[np.ndarray]]
) -> LayerBound:
    """Prove the constant of one layer of a functional model, read alone.

    Args:
        layer: As it is saved.
        shapes: Those of its inputs, the batch axis left out; None where one is not known.
        weights: The weights of each layer.
    """
    known = [tuple(shape) for shape in shapes if shape is not None]
    if len(known) < len(shapes) or not known:
        return LayerBound(None, 0.0, _UNKNOWN, None)
    if any(n is None for shape in known for n in shape):
        filled = tuple(_ANY if n is None else n for n in known[0])
        alone = layer_bound(layer, [filled] * len(shapes), weights)
        # What is refused whatever its size; all else would depend on the size that was made up.
        always = alone.reason if alone.reason.startswith("is a `") else _UNKNOWN
        return LayerBound(None, 0.0, always, None)
    if len(set(known)) > 1:
        # A merge of different shapes, such as a concatenation, tells its reason on inputs of one shape.
        return LayerBound(None, 0.0, layer_bound(layer, known[:1] * len(known), weights).reason, None)
    try:
        if is_model(layer):
            # The plain form of a layer may be a model.
            layer = {**layer, **as_functional(Saved(layer, {})).config}
        network = layer_network(layer, known[0], weights)
        found: Shape = shapes_of(network)[network.output]
        if len(shapes) > 1:
            return LayerBound(None, 0.0, "", found)
        upper, lower = _constants(network)
    except RefusedError as error:
        return LayerBound(None, 0.0, _reason(error.message, layer["name"]), None)
    if not math.isfinite(upper):
        return LayerBound(None, 0.0, "its constant is beyond float64", found)
    return LayerBound(upper, lower, "", found)


def _constants(network: Network) -> tuple[float, float]:
    """A proved constant, and what the linear part reaches, an activation after it aside; 0 for several parts."""
    if len(network.nodes) == 1:
        # A model that gives back what it reads.
        return 1.0, 1.0
    first, *rest = network.nodes[1:]
    if len(first.inputs) > 1 or any(node.kind != "activation" for node in rest):
        return CertifiedNetwork.of(network).lipschitz, 0.0
    bounds = prove(network)
    constants = compose(network, {name: bound.upper for name, bound in bounds.items()})
    return constants[network.output], bounds[first.name].lower


def _reason(message: str, name: str) -> str:
    """The reason of a refusal, without the layer's name, or that of a part of it, before it."""
    for end in ("` ", "`: "):
        named, found, reason = message.partition(end)
        if found and (named == f"`{name}" or named.startswith(f"`{name}:")):
            return reason
    return message
