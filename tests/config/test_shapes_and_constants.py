"""Every layer: its shape, its weights and its constant against values computed by hand."""

import math

import pytest

from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs import LAYERS

HALF = math.sqrt(0.5)

# (layer, arguments, input shape, output shape, weights, constant)
CASES = [
    ("SpectralDense", {"units": 4}, (6,), (4,), 6 * 4 + 4, 1.0),
    ("SpectralDense", {"units": 4, "use_bias": False, "k_coef_lip": 0.5}, (6,), (4,), 24, 0.5),
    ("SpectralDense", {"units": 4, "activation": "sigmoid"}, (6,), (4,), 28, 0.25),
    ("SpectralDense", {"units": 4}, (3, 5, 6), (3, 5, 4), 28, 1.0),
    ("SpectralConv2D", {"filters": 5, "kernel_size": 3}, (8, 9, 2), (8, 9, 5), 9 * 2 * 5 + 5, 1.0),
    (
        "SpectralConv2D",
        {"filters": 5, "kernel_size": [3, 2], "strides": 2, "padding": "valid"},
        (8, 9, 2),
        (3, 4, 5),
        6 * 2 * 5 + 5,
        1.0,
    ),
    ("SpectralConv2D", {"filters": 5, "kernel_size": 3, "strides": [2, 3]}, (8, 9, 2), (4, 3, 5), 95, 1.0),
    (
        "SpectralConv2D",
        {"filters": 5, "kernel_size": 3, "k_coef_lip": 2.0},
        (None, None, 2),
        (None, None, 5),
        95,
        2.0,
    ),
    ("ScaledAveragePooling2D", {}, (8, 9, 3), (4, 4, 3), 0, 1.0),
    ("ScaledAveragePooling2D", {"pool_size": [2, 3], "k_coef_lip": 0.5}, (8, 9, 3), (4, 3, 3), 0, 0.5),
    ("ScaledAveragePooling2D", {"pool_size": 3, "padding": "same"}, (9, 9, 3), (3, 3, 3), 0, 1.0),
    ("ScaledGlobalAveragePooling2D", {}, (8, 9, 3), (3,), 0, 1.0),
    ("GroupSort2", {}, (8, 9, 4), (8, 9, 4), 0, 1.0),
    ("GroupSort2", {"k_coef_lip": 0.25}, (4,), (4,), 0, 0.25),
    ("ReLU", {}, (7,), (7,), 0, 1.0),
    ("ReLU", {"negative_slope": 0.5, "max_value": 6.0}, (7,), (7,), 0, 1.0),
    ("ReLU", {"negative_slope": 2.0}, (7,), (7,), 0, 2.0),
    ("ReLU", {"threshold": 1.0}, (7,), (7,), 0, math.inf),
    ("Activation", {"activation": "tanh"}, (7,), (7,), 0, 1.0),
    ("Activation", {"activation": "softmax"}, (7,), (7,), 0, 0.5),
    ("Activation", {"activation": "exponential"}, (7,), (7,), 0, math.inf),
    ("MaxPooling2D", {}, (8, 9, 3), (4, 4, 3), 0, 1.0),
    ("MaxPooling2D", {"pool_size": 3, "strides": 2}, (9, 9, 3), (4, 4, 3), 0, 2.0),
    ("MaxPooling2D", {"pool_size": 3, "strides": 1}, (9, 9, 3), (7, 7, 3), 0, 3.0),
    ("MaxPooling2D", {"pool_size": [2, 3], "strides": [2, 1]}, (8, 9, 3), (4, 7, 3), 0, math.sqrt(3)),
    ("MaxPooling2D", {"pool_size": 2, "strides": 3, "padding": "same"}, (8, 9, 3), (3, 3, 3), 0, 1.0),
    ("GlobalMaxPooling2D", {}, (8, 9, 3), (3,), 0, 1.0),
    ("MaxPooling1D", {}, (9, 3), (4, 3), 0, 1.0),
    ("MaxPooling1D", {"pool_size": 3, "strides": 1}, (9, 3), (7, 3), 0, math.sqrt(3)),
    ("GlobalMaxPooling1D", {}, (9, 3), (3,), 0, 1.0),
    ("Identity", {}, (9, 3), (9, 3), 0, 1.0),
    ("LeakyReLU", {"negative_slope": 0.1}, (9,), (9,), 0, 1.0),
    ("LeakyReLU", {"negative_slope": 3.0}, (9,), (9,), 0, 3.0),
    ("ELU", {"alpha": 0.5}, (9,), (9,), 0, 1.0),
    ("ELU", {"alpha": 2.0}, (9,), (9,), 0, 2.0),
    ("Softmax", {}, (9,), (9,), 0, 0.5),
    ("Permute", {"dims": [2, 1]}, (9, 3), (3, 9), 0, 1.0),
    ("Cropping1D", {"cropping": [1, 2]}, (9, 3), (6, 3), 0, 1.0),
    ("Cropping2D", {"cropping": [[1, 2], [0, 3]]}, (8, 9, 3), (5, 6, 3), 0, 1.0),
    ("ZeroPadding1D", {"padding": [1, 2]}, (9, 3), (12, 3), 0, 1.0),
    ("ZeroPadding2D", {"padding": [[1, 2], [0, 3]]}, (8, 9, 3), (11, 12, 3), 0, 1.0),
    ("FullSort", {}, (9,), (9,), 0, 1.0),
    ("GroupSort", {"n": 3}, (9,), (9,), 0, 1.0),
    ("MaxMin", {}, (9,), (18,), 0, 1.0),
    ("InvertibleDownSampling", {"pool_size": 2}, (8, 6, 3), (4, 3, 12), 0, 1.0),
    ("InvertibleUpSampling", {"pool_size": 2}, (4, 3, 12), (8, 6, 3), 0, 1.0),
    ("ScaledL2NormPooling2D", {"pool_size": 2}, (8, 6, 3), (4, 3, 3), 0, 1.0),
    ("ScaledGlobalL2NormPooling2D", {}, (8, 6, 3), (3,), 0, 1.0),
    ("FrobeniusDense", {"units": 1}, (6,), (1,), 7, 1.0),
    ("FrobeniusDense", {"units": 4}, (6,), (4,), 28, 2.0),
    ("FrobeniusDense", {"units": 4, "disjoint_neurons": False}, (6,), (4,), 28, 1.0),
    # Three columns, half the size, then as many as there are outputs, and two; and the bias.
    ("OrthoDense", {"units": 4}, (6,), (4,), 6 * 3 + 4, 1.0),
    ("OrthoDense", {"units": 4}, (10,), (4,), 10 * 4 + 4, 1.0),
    ("OrthoDense", {"units": 4, "rank": 2}, (6,), (4,), 6 * 2 + 4, 1.0),
    ("AOLDense", {"units": 4}, (6,), (4,), 28, 1.0),
    ("Flatten", {}, (8, 9, 3), (216,), 0, 1.0),
    ("Reshape", {"target_shape": [4, -1]}, (8, 3), (4, 6), 0, 1.0),
    ("Rescaling", {"scale": -2.0, "offset": 1.0}, (8, 3), (8, 3), 0, 2.0),
]


@pytest.mark.parametrize(
    ("kind", "arguments", "before", "after", "weights", "constant"),
    CASES,
    ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)],
)
def test_a_layer_has_the_shape_weights_and_constant_computed_by_hand(
    kind: str, arguments: dict[str, object], before: Shape, after: Shape, weights: int, constant: float
) -> None:
    spec = LAYERS[kind].model_validate(arguments)
    assert spec.merged_shape([before]) == after
    assert spec.parameters(before) == weights
    gain = spec.gain(before)
    assert gain == constant or (gain >= constant and gain == pytest.approx(constant, rel=1e-15))


MERGES = [
    ("Add", {}, [(4,), (4,)], (4,), [1.0, 0.5], 1.5),
    ("Average", {}, [(4,), (4,), (4,), (4,)], (4,), [1.0, 0.5, 0.5, 1.0], 0.75),
    ("Concatenate", {}, [(4,), (3,)], (7,), [3.0, 4.0], 5.0),
    ("Concatenate", {}, [(4,), (4,)], (8,), [HALF, HALF], 1.0),
    ("Subtract", {}, [(4,), (4,)], (4,), [1.0, 0.5], 1.5),
    ("Maximum", {}, [(4,), (4,)], (4,), [3.0, 4.0], 5.0),
    ("Minimum", {}, [(4,), (4,)], (4,), [3.0, 4.0], 5.0),
    ("LipResidual", {}, [(4,), (4,)], (4,), [0.5, 1.0], 1.0),
    ("Concatenate", {"axis": 1}, [(2, 5, 3), (4, 5, 3)], (6, 5, 3), [1.0, 1.0], math.sqrt(2)),
    ("Concatenate", {"axis": -2}, [(2, 5, 3), (2, None, 3)], (2, None, 3), [1.0, 1.0], math.sqrt(2)),
]


@pytest.mark.parametrize(
    ("kind", "arguments", "shapes", "shape", "bounds", "bound"),
    MERGES,
    ids=[f"{case[0]}-{i}" for i, case in enumerate(MERGES)],
)
def test_a_merge_has_the_shape_and_the_bound_computed_by_hand(
    kind: str,
    arguments: dict[str, object],
    shapes: list[Shape],
    shape: Shape,
    bounds: list[float],
    bound: float,
) -> None:
    spec = LAYERS[kind].model_validate(arguments)
    assert spec.merged_shape(shapes) == shape
    merged = spec.merged_bound(shapes, bounds)
    assert bound * (1 - 1e-15) <= merged <= bound * (1 + 1e-15)


@pytest.mark.parametrize(
    ("kind", "arguments", "shapes", "rule"),
    [
        ("GroupSort2", {}, [(5,)], "indivisible-group-sort"),
        ("GroupSort2", {}, [()], "shape-mismatches"),
        ("SpectralDense", {"units": 3}, [(2, None)], "shape-mismatches"),
        ("SpectralConv2D", {"filters": 1, "kernel_size": 3}, [(8,)], "shape-mismatches"),
        (
            "SpectralConv2D",
            {"filters": 1, "kernel_size": 9, "padding": "valid"},
            [(8, 8, 1)],
            "shape-mismatches",
        ),
        ("MaxPooling2D", {"pool_size": 9}, [(8, 8, 1)], "shape-mismatches"),
        ("MaxPooling2D", {}, [(8, 8)], "shape-mismatches"),
        (
            "ScaledAveragePooling2D",
            {"pool_size": 3, "strides": 2},
            [(9, 9, 1)],
            "overlapping-average-pooling",
        ),
        (
            "ScaledAveragePooling2D",
            {"pool_size": 2, "padding": "same"},
            [(9, 9, 1)],
            "overlapping-average-pooling",
        ),
        ("ScaledGlobalAveragePooling2D", {}, [(None, 8, 1)], "shape-mismatches"),
        ("Flatten", {}, [(None, 8, 1)], "shape-mismatches"),
        ("Reshape", {"target_shape": [5, -1]}, [(8, 3)], "shape-mismatches"),
        ("Reshape", {"target_shape": [-1, -1]}, [(8, 3)], "shape-mismatches"),
        ("Reshape", {"target_shape": [0, -1]}, [(8, 3)], "shape-mismatches"),
        ("Reshape", {"target_shape": [25]}, [(8, 3)], "shape-mismatches"),
        ("Add", {}, [(3,)], "shape-mismatches"),
        ("Add", {}, [(3,), (4,)], "shape-mismatches"),
        ("Average", {}, [(3,), (3, 1)], "shape-mismatches"),
        ("Concatenate", {}, [(3,)], "shape-mismatches"),
        ("Concatenate", {"axis": 0}, [(3,), (3,)], "shape-mismatches"),
        ("Concatenate", {"axis": 2}, [(3,), (3,)], "shape-mismatches"),
        ("Concatenate", {"axis": -1}, [(2, 3), (4, 3)], "shape-mismatches"),
    ],
)
def test_a_shape_that_a_layer_cannot_take_is_refused(
    kind: str, arguments: dict[str, object], shapes: list[Shape], rule: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        LAYERS[kind].model_validate(arguments).merged_shape(shapes)
    assert caught.value.rule == rule
