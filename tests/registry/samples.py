"""Uses of every layer of the registry, small enough to be measured exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lipbuild.network.shapes import Shape


@dataclass(frozen=True, eq=False)
class Sample:
    """One layer with arguments, on an input.

    Attributes:
        kind: The layer's name.
        arguments: Its arguments, as a config has them.
        shape: The shape of its input (of each of them, for a merge).
        inputs: How many inputs it reads.
        refused: Whether a rule refuses this use by itself; it is then measured and not built from a config.
    """

    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    shape: Shape = (4,)
    inputs: int = 1
    refused: bool = False

    def __str__(self) -> str:
        words = ",".join(f"{k}={v}" for k, v in self.arguments.items()).replace(" ", "").replace("'", "")
        return f"{self.kind}({words}){'x'.join(str(n) for n in self.shape)}"


S = Sample
IMAGE = (4, 5, 2)
SAMPLES = (
    S("Input", {"shape": [4, 2]}, (4, 2)),
    S("SpectralDense", {"units": 6}),
    S("SpectralDense", {"units": 3, "use_bias": False, "activation": "softmax", "k_coef_lip": 0.5}, (3, 5)),
    S("SpectralDense", {"units": 5, "eps_bjorck": 1e-4, "maxiter_bjorck": 30, "beta_bjorck": 0.4}),
    S("FrobeniusDense", {"units": 3}),
    S("FrobeniusDense", {"units": 1, "activation": "tanh"}, (3, 5)),
    S("FrobeniusDense", {"units": 3, "disjoint_neurons": False}, (3, 5)),
    S("LInfDense", {"units": 6, "input_norm": "l1", "column_penalty": 0.01}),
    S("LInfDense", {"units": 3, "activation": "relu", "k_coef_lip": 0.5}, (3, 5)),
    S("SpectralConv1D", {"filters": 3, "kernel_size": 3}, (7, 2)),
    S("SpectralConv1D", {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, (7, 2)),
    S(
        "SpectralConv1D",
        {"filters": 4, "kernel_size": 3, "padding": "valid", "strides": 2, "groups": 2},
        (7, 4),
    ),
    S("SpectralConv1D", {"filters": 2, "kernel_size": 2, "padding": "causal", "strides": 3}, (7, 2)),
    S("SpectralConv2D", {"filters": 3, "kernel_size": 3}, IMAGE),
    S("SpectralConv2D", {"filters": 4, "kernel_size": 2, "groups": 2, "use_bias": False}, IMAGE),
    S("SpectralConv2D", {"filters": 4, "kernel_size": [2, 3], "strides": 2, "padding": "valid"}, IMAGE),
    S(
        "SpectralConv2D",
        {"filters": 2, "kernel_size": [3, 2], "dilation_rate": [1, 2], "activation": "relu"},
        IMAGE,
    ),
    S("SpectralConv2D", {"filters": 4, "kernel_size": 3, "groups": 2, "norm": "operator"}, IMAGE),
    S("SpectralConv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2}, (2, 3, 3)),
    S(
        "SpectralConv2DTranspose",
        {"filters": 2, "kernel_size": [2, 3], "strides": [2, 1], "norm": "operator"},
        (2, 3, 3),
    ),
    S("SpectralConv2DTranspose", {"filters": 1, "kernel_size": [2, 3], "strides": [3, 1]}, (2, 3, 3)),
    S("FrobeniusConv2D", {"filters": 3, "kernel_size": 3}, IMAGE),
    S("FrobeniusConv2D", {"filters": 1, "kernel_size": 2, "strides": 2, "padding": "valid"}, IMAGE),
    S("OrthoDense", {"units": 6}),
    S("OrthoDense", {"units": 7, "rank": 2}, (5,)),
    S("OrthoDense", {"units": 3, "activation": "tanh", "k_coef_lip": 0.5}, (3, 5)),
    S("OrthoConv2D", {"filters": 4, "kernel_size": 3}, IMAGE),
    S("OrthoConv2D", {"filters": 3, "kernel_size": [3, 2], "strides": 2, "use_bias": False}, (5, 6, 2)),
    S("OrthoConv2D", {"filters": 2, "kernel_size": 2, "dilation_rate": 2, "padding": "valid"}, (4, 4, 3)),
    S("OrthoConv2D", {"filters": 4, "kernel_size": 3, "groups": 2}, (4, 5, 2)),
    S("OrthoConv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2}, (2, 3, 3)),
    S("OrthoConv2DTranspose", {"filters": 4, "kernel_size": [2, 3], "use_bias": False}, (2, 3, 3)),
    S("AOLDense", {"units": 6}),
    S("AOLDense", {"units": 3, "activation": "tanh", "k_coef_lip": 0.5}, (3, 5)),
    S("AOLConv2D", {"filters": 4, "kernel_size": 3}, IMAGE),
    S("AOLConv2D", {"filters": 1, "kernel_size": [3, 2], "strides": 2, "use_bias": False}, (5, 6, 2)),
    S("SLLDense", {}, (5,)),
    S("SLLDense", {"hidden_units": 8, "k_coef_lip": 0.5}, (3, 4)),
    S("SLLConv2D", {}, (3, 4, 2)),
    S("SLLConv2D", {"kernel_size": [1, 3], "hidden_filters": 3, "k_coef_lip": 0.5}, (3, 4, 2)),
    S("CPLDense", {}, (5,)),
    S("CPLDense", {"hidden_units": 8, "k_coef_lip": 0.5}, (3, 4)),
    S("CPLConv2D", {}, (3, 4, 2)),
    S("CPLConv2D", {"kernel_size": [1, 3], "hidden_filters": 3, "k_coef_lip": 0.5}, (3, 4, 2)),
    S("OrthoRNN", {"units": 4}, (5, 3)),
    S("OrthoRNN", {"units": 2, "return_sequences": True, "go_backwards": True, "k_coef_lip": 0.5}, (3, 4)),
    S("LastLayerNormalized", {"units": 3}),
    S("ScaledAveragePooling2D", {}, IMAGE),
    S("ScaledAveragePooling2D", {"pool_size": [2, 3], "k_coef_lip": 0.5}, (5, 6, 2)),
    S("ScaledAveragePooling2D", {"pool_size": 2, "padding": "same"}, (4, 4, 1)),
    S("ScaledGlobalAveragePooling2D", {}, IMAGE),
    S("ScaledGlobalAveragePooling2D", {"keepdims": True, "k_coef_lip": 0.5}, IMAGE),
    S("ScaledL2NormPooling2D", {}, IMAGE),
    S("ScaledL2NormPooling2D", {"pool_size": [3, 2], "eps_grad_sqrt": 0.1}, (5, 6, 1)),
    S("ScaledGlobalL2NormPooling2D", {}, IMAGE),
    S("ScaledGlobalL2NormPooling2D", {"keepdims": True, "k_coef_lip": 0.5}, IMAGE),
    S("InvertibleDownSampling", {"pool_size": 2}, (4, 4, 2)),
    S("InvertibleDownSampling", {"pool_size": [1, 3], "k_coef_lip": 0.5}, (4, 6, 1)),
    S("InvertibleUpSampling", {"pool_size": 2}, (2, 2, 8)),
    S("InvertibleUpSampling", {"pool_size": [3, 1]}, (2, 2, 6)),
    S("SpatialShift", {"share": 1.0}, (3, 2, 4)),
    S("SpatialShift", {"share": 0.8, "padding": "zeros", "k_coef_lip": 0.5}, (2, 3, 6)),
    S("PositionalBias", {"bias_initializer": "random_normal"}, (5,)),
    S("PositionalBias", {"bias_initializer": "random_uniform", "k_coef_lip": 0.5}, (3, 2, 4)),
    S("BatchCentering", {}, (4,)),
    S("BatchCentering", {"use_bias": False, "momentum": 0.5, "k_coef_lip": 0.5}, (3, 3, 2)),
    S("LayerCentering", {}, (4,)),
    S("LayerCentering", {"use_bias": False, "k_coef_lip": 0.5}, (3, 3, 2)),
    S("GroupSort2", {}, (6,)),
    S("GroupSort2", {"pairing": "neighbours", "k_coef_lip": 0.5}, (3, 4)),
    S("GroupSort", {"n": 3}, (2, 6)),
    S("GroupSort", {"n": 8, "k_coef_lip": 0.5}, (6,)),
    S("FullSort", {}, (5,)),
    S("FullSort", {"k_coef_lip": 0.5}, (2, 2, 3)),
    S("MaxMin", {}, (5,)),
    S("MaxMin", {"k_coef_lip": 0.5}, (2, 2, 3)),
    S("BetaAbs", {}, (5,)),
    S("BetaAbs", {"beta": 0.75, "k_coef_lip": 0.5}, (2, 3, 4)),
    S("BetaAbs", {"beta": 1.0}, (3,)),
    S("Householder", {}, (6,)),
    S("Householder", {"theta_initializer": "random_normal", "k_coef_lip": 0.5}, (3, 4)),
    S("PReLUlip", {}, (5,)),
    S("PReLUlip", {"alpha_initializer": "ones", "shared_axes": [1, 2], "k_coef_lip": 0.5}, IMAGE),
    S("ReLU", {}, (5,)),
    S("ReLU", {"negative_slope": 0.5, "max_value": 1.0}, (5,)),
    S("ReLU", {"negative_slope": 1.1}, (5,), refused=True),
    S("LeakyReLU", {}, (5,)),
    S("LeakyReLU", {"negative_slope": 1.1}, (5,)),
    S("ELU", {}, (5,)),
    S("ELU", {"alpha": 1.3}, (5,)),
    S("Softmax", {}, (5,)),
    S("Softmax", {"axis": 1}, (3, 2)),
    S("Activation", {"activation": "tanh"}, (5,)),
    S("Activation", {"activation": "softmax"}, (2, 5)),
    S("MaxPooling1D", {}, (7, 2)),
    S("MaxPooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, (7, 2), refused=True),
    S("MaxPooling1D", {"pool_size": 3, "strides": 4, "padding": "same"}, (7, 2)),
    S("MaxPooling2D", {}, IMAGE),
    S("MaxPooling2D", {"pool_size": [2, 3], "strides": [2, 4], "padding": "same"}, IMAGE),
    S("MaxPooling2D", {"pool_size": 3, "strides": [2, 1]}, IMAGE, refused=True),
    S("GlobalMaxPooling1D", {}, (7, 2)),
    S("GlobalMaxPooling1D", {"keepdims": True}, (7, 2)),
    S("GlobalMaxPooling2D", {}, IMAGE),
    S("GlobalMaxPooling2D", {"keepdims": True}, IMAGE),
    S("Flatten", {}, IMAGE),
    S("Flatten", {}, (4,)),
    S("Reshape", {"target_shape": [2, -1, 4]}, IMAGE),
    S("Permute", {"dims": [3, 1, 2]}, IMAGE),
    S("Permute", {"dims": [2, 1]}, (4, 3)),
    S("Cropping1D", {}, (7, 2)),
    S("Cropping1D", {"cropping": [0, 2]}, (7, 2)),
    S("Cropping2D", {"cropping": 1}, IMAGE),
    S("Cropping2D", {"cropping": [1, 2]}, IMAGE),
    S("Cropping2D", {"cropping": [[1, 0], [0, 2]]}, IMAGE),
    S("ZeroPadding1D", {}, (5, 2)),
    S("ZeroPadding1D", {"padding": [0, 2]}, (5, 2)),
    S("ZeroPadding2D", {}, (3, 3, 2)),
    S("ZeroPadding2D", {"padding": [[1, 0], 2]}, (3, 3, 2)),
    S("Identity", {}, (4,)),
    S("Rescaling", {"scale": 0.5, "offset": 1.0}, (4,)),
    S("Rescaling", {"scale": -1.1}, (4,)),
    S("LipResidual", {}, (4,), inputs=2),
    S("LipResidual", {"k_coef_lip": 0.5, "alpha_initializer": "ones"}, (2, 3), inputs=2),
    S("Add", {}, (4,), inputs=2),
    S("Add", {}, (2, 3), inputs=3),
    S("Subtract", {}, (4,), inputs=2),
    S("Average", {}, (4,), inputs=3),
    S("Maximum", {}, (4,), inputs=3),
    S("Minimum", {}, (4,), inputs=2),
    S("Concatenate", {}, (2, 3), inputs=2),
    S("Concatenate", {"axis": 1}, (2, 3), inputs=3),
)


def _two_of_each_kind() -> Iterator[Sample]:
    """What is built and trained: two uses of a layer, the first of them with its defaults."""
    seen: Counter[str] = Counter()
    for sample in SAMPLES:
        if not sample.refused and seen[sample.kind] < 2:
            seen[sample.kind] += 1
            yield sample


BUILT = tuple(_two_of_each_kind())
