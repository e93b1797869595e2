"""Constants computed by hand, arguments in each of their forms, and shapes that are refused."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from pydantic import ValidationError

from lipbuild.config.json_schema import config_schema
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs import LAYERS

CONSTANTS = [
    ("FrobeniusDense", {"units": 9}, (4,), 3.0),
    ("FrobeniusDense", {"units": 2}, (4,), math.sqrt(2)),
    ("FrobeniusDense", {"units": 9, "disjoint_neurons": False}, (4,), 1.0),
    ("FrobeniusDense", {"units": 1, "k_coef_lip": 0.5}, (4,), 0.5),
    ("LastLayerNormalized", {"units": 4, "k_coef_lip": 0.5, "activation": "sigmoid"}, (4,), 0.25),
    ("SpectralConv1D", {"filters": 2, "kernel_size": 3, "strides": 2}, (8, 1), 1.0),
    ("ScaledL2NormPooling2D", {"k_coef_lip": 0.25}, (8, 8, 1), 0.25),
    ("MaxPooling1D", {"pool_size": 5, "strides": 2}, (8, 1), math.sqrt(3)),
    ("MaxPooling1D", {"pool_size": 2, "strides": 3}, (8, 1), 1.0),
    ("ELU", {"alpha": 3.0}, (4,), 3.0),
    ("ELU", {"alpha": 0.5}, (4,), 1.0),
    ("LeakyReLU", {"negative_slope": 1.5}, (4,), 1.5),
    ("Softmax", {}, (4,), 0.5),
    ("SLLDense", {"k_coef_lip": 0.75}, (4,), 0.75),
    ("CPLConv2D", {"k_coef_lip": 0.75}, (4, 4, 2), 0.75),
    ("OrthoRNN", {"units": 4, "k_coef_lip": 0.5, "return_sequences": True}, (9, 3), 0.5),
]


@pytest.mark.parametrize(("kind", "arguments", "shape", "constant"), CONSTANTS)
def test_a_constant_is_the_one_computed_by_hand(
    kind: str, arguments: dict[str, object], shape: Shape, constant: float
) -> None:
    gain = LAYERS[kind].model_validate(arguments).gain(shape)
    assert constant <= gain <= constant * (1 + 1e-15)


def test_a_slope_that_float32_rounds_up_counts_as_what_it_becomes() -> None:
    # 1.1 becomes 1.10000002 in Keras.
    assert LAYERS["LeakyReLU"].model_validate({"negative_slope": 1.1}).gain((4,)) > 1.1
    assert LAYERS["ReLU"].model_validate({"negative_slope": 1.1}).gain((4,)) > 1.1
    assert LAYERS["ELU"].model_validate({"alpha": 1.1}).gain((4,)) > 1.1


MERGES = [
    ("Subtract", {}, [1.0, 0.5], 1.5),
    ("Maximum", {}, [3.0, 4.0], 5.0),
    ("Minimum", {}, [1.0, 1.0, 1.0, 1.0], 2.0),
    ("LipResidual", {"k_coef_lip": 0.5}, [3.0, 4.0], 2.0),
]


@pytest.mark.parametrize(("kind", "arguments", "bounds", "bound"), MERGES)
def test_a_merge_has_the_bound_computed_by_hand(
    kind: str, arguments: dict[str, object], bounds: list[float], bound: float
) -> None:
    assert LAYERS[kind].model_validate(arguments).merged_bound([(4,)] * len(bounds), bounds) == bound


SHAPE_ERRORS = [
    ("SpectralConv1D", {"filters": 1, "kernel_size": 3}, [(8, 8, 1)], None),
    ("SpectralConv1D", {"filters": 1, "kernel_size": 9, "padding": "valid"}, [(8, 1)], "kernel_size"),
    ("SpectralConv1D", {"filters": 3, "kernel_size": 3, "groups": 2}, [(8, 4)], "groups"),
    ("SpectralConv1D", {"filters": 4, "kernel_size": 3, "groups": 2}, [(8, 3)], "groups"),
    (
        "SpectralConv1D",
        {"filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2},
        [(8, 3)],
        "dilation_rate",
    ),
    ("SpectralConv2D", {"filters": 4, "kernel_size": 3, "groups": 3}, [(8, 8, 3)], "groups"),
    (
        "FrobeniusConv2D",
        {"filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2},
        [(8, 8, 3)],
        "dilation_rate",
    ),
    ("SpectralConv2DTranspose", {"filters": 1, "kernel_size": 3}, [(8, 1)], None),
    ("OrthoConv2D", {"filters": 1, "kernel_size": 2, "strides": 3}, [(8, 8, 1)], "kernel_size"),
    ("OrthoConv2DTranspose", {"filters": 1, "kernel_size": [3, 1], "strides": 2}, [(8, 8, 1)], "kernel_size"),
    ("SLLConv2D", {"kernel_size": 2}, [(8, 8, 1)], "kernel_size"),
    ("SLLDense", {}, [(3, None)], None),
    ("CPLConv2D", {"kernel_size": [3, 4]}, [(8, 8, 1)], "kernel_size"),
    ("CPLDense", {}, [(3, None)], None),
    ("OrthoRNN", {"units": 4}, [(None, 3)], None),
    ("OrthoRNN", {"units": 4}, [(1, 3)], None),
    ("OrthoRNN", {"units": 4}, [(8, 8, 1)], None),
    ("OrthoRNN", {"units": 3}, [(8, 3)], "units"),
    ("FrobeniusDense", {"units": 1}, [(None,)], None),
    ("ScaledL2NormPooling2D", {"strides": 1}, [(8, 8, 1)], "strides"),
    ("ScaledGlobalL2NormPooling2D", {}, [(8, 1)], None),
    ("InvertibleDownSampling", {"pool_size": 3}, [(9, 8, 1)], "pool_size"),
    ("InvertibleUpSampling", {"pool_size": 2}, [(8, 8, 6)], "pool_size"),
    ("GroupSort", {"n": 3}, [(4,)], "n"),
    ("FullSort", {}, [(None,)], None),
    ("MaxMin", {}, [(None,)], None),
    ("Householder", {}, [(5,)], None),
    ("PReLUlip", {}, [(None, 3)], "shared_axes"),
    ("PReLUlip", {"shared_axes": [3]}, [(4, 3)], "shared_axes"),
    ("BatchCentering", {}, [(None,)], None),
    ("MaxPooling1D", {"pool_size": 9}, [(8, 1)], "pool_size"),
    ("MaxPooling1D", {}, [(8, 8, 1)], None),
    ("Softmax", {"axis": 0}, [(8,)], "axis"),
    ("Softmax", {"axis": 2}, [(8,)], "axis"),
    ("Permute", {"dims": [1, 1]}, [(8, 2)], "dims"),
    ("Permute", {"dims": [1, 2, 3]}, [(8, 2)], "dims"),
    ("Cropping1D", {"cropping": 4}, [(8, 2)], "cropping"),
    ("Cropping2D", {"cropping": [[8, 0], 0]}, [(8, 8, 2)], "cropping"),
    ("Subtract", {}, [(3,), (3,), (3,)], "inputs"),
    ("LipResidual", {}, [(3,), (3,), (3,)], None),
    ("LipResidual", {}, [(3,), (4,)], None),
    ("Maximum", {}, [(3,), (4,)], None),
]


@pytest.mark.parametrize(("kind", "arguments", "shapes", "field"), SHAPE_ERRORS)
def test_a_shape_that_a_layer_cannot_take_is_refused(
    kind: str, arguments: dict[str, object], shapes: list[Shape], field: str | None
) -> None:
    with pytest.raises(ShapeError) as caught:
        LAYERS[kind].model_validate(arguments).merged_shape(shapes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("SpectralDense", "units", "3"),
        ("SpectralDense", "units", True),
        ("SpectralDense", "eps_bjorck", 0.0),
        ("SpectralDense", "beta_bjorck", 0.6),
        ("SpectralDense", "maxiter_bjorck", 2.0),
        ("SpectralDense", "activation", "tanhh"),
        ("SpectralConv2DTranspose", "padding", "valid"),
        ("SpectralConv1D", "kernel_size", [3]),
        ("GroupSort2", "pairing", "thirds"),
        ("GroupSort2", "k_coef_lip", 0.0),
        ("GroupSort", "n", 0),
        ("BatchCentering", "momentum", 0.0),
        ("ScaledL2NormPooling2D", "eps_grad_sqrt", -1e-6),
        ("ReLU", "negative_slope", -0.5),
        ("LeakyReLU", "negative_slope", -0.5),
        ("Cropping1D", "cropping", [1, 2, 3]),
        ("Cropping1D", "cropping", -1),
        ("Cropping2D", "cropping", [[1, 2, 3], 0]),
        ("ZeroPadding2D", "padding", [1]),
        ("ZeroPadding2D", "padding", 1.0),
    ],
)
def test_an_argument_out_of_its_range_or_type_is_refused(kind: str, key: str, value: object) -> None:
    needed = {
        name: 3 for name, field in LAYERS[kind].model_fields.items() if field.is_required() and name != key
    }
    LAYERS[kind].model_validate(
        {**needed, **({key: 3} if LAYERS[kind].model_fields[key].is_required() else {})}
    )
    with pytest.raises(ValidationError) as caught:
        LAYERS[kind].model_validate({**needed, key: value})
    assert {error["loc"][0] for error in caught.value.errors()} == {key}


def test_one_number_stands_for_all_edges_and_two_for_height_and_width() -> None:
    def padding(value: object) -> object:
        return LAYERS["ZeroPadding2D"].model_validate({"padding": value}).arguments()["padding"]

    assert padding(2) == ((2, 2), (2, 2))
    assert padding([1, 2]) == ((1, 1), (2, 2))
    assert padding([[0, 1], 2]) == ((0, 1), (2, 2))


def test_settings_that_are_left_out_are_left_to_the_class() -> None:
    spec = LAYERS["SpectralDense"].model_validate({"units": 3, "eps_bjorck": 1e-4})
    arguments = spec.arguments()
    assert arguments["eps_bjorck"] == 1e-4
    assert "maxiter_bjorck" not in arguments


def test_every_layer_has_a_schema_for_editors() -> None:
    definitions = config_schema()["definitions"]
    for kind, cls in LAYERS.items():
        assert set(definitions[f"layer.{kind}"]["properties"]) == set(cls.model_fields)


def test_layers_are_known_without_keras_or_numpy() -> None:
    code = "import sys, lipbuild.network.specs; print(sorted({'keras', 'tensorflow', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
