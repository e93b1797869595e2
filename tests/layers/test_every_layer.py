"""Everything that a layer promises, for each layer of the registry that is lipbuild's own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from lipbuild import layers
from lipbuild.network.specs import LAYERS
from lipbuild.testing import run_lipschitz_layer_test

CASES: dict[str, tuple[dict[str, Any], Any]] = {
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
    "BetaAbs": ({"beta": 0.75}, (3, 4)),
    "SpatialShift": ({"share": 1.0}, (3, 2, 5)),
    "SpatialShift, zeros": ({"padding": "zeros"}, (3, 2, 8)),
    "LInfDense": ({"units": 5}, (7,)),
    "PositionalBias": ({"bias_initializer": "random_normal"}, (3, 2, 4)),
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
    "OrthoConv2D, grouped": ({"filters": 4, "kernel_size": (2, 3), "groups": 2}, (5, 6, 4)),
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


# One process with two logical CPUs for all layers: TensorFlow takes them only before it starts.
_REPLICAS = """
import json, sys, traceback
import tensorflow as tf
from lipbuild import layers
from lipbuild.testing import run_replicated_layer_test
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
found = {}
for name, (layer, arguments, shape) in json.loads(sys.stdin.read()).items():
    shape = [tuple(s) for s in shape] if isinstance(shape[0], list) else tuple(shape)
    try:
        run_replicated_layer_test(strategy, getattr(layers, layer), arguments, shape)
        found[name] = ""
    except Exception:
        found[name] = traceback.format_exc()
print(json.dumps(found))
"""


def class_of(name: str) -> str:
    """The layer that a case is of."""
    return name.split(",")[0].split(" ")[0]


# Those whose layer goes the same way with other arguments.
_AT_NIGHT = ("grouped", "sequence", "causal", "neighbours", "zeros", "AOLDense, wide")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=pytest.mark.nightly if any(word in n for word in _AT_NIGHT) else ())
        for n in CASES
    ],
)
def test_layer_keeps_its_promises(name: str) -> None:
    arguments, shape = CASES[name]
    run_lipschitz_layer_test(getattr(layers, class_of(name)), arguments, shape)


@pytest.fixture(scope="module")
def replicated() -> dict[str, str]:
    """What went wrong with each case on two replicas."""
    cases = {name: (class_of(name), *case) for name, case in CASES.items()}
    done = subprocess.run(
        [sys.executable, "-c", _REPLICAS],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.nightly
@pytest.mark.parametrize("name", CASES)
def test_replicas_learn_the_same_weights_within_the_constant(name: str, replicated: dict[str, str]) -> None:
    assert replicated[name] == ""


def test_every_layer_of_the_registry_and_of_the_package_is_among_the_cases() -> None:
    tested = {class_of(name) for name in CASES}
    registered = {kind for kind in LAYERS if hasattr(layers, kind)}
    public = {
        name
        for name in layers.__all__
        if isinstance(getattr(layers, name), type)
        and issubclass(getattr(layers, name), layers.LipschitzLayer)
    }
    assert registered == tested == public - {"LipschitzLayer"}
