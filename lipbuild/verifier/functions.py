"""How each function of `keras.ops` is read, and what several of them are together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lipbuild.verifier.call import Call, Reader
from lipbuild.verifier.floats import Array
from lipbuild.verifier.moving_layers import merge
from lipbuild.verifier.nodes import STEP, Node
from lipbuild.verifier.options import float32


def _constant(call: Call) -> Array | None:
    """The one argument that is no tensor; None where all are tensors."""
    others = [a for a in _leaves(call.arguments) if a is not None]
    if not others:
        return None
    if len(others) != 1 or len(call.inputs) != 1:
        raise call.refuse("takes other arguments than one tensor and one constant")
    value = others[0]
    if not isinstance(value, np.ndarray):
        return np.array(float32(call.name, value))
    array: Array = value[0] if value.ndim == len(call.shapes[0]) + 1 and len(value) == 1 else value
    return array


def _leaves(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]


def add(call: Call) -> None:
    """A sum, or a shift."""
    constant = _constant(call)
    if constant is None:
        merge("add", 2)(call)
        return
    # Keras takes an array with a single axis for a bias of the last axis, or the first, that has its length.
    shape, longer = call.shapes[0], [(n, i) for i, n in enumerate(constant.shape[::-1]) if n > 1]
    if len(longer) == 1:
        n, place = longer[0]
        taken = 0 if shape[-1] == n else len(shape) - 1 if shape[0] == n else place
        if taken != place or (constant.ndim > 1 and call.arguments[0] is not None):
            raise call.refuse("adds an array along another axis than it says")
    call.add("scale", {}, {"factor": np.array(1.0), "offset": constant})


def subtract(call: Call) -> None:
    """A difference, a shift, or x less its own mean."""
    constant = _constant(call)
    if constant is not None:
        first = call.arguments[0] is None
        call.add(
            "scale",
            {},
            {"factor": np.array(1.0 if first else -1.0), "offset": -constant if first else constant},
        )
        return
    if len(call.inputs) == 2:
        mean = call.before[call.inputs[1]]
        if _is(mean, "Mean") and mean.inputs == call.inputs[:1] and mean.options["keepdims"]:
            call.add("centering", {"axes": mean.options["axes"]}, inputs=mean.inputs)
            return
    merge("subtract", 2)(call)


def multiply(call: Call) -> None:
    """By a constant."""
    constant = _constant(call)
    if constant is None:
        raise call.refuse("multiplies two tensors")
    call.add("scale", {}, {"factor": constant})


def negative(call: Call) -> None:
    """−x."""
    call.add("scale", {}, {"factor": np.array(-1.0)})


def get_item(call: Call) -> None:
    """Slices of all samples."""
    key = call.arguments[1]
    items = [key] if isinstance(key, tuple) else key
    if (
        not isinstance(items, list)
        or not all(isinstance(i, tuple) for i in items)
        or items[0] != (None, None, None)
    ):
        raise call.refuse("indexes samples, or by something else than slices")
    if any(step is not None and step < 1 for _, _, step in items):
        raise call.refuse("slices backwards")
    call.add("slice", {"slices": tuple(items[1:])})


def concatenate(call: Call) -> None:
    """Along an axis; max(x, 0) beside max(−x, 0) is an operation of its own."""
    axis = call.axis(call.options.take("axis"))
    source = None
    if len(call.inputs) == 2:
        sources = [_rectified(call.before[name]) for name in call.inputs]
        minus = call.before.get(sources[1] or "")
        if (
            sources[0] is not None
            and minus is not None
            and _is_negation(minus)
            and minus.inputs == (sources[0],)
        ):
            source = sources[0]
    if source is None:
        call.add("concatenate", {"axis": axis})
    else:
        call.add("max_min", {"axis": axis}, inputs=(source,))


def _rectified(node: Node) -> str | None:
    return node.inputs[0] if node.kind == "activation" and node.options == {"function": "relu"} else None


def _is_negation(node: Node) -> bool:
    return (
        node.kind == "scale"
        and list(node.arrays) == ["factor"]
        and bool(np.all(node.arrays["factor"] == -1.0))
    )


def reshape(call: Call) -> None:
    """All but the batch axis."""
    shape = tuple(call.options.take("newshape"))
    if shape[0] != -1 or min(shape[1:], default=0) < 1 or math.prod(shape[1:]) != math.prod(call.shapes[0]):
        raise call.refuse(f"reshapes {call.shapes[0]} to {shape}")
    call.add("reshape", {"shape": shape[1:]})


def transpose(call: Call) -> None:
    """All but the batch axis."""
    axes = call.options.take("axes")
    if not axes or axes[0] != 0:
        raise call.refuse(f"transposes by {axes}")
    call.add("permute", {"dims": tuple(axes[1:])})


def sort(call: Call) -> None:
    """Ascending."""
    call.add("sort", {"axis": call.axis(call.options.take("axis"))})


def _function(name: str) -> Reader:
    def read(call: Call) -> None:
        call.add("activation", {"function": name})

    return read


def _reduction(operation: str) -> Reader:
    def read(call: Call) -> None:
        axis, keepdims = call.options.take("axis"), call.options.flag("keepdims")
        axes = tuple(sorted(call.axis(a) for a in (axis if isinstance(axis, list) else [axis])))
        rank = len(call.shapes[0])
        if operation == "Mean" and axes == tuple(range(rank - 1)) and axes and not keepdims:
            call.add("global_average_pooling", {"keepdims": False})
            return
        shape = [1 if i in axes else n for i, n in enumerate(call.shapes[0])]
        kept = shape if keepdims else [n for i, n in enumerate(call.shapes[0]) if i not in axes]
        call.add(STEP, {"operation": operation, "axes": axes, "keepdims": keepdims, "shape": tuple(kept)})

    return read


def square(call: Call) -> None:
    """A step of an L2 norm."""
    call.add(STEP, {"operation": "Square", "shape": call.shapes[0]})


def square_root(call: Call) -> None:
    """Of a mean or a sum of squares, to which a constant may be added: an L2 norm."""
    inner, epsilon = call.before[call.inputs[0]], 0.0
    if _is_shift(inner):
        epsilon, inner = float(inner.arrays["offset"]), call.before[inner.inputs[0]]
    squares = call.before.get(inner.inputs[0]) if inner.inputs else None
    if squares is None or not _is(squares, "Square") or epsilon < 0.0:
        raise call.refuse("is a square root, which has no Lipschitz constant near 0")
    if inner.kind == "average_pooling":
        call.add("norm_pooling", {**inner.options, "epsilon": epsilon}, inputs=squares.inputs)
    elif _is(inner, "Sum") and inner.options["axes"] == tuple(range(len(squares.options["shape"]) - 1)):
        options = {"keepdims": inner.options["keepdims"], "epsilon": epsilon}
        call.add("global_norm_pooling", options, inputs=squares.inputs)
    else:
        raise call.refuse("is a square root of something else than a mean or a sum of squares")


def _is_shift(node: Node) -> bool:
    if node.kind != "scale" or set(node.arrays) != {"factor", "offset"}:
        return False
    return node.arrays["offset"].shape == () and bool(np.all(node.arrays["factor"] == 1.0))


def _is(node: Node, operation: str) -> bool:
    return node.kind == STEP and node.options["operation"] == operation


FUNCTIONS: dict[str, Reader] = {
    "GetItem": get_item,
    "Add": add,
    "Subtract": subtract,
    "Multiply": multiply,
    "Negative": negative,
    "Maximum": merge("maximum", 2),
    "Minimum": merge("minimum", 2),
    "Concatenate": concatenate,
    "Reshape": reshape,
    "Transpose": transpose,
    "Sort": sort,
    "Mean": _reduction("Mean"),
    "Sum": _reduction("Sum"),
    "Square": square,
    "Sqrt": square_root,
    "Absolute": _function("abs"),
    "Abs": _function("abs"),
    "Relu": _function("relu"),
    "Relu6": _function("relu6"),
    "Tanh": _function("tanh"),
    "Sigmoid": _function("sigmoid"),
    "Softplus": _function("softplus"),
    "Softsign": _function("softsign"),
}
