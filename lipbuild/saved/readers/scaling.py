"""Layers that multiply and shift each value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.network import NetworkNode
from lipbuild.saved.readers.arrays import check_count, float32_of, float32s_of
from lipbuild.saved.readers.layer_call import LayerCall, Reader

# Roundings of γ/√(v + ε) and its like, relative to it: three, and room.
_FACTOR_ERROR = 8 * 2.0**-53
# keras.config.epsilon() as it is set if nobody sets it, which a certificate assumes.
_EPSILON = float(np.float32(1e-7))


def rescaling(call: LayerCall) -> list[NetworkNode]:
    """`Rescaling`."""
    arrays = {"factor": float32s_of(call, "scale"), "offset": float32s_of(call, "offset")}
    return [call.node("scale", {}, arrays)]


def batch_normalization(call: LayerCall) -> list[NetworkNode]:
    """`BatchNormalization` at inference: γ (x − mean)/√(variance + ε) + β with the moving statistics."""
    config = call.config
    check_count(call, bool(config["scale"]), bool(config["center"]), True, True)
    if config.get("axis") not in {-1, len(call.shape)} or config.get("renorm"):
        raise call.refused("normalises along another axis than the last, or renormalises")
    weights = [exact_float64(np.asarray(weight)) for weight in call.weights]
    variances = weights[-1] + float32_of(call, config["epsilon"])
    if not (weights[-1] >= 0.0).all() or not (variances > 0.0).all():
        raise call.refused("has a variance that is negative, or zero without an epsilon")
    factor = (weights[0] if config["scale"] else 1.0) / np.sqrt(variances)
    arrays = {"factor": factor, "mean": weights[-2]}
    if config["center"]:
        arrays["offset"] = weights[1 if config["scale"] else 0]
    return [call.node("scale", {"factor_error": _FACTOR_ERROR}, arrays)]


def normalization(call: LayerCall) -> list[NetworkNode]:
    """`Normalization`: (x − mean) / max(√variance, ε), or its inverse, with statistics of its own and Keras's ε."""
    config = call.config
    _check_built(call)
    axis = config.get("axis")
    axes = [] if axis is None else [axis] if isinstance(axis, int) else list(axis)
    last = [a in {-1, len(call.shape)} for a in axes]
    if config.get("mean") is not None:
        mean, variance = np.asarray(config["mean"], np.float32), np.asarray(config["variance"], np.float32)
    elif len(call.weights) in {2, 3} and config.get("variance") is None:
        mean, variance = np.asarray(call.weights[0], np.float32), np.asarray(call.weights[1], np.float32)
    else:
        raise call.refused(f"has {len(call.weights)} weights and no statistics")
    if len(axes) > 1 or not all(last) or mean.shape != variance.shape:
        raise call.refused("normalises along another axis than the last")
    centre, deviation = exact_float64(mean), np.sqrt(exact_float64(variance))
    if np.isnan(deviation).any():
        raise call.refused("has a negative variance")
    deviation = np.maximum(deviation, _EPSILON)
    if config.get("invert"):
        arrays = {"factor": deviation, "offset": centre}
    else:
        arrays = {"factor": 1.0 / deviation, "mean": centre}
    return [call.node("scale", {"factor_error": _FACTOR_ERROR}, arrays)]


def _check_built(call: LayerCall) -> None:
    """Refuse another shape than that which the layer is built for: Keras broadcasts the statistics to that one."""
    built = call.built if isinstance(call.built, Mapping) else {}
    expected = built.get("input_shape") if set(built) == {"input_shape"} else None
    known = tuple(expected[1:]) if isinstance(expected, (list, tuple)) else ()
    if len(known) != len(call.shape) or any(n not in (None, m) for n, m in zip(known, call.shape)):
        raise call.refused(f"is called on the shape {call.shape}, and is built for {expected}")


LAYERS: dict[str, Reader] = {
    "Rescaling": rescaling,
    "BatchNormalization": batch_normalization,
    "Normalization": normalization,
}
