"""What the readers of layers with weights share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lipbuild.saved.readers.layer_call import LayerCall


def check_count(call: LayerCall, *present: bool) -> None:
    """Refuse another number of weights than the configuration says.

    Raises:
        RefusedError: If there are more or fewer, or one is of a type that Keras would round.
    """
    if len(call.weights) != sum(present):
        raise call.refused(f"has {len(call.weights)} weights, and its configuration says {sum(present)}")
    for weight in call.weights:
        if np.asarray(weight).dtype.name not in call.weight_types:
            raise call.refused(
                f"has a weight of {np.asarray(weight).dtype.name}, and float32 can be certified"
            )


def kernel_and_bias(call: LayerCall) -> dict[str, np.ndarray]:
    """The kernel and the bias, if there is one."""
    use_bias = bool(call.config["use_bias"])
    check_count(call, True, use_bias)
    arrays = {"kernel": np.asarray(call.weights[0])}
    if use_bias:
        arrays["bias"] = np.asarray(call.weights[1])
    return arrays


def float32_of(call: LayerCall, value: object) -> float:
    """A number of a configuration as a layer multiplies by it.

    Raises:
        RefusedError: It is not a number, or not finite in float32.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise call.refused(f"has {value!r} where a number is needed")
    with np.errstate(over="ignore"):
        single = np.float32(value)
    if not np.isfinite(single):
        raise call.refused(f"has {value!r}, which is not finite in float32")
    return float(single)


def float32s_of(call: LayerCall, key: str) -> np.ndarray:
    """A number, or numbers, of a layer's configuration as it holds them: in float32.

    Raises:
        RefusedError: If it is something else, or not finite in float32.
    """
    value = call.config[key]
    # As Keras saves an array.
    if isinstance(value, Mapping) and value.get("class_name") == "__numpy__":
        kind, value = value["config"]["dtype"], value["config"]["value"]
        # Keras makes an array of that type of it, whatever the numbers are.
        if kind not in {"float32", "float64"} and (kind != "int64" or np.asarray(value).dtype != np.int64):
            raise call.refused(f"has the `{key}` as an array of {kind!r:.40}")
    try:
        given = np.asarray(value)
    except ValueError:  # lists of several lengths
        given = np.asarray(None)
    with np.errstate(over="ignore"):
        array = given.astype(np.float32) if given.dtype.kind in "iuf" else np.asarray(np.nan)
    if not np.isfinite(array).all():
        raise call.refused(
            f"has the `{key}` {value!r:.60}, and numbers that are finite in float32 are needed"
        )
    return array


def axis_of(call: LayerCall, axis: object) -> int:
    """An axis counted from 0 without the batch axis.

    Args:
        call: The call, on one input.
        axis: Counted from 0 with the batch axis, or from the end.

    Raises:
        RefusedError: If it is the batch axis, or there is none.
    """
    rank = len(call.shape)
    if isinstance(axis, bool) or not isinstance(axis, int) or not -rank <= axis <= rank or axis == 0:
        raise call.refused(f"goes along the axis {axis!r} of an input of {rank} axes and the batch axis")
    return axis - 1 if axis > 0 else axis + rank
