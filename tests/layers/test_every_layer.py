from __future__ import annotations

import pytest

from lipbuild import layers
from tests.layers.layer_test import run_lipschitz_layer_test

CASES = {
    "SpectralDense": ({"units": 5}, (7,)),
    "SpectralDense on a sequence": ({"units": 9, "activation": "relu"}, (3, 4)),
    "SpectralConv1D": ({"filters": 4, "kernel_size": 3, "strides": 2}, (9, 2)),
    "SpectralConv1D, causal": (
        {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
        (9, 2),
    ),
    "SpectralConv2D": ({"filters": 4, "kernel_size": 3}, (6, 5, 3)),
    "SpectralConv2D, grouped": (
        {"filters": 6, "kernel_size": (2, 3), "groups": 2, "padding": "valid"},
        (6, 5, 4),
    ),
    "SpectralConv2DTranspose": ({"filters": 3, "kernel_size": 3, "strides": 2}, (4, 4, 2)),
    "FrobeniusDense": ({"units": 3, "disjoint_neurons": False}, (6,)),
    "FrobeniusDense, disjoint": ({"units": 3}, (6,)),
    "FrobeniusConv2D": ({"filters": 2, "kernel_size": 3, "use_bias": False}, (5, 5, 2)),
    "ScaledAveragePooling2D": ({"pool_size": (2, 3)}, (6, 6, 2)),
    "ScaledGlobalAveragePooling2D": ({}, (4, 3, 5)),
    "ScaledL2NormPooling2D": ({"eps_grad_sqrt": 1e-3}, (4, 4, 3)),
    "ScaledGlobalL2NormPooling2D": ({"eps_grad_sqrt": 1e-3}, (4, 4, 3)),
    "InvertibleDownSampling": ({"pool_size": (2, 3)}, (4, 6, 2)),
    "InvertibleUpSampling": ({"pool_size": (2, 3)}, (2, 2, 12)),
    "GroupSort2": ({}, (5, 6)),
    "GroupSort2, neighbours": ({"pairing": "neighbours"}, (3, 3, 4)),
    "GroupSort": ({"n": 3}, (4, 6)),
    "FullSort": ({}, (6,)),
    "MaxMin": ({}, (3, 4)),
    "Householder": ({}, (3, 4)),
    "PReLUlip": ({"alpha_initializer": "ones"}, (4, 3)),
    "BatchCentering": ({}, (4, 4, 3)),
    "LayerCentering": ({}, (4, 4, 3)),
    "AOLDense": ({"units": 5}, (7,)),
    "AOLDense, wide": ({"units": 9, "activation": "relu"}, (4,)),
    "AOLConv2D": ({"filters": 4, "kernel_size": (3, 2), "strides": 2}, (6, 5, 3)),
    "OrthoDense": ({"units": 5}, (8,)),
    "OrthoDense, wide": ({"units": 9}, (3, 4)),
    "OrthoConv2D": ({"filters": 4, "kernel_size": 3}, (6, 5, 2)),
    "OrthoConv2D, strided": ({"filters": 4, "kernel_size": (3, 2), "strides": 2}, (6, 6, 3)),
    "OrthoConv2DTranspose": ({"filters": 3, "kernel_size": 3, "strides": 2}, (4, 4, 2)),
    "SLLDense": ({"hidden_units": 7}, (5,)),
    "SLLConv2D": ({"hidden_filters": 5}, (5, 4, 3)),
    "OrthoRNN": ({"units": 6}, (5, 3)),
    "OrthoRNN, sequences": ({"units": 4, "return_sequences": True, "go_backwards": True}, (3, 5)),
    "CPLDense": ({"hidden_units": 7}, (5,)),
    "CPLConv2D": ({"hidden_filters": 5}, (5, 4, 3)),
    "LastLayerNormalized": ({"units": 3}, (6,)),
    "LipResidual": ({}, [(5,), (5,)]),
}


@pytest.mark.parametrize("name", CASES)
def test_layer_keeps_its_promises(name, tmp_path):
    kwargs, shape = CASES[name]
    layer_class = getattr(layers, name.split(",")[0].split(" ")[0])
    run_lipschitz_layer_test(layer_class, kwargs, shape, tmp_path, jit=name != "GroupSort2, neighbours")


def test_every_layer_is_among_the_cases():
    tested = {name.split(",")[0].split(" ")[0] for name in CASES}
    public = {
        name
        for name in layers.__all__
        if isinstance(getattr(layers, name), type)
        and issubclass(getattr(layers, name), layers.LipschitzLayer)
    }
    assert public - {"LipschitzLayer"} == tested
