"""Activations: by name, and as layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lipbuild.certifying.network import NetworkNode
from lipbuild.saved.readers.arrays import axis_of, check_count, float32_of
from lipbuild.saved.readers.layer_call import LayerCall, Reader
from lipbuild.saved.readers.options import ReadOptions


def activated(call: LayerCall, nodes: list[NetworkNode]) -> list[NetworkNode]:
    """The nodes followed by the activation that a layer applies itself, if it has one."""
    value = call.config.get("activation")
    if value is None or value == "linear":
        return nodes
    suffix = value if isinstance(value, str) else _class_of(call, value)
    # It acts on what the layer makes, and not on what the layer reads.
    after = replace(call, name=f"{call.name}:{suffix}", inputs=(nodes[-1].name,))
    result = _activation(after, value)
    # Keras takes the shape of the layer for that of its activation, and builds what follows for that.
    if len(call.network.shapes[result[-1].name]) != len(after.shape):
        raise call.refused(f"has the activation `{suffix}`, which makes another number of axes")
    return [*nodes, *result]


def activation(call: LayerCall) -> list[NetworkNode]:
    """`Activation`."""
    return _activation(call, call.config["activation"])


def _activation(call: LayerCall, value: Any) -> list[NetworkNode]:
    """A function by its name, or a layer: `SpectralDense(8, activation=GroupSort2())`."""
    if value == "softmax":
        return [call.node("softmax", {"axis": len(call.shape) - 1})]
    if isinstance(value, str):
        return [call.node("activation", {"function": value})]
    _class_of(call, value)
    reader, config = call.reader_of(call.name, value), ReadOptions(value["config"])
    config.check_known(call.name)
    nodes = reader(replace(call, config=config, weights=(), arguments=(), built=value.get("build_config")))
    config.check_read(call.name)
    return nodes


def _class_of(call: LayerCall, value: Any) -> str:
    """The class of a layer that is given as an activation.

    Raises:
        RefusedError: It is something else.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("config"), Mapping):
        raise call.refused(f"has an activation that is neither a plain name nor a layer: {value!r:.80}")
    return str(value["class_name"])


def relu(call: LayerCall) -> list[NetworkNode]:
    """`ReLU`, without a threshold, at which it jumps."""
    if call.config.get("threshold"):
        raise call.refused("is a ReLU with a threshold, at which it jumps: it has no Lipschitz constant")
    slope, most = call.config.get("negative_slope") or 0.0, call.config.get("max_value")
    if most is not None and not float32_of(call, most) >= 0.0:
        raise call.refused(f"has the largest value {most!r}, below 0")
    if slope == 0.0 and most is None:
        return [call.node("activation", {"function": "relu"})]
    parameters = {"function": "leaky_relu", "slope": float32_of(call, slope)}
    return [
        call.node("activation", parameters | ({} if most is None else {"maximum": float32_of(call, most)}))
    ]


def leaky_relu(call: LayerCall) -> list[NetworkNode]:
    """`LeakyReLU`."""
    slope = float32_of(call, call.config["negative_slope"])
    return [call.node("activation", {"function": "leaky_relu", "slope": slope})]


def elu(call: LayerCall) -> list[NetworkNode]:
    """`ELU`."""
    return [call.node("activation", {"function": "elu", "alpha": float32_of(call, call.config["alpha"])})]


def softmax(call: LayerCall) -> list[NetworkNode]:
    """`Softmax` along one axis, which the batch is not."""
    return [call.node("softmax", {"axis": axis_of(call, call.config.get("axis", -1))})]


def p_relu(call: LayerCall) -> list[NetworkNode]:
    """`PReLU`."""
    check_count(call, True)
    return [call.node("p_relu", {}, {"slopes": np.asarray(call.weights[0])})]


LAYERS: dict[str, Reader] = {
    "Activation": activation,
    "ReLU": relu,
    "LeakyReLU": leaky_relu,
    "ELU": elu,
    "Softmax": softmax,
    "PReLU": p_relu,
}
