"""Layers that move values, leave some out, or do nothing at inference."""

from __future__ import annotations

from lipbuild.certify.network import Node
from lipbuild.certify.readers.arrays import scaled
from lipbuild.certify.readers.layer_call import LayerCall, Reader


def identity(call: LayerCall) -> list[Node]:
    """What does nothing at inference."""
    return [call.node("identity")]


def reshape(call: LayerCall) -> list[Node]:
    """`Flatten` and `Reshape`."""
    return [call.node("reshape", {"shape": tuple(call.config.get("target_shape", (-1,)))})]


def permute(call: LayerCall) -> list[Node]:
    """`Permute`."""
    return [call.node("permute", {"dims": tuple(call.config["dims"])})]


def zero_padding(call: LayerCall) -> list[Node]:
    """`ZeroPadding1D` to `ZeroPadding3D`."""
    return [call.node("zero_padding", {"padding": _pairs(call.config["padding"])})]


def cropping(call: LayerCall) -> list[Node]:
    """`Cropping1D` to `Cropping3D`."""
    slices = tuple((a, -b or None, None) for a, b in _pairs(call.config["cropping"]))
    return [call.node("slice", {"slices": slices})]


def _pairs(value: list[int] | list[list[int]]) -> tuple[tuple[int, int], ...]:
    pairs = [tuple(p) for p in value] if isinstance(value[0], (list, tuple)) else [tuple(value)]
    return tuple((int(a), int(b)) for a, b in pairs)


def down_sampling(call: LayerCall) -> list[Node]:
    """`InvertibleDownSampling`: windows of pixels to channels."""
    (h, w, c), (ph, pw) = call.shape, call.config["pool_size"]
    split = (h // ph, ph, w // pw, pw, c)
    return _moved(call, split, (1, 3, 5, 2, 4), (h // ph, w // pw, c * ph * pw))


def up_sampling(call: LayerCall) -> list[Node]:
    """`InvertibleUpSampling`: channels to windows of pixels."""
    (h, w, c), (ph, pw) = call.shape, call.config["pool_size"]
    split = (h, w, c // (ph * pw), ph, pw)
    return _moved(call, split, (1, 4, 2, 5, 3), (h * ph, w * pw, c // (ph * pw)))


def _moved(
    call: LayerCall, split: tuple[int, ...], dims: tuple[int, ...], shape: tuple[int, ...]
) -> list[Node]:
    first = call.node("reshape", {"shape": split})
    second = call.node("permute", {"dims": dims}, suffix="permuted", inputs=(first.name,))
    third = call.node("reshape", {"shape": shape}, suffix="joined", inputs=(second.name,))
    return scaled(call, [first, second, third], call.config["k_coef_lip"])


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
OWN_LAYERS: dict[str, Reader] = {
    "InvertibleDownSampling": down_sampling,
    "InvertibleUpSampling": up_sampling,
}
