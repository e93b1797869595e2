"""Layers that move values, leave some out, or do nothing at inference."""

from __future__ import annotations

from lipbuild.certifying.network import NetworkNode
from lipbuild.saved.readers.layer_call import LayerCall, Reader


def identity(call: LayerCall) -> list[NetworkNode]:
    """What does nothing at inference."""
    return [call.node("identity")]


def reshape(call: LayerCall) -> list[NetworkNode]:
    """`Flatten` and `Reshape`."""
    return [call.node("reshape", {"shape": tuple(call.config.get("target_shape", (-1,)))})]


def permute(call: LayerCall) -> list[NetworkNode]:
    """`Permute`."""
    return [call.node("permute", {"dims": tuple(call.config["dims"])})]


def zero_padding(call: LayerCall) -> list[NetworkNode]:
    """`ZeroPadding1D` to `ZeroPadding3D`."""
    return [call.node("zero_padding", {"padding": _pairs(call.config["padding"])})]


def cropping(call: LayerCall) -> list[NetworkNode]:
    """`Cropping1D` to `Cropping3D`."""
    slices = tuple((a, -b or None, None) for a, b in _pairs(call.config["cropping"]))
    # Two numbers for two axes are read as (top, bottom) of one, and Keras takes both for both ends.
    if len(slices) != len(call.shape) - 1:
        raise call.refused(f"crops {len(slices)} axes of an input of the shape {call.shape}")
    return [call.node("slice", {"slices": slices})]


def _pairs(value: list[int] | list[list[int]]) -> tuple[tuple[int, int], ...]:
    pairs = [tuple(p) for p in value] if isinstance(value[0], (list, tuple)) else [tuple(value)]
    return tuple((int(a), int(b)) for a, b in pairs)


LAYERS: dict[str, Reader] = {
    **dict.fromkeys(
        (
            "Identity",
            "ActivityRegularization",
            "Dropout",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
            "GaussianDropout",
            "GaussianNoise",
            "AlphaDropout",
        ),
        identity,
    ),
    "Flatten": reshape,
    "Reshape": reshape,
    "Permute": permute,
    "ZeroPadding1D": zero_padding,
    "ZeroPadding2D": zero_padding,
    "ZeroPadding3D": zero_padding,
    "Cropping1D": cropping,
    "Cropping2D": cropping,
    "Cropping3D": cropping,
}
