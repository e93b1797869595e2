"""Functions of `keras.ops` on tensors, and what several of them are together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lipbuild.certifying.network import NetworkNode
from lipbuild.saved.readers.arrays import axis_of, float32_of
from lipbuild.saved.readers.layer_call import LayerCall, Reader
from lipbuild.saved.readers.merging import merged


def _constant(call: LayerCall) -> np.ndarray | None:
    """The only argument that is no tensor, in float32 and without the batch axis; None where all are tensors."""
    others = [a for a in _leaves(call.arguments) if a is not None]
    if not others:
        return None
    if len(call.inputs) != 1 or len(others) != 1:
        raise call.refused("is called with other arguments than one tensor and one constant")
    value = others[0]
    if isinstance(value, np.ndarray):
        rank = len(call.shape)
        if value.ndim == rank + 1 and value.shape[0] == 1:
            value = value[0]
        if value.ndim > rank or not np.isfinite(value).all():
            raise call.refused(f"is called with a constant of shape {value.shape}")
        return np.asarray(value, np.float32)
    return np.asarray(float32_of(call, value), np.float32)


def _leaves(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]


def get_item(call: LayerCall) -> list[NetworkNode]:
    """Slices of one tensor."""
    key = call.arguments[1]
    items = [key] if key and key[0] == "slice" else list(key)
    if any(not isinstance(item, tuple) or item[0] != "slice" for item in items):
        raise call.refused("indexes by something else than slices")
    triples = [item[1:] for item in items]
    if triples[0] != (None, None, None) or any(step is not None and step < 1 for _, _, step in triples):
        raise call.refused("slices the batch, or backwards")
    return [call.node("slice", {"slices": tuple(triples[1:])})]


def add(call: LayerCall) -> list[NetworkNode]:
    """A sum, or a shift by a constant."""
    constant = _constant(call)
    if constant is None:
        return merged("add", 2)(call)
    if _added_elsewhere(call, constant):
        raise call.refused(
            f"adds an array of {constant.shape} to {call.shape}, which Keras adds along another axis"
        )
    return [call.node("scale", {}, {"factor": np.asarray(1.0, np.float32), "offset": constant})]


def _added_elsewhere(call: LayerCall, constant: np.ndarray) -> bool:
    """Whether Keras takes an array for a bias of another axis than that which it stands at.

    What has one axis longer than 1 is added along the last axis if that is as long, else along the first.
    """
    long = [axis for axis in range(-constant.ndim, 0) if constant.shape[axis] > 1]
    if len(long) != 1:
        return False
    n, rank = constant.shape[long[0]], len(call.shape)
    along = -1 if call.shape[-1] == n else -rank if call.shape[0] == n else long[0]
    # Where the array comes first it is the tensor that may be taken for a bias.
    return along != long[0] or (call.arguments[0] is not None and constant.ndim > 1)


def subtract(call: LayerCall) -> list[NetworkNode]:
    """A difference, a shift by a constant, or what is left of a tensor without its own mean."""
    constant = _constant(call)
    if constant is not None:
        if call.arguments[0] is not None:
            arrays = {"factor": np.asarray(-1.0, np.float32), "offset": constant}
        else:
            arrays = {"factor": np.asarray(1.0, np.float32), "offset": -constant}
        return [call.node("scale", {}, arrays)]
    if len(call.inputs) == 2:
        mean = call.before[call.inputs[1]]
        if _is(mean, "Mean") and mean.inputs == (call.inputs[0],) and mean.parameters["keepdims"]:
            return [call.node("centering", {"axes": mean.parameters["axes"]}, inputs=mean.inputs)]
    return merged("subtract", 2)(call)


def multiply(call: LayerCall) -> list[NetworkNode]:
    """A multiplication by a constant."""
    constant = _constant(call)
    if constant is None:
        raise call.refused("multiplies two tensors: the product has no Lipschitz constant")
    return [call.node("scale", {}, {"factor": constant})]


def negative(call: LayerCall) -> list[NetworkNode]:
    """−x."""
    return [call.node("scale", {}, {"factor": np.asarray(-1.0, np.float32)})]


def concatenate(call: LayerCall) -> list[NetworkNode]:
    """A concatenation, or the positive and negative parts of one tensor."""
    axis = axis_of(call, call.config["axis"])
    if len(call.inputs) == 2:
        first, second = (call.before[name] for name in call.inputs)
        source = _rectified(first)
        negated = call.before.get(_rectified(second) or "")
        if source and negated and negated.inputs == (source,) and _is_negation(negated):
            return [call.node("max_min", {"axis": axis}, inputs=(source,))]
    return [call.node("concatenate", {"axis": axis})]


def _rectified(node: NetworkNode) -> str | None:
    return node.inputs[0] if node.kind == "activation" and node.parameters == {"function": "relu"} else None


def _is_negation(node: NetworkNode) -> bool:
    plain = node.kind == "scale" and node.arrays.keys() == {"factor"}
    return plain and bool(np.all(node.arrays["factor"] == -1.0))


def reshape(call: LayerCall) -> list[NetworkNode]:
    """A reshape that keeps the samples apart."""
    shape = tuple(call.config["newshape"])
    if shape[0] != -1 or any(n < 1 for n in shape[1:]) or math.prod(shape[1:]) != math.prod(call.shape):
        raise call.refused(f"reshapes {call.shape} to {shape}, the batch axis among them")
    return [call.node("reshape", {"shape": shape[1:]})]


def transpose(call: LayerCall) -> list[NetworkNode]:
    """A permutation of the axes that leaves the batch axis first."""
    axes = call.config["axes"]
    if not axes or axes[0] != 0:
        raise call.refused(f"transposes the batch axis: {axes}")
    return [call.node("permute", {"dims": tuple(axes[1:])})]


def sort(call: LayerCall) -> list[NetworkNode]:
    """A sort along one axis."""
    return [call.node("sort", {"axis": axis_of(call, call.config["axis"])})]


def _function(name: str) -> Reader:
    def read(call: LayerCall) -> list[NetworkNode]:
        return [call.node("activation", {"function": name})]

    return read


def _reduction(operation: str) -> Reader:
    """A mean or a sum along some axes, of which other functions make something that is known."""

    def read(call: LayerCall) -> list[NetworkNode]:
        axis = call.config["axis"]
        axes: Sequence[Any] = axis if isinstance(axis, list) else [axis]
        if axis is None:
            raise call.refused("reduces the batch axis")
        kept = tuple(sorted(axis_of(call, a) for a in axes))
        keepdims = bool(call.config["keepdims"])
        if operation == "Mean" and kept == tuple(range(len(call.shape) - 1)) and kept and not keepdims:
            return [call.node("global_average_pooling", {"keepdims": False})]
        lengths = [1 if i in kept else n for i, n in enumerate(call.shape)]
        shape = lengths if keepdims else [n for i, n in enumerate(call.shape) if i not in kept]
        parameters = {"operation": operation, "shape": tuple(shape), "axes": kept, "keepdims": keepdims}
        return [call.node("intermediate", parameters)]

    return read


def square(call: LayerCall) -> list[NetworkNode]:
    """x², a step of an L2 norm."""
    return [call.node("intermediate", {"operation": "Square", "shape": call.shape})]


def root(call: LayerCall) -> list[NetworkNode]:
    """√x where x is a mean or a sum of squares plus a constant: pooling by the L2 norm."""
    shift = call.before[call.inputs[0]]
    epsilon, source = 0.0, shift
    if _is_shift(shift):
        epsilon, source = float(shift.arrays["offset"]), call.before[shift.inputs[0]]
    squares = call.before.get(source.inputs[0]) if source.inputs else None
    if squares is None or not _is(squares, "Square") or epsilon < 0.0:
        raise call.refused("is a square root, which has no Lipschitz constant near 0")
    origin = squares.inputs
    if source.kind == "average_pooling":
        return [call.node("norm_pooling", {**source.parameters, "epsilon": epsilon}, inputs=origin)]
    spatial = tuple(range(len(squares.parameters["shape"]) - 1))
    if _is(source, "Sum") and source.parameters["axes"] == spatial:
        parameters = {"keepdims": source.parameters["keepdims"], "epsilon": epsilon}
        return [call.node("global_norm_pooling", parameters, inputs=origin)]
    raise call.refused("is a square root of something else than a mean over windows or a sum over positions")


def _is_shift(node: NetworkNode) -> bool:
    """Whether one number is added to all values."""
    arrays = node.arrays
    plain = node.kind == "scale" and arrays.keys() == {"factor", "offset"}
    return plain and arrays["offset"].shape == () and bool(np.all(arrays["factor"] == 1.0))


def _is(node: NetworkNode, operation: str) -> bool:
    return node.kind == "intermediate" and node.parameters["operation"] == operation


FUNCTIONS: dict[str, Reader] = {
    "GetItem": get_item,
    "Add": add,
    "Subtract": subtract,
    "Multiply": multiply,
    "Negative": negative,
    "Maximum": merged("maximum", 2),
    "Minimum": merged("minimum", 2),
    "Concatenate": concatenate,
    "Reshape": reshape,
    "Transpose": transpose,
    "Sort": sort,
    "Mean": _reduction("Mean"),
    "Sum": _reduction("Sum"),
    "Square": square,
    "Sqrt": root,
    "Absolute": _function("abs"),
    "Abs": _function("abs"),
    "Relu": _function("relu"),
    "Relu6": _function("relu6"),
    "Tanh": _function("tanh"),
    "Sigmoid": _function("sigmoid"),
    "Softplus": _function("softplus"),
    "Softsign": _function("softsign"),
}
