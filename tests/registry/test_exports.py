"""Every layer of the registry in every format that is converted: the same numbers, its weights found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from lipbuild.building.layers import keras_layer
from lipbuild.exporting.format import Format, run_keras
from lipbuild.exporting.litert_format import LiteRTFormat
from lipbuild.exporting.onnx_format import OnnxFormat
from lipbuild.exporting.read_back import read_back
from lipbuild.exporting.served import Served
from lipbuild.guard.promises import needed_weights
from lipbuild.layers import LipschitzLayer
from lipbuild.network.shapes import Shape
from tests.registry.networks import node_of
from tests.registry.samples import BUILT, Sample

SHAPES = sorted({sample.shape for sample in BUILT}, key=lambda shape: (len(shape), shape))


def plain_form(sample: Sample, index: int, inputs: keras.KerasTensor) -> keras.KerasTensor:
    """What a layer's plain form makes of an input."""
    layer = (
        keras.layers.Identity()
        if sample.kind == "Input"
        else keras_layer(replace(node_of(sample), name=f"l{index}"))
    )
    argument = [inputs] * sample.inputs if sample.inputs > 1 else inputs
    output = layer(argument)
    rng = np.random.default_rng(index)
    for weight in layer.weights:
        # No two layers alike, and no bias of zeros.
        weight.assign(np.asarray(weight) + rng.normal(scale=0.01, size=weight.shape))
    return layer.plain_call(argument) if isinstance(layer, LipschitzLayer) else output


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))
def test_every_layer_can_be_exported(shape: Shape, tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape, name="input")
    outputs = [plain_form(sample, i, inputs) for i, sample in enumerate(BUILT) if sample.shape == shape]
    served = Served(keras.Model(inputs, outputs), tuple(f"out{i}" for i in range(len(outputs))))
    x = np.random.default_rng(0).normal(size=(5, *shape)).astype(np.float32)
    expected = run_keras(served.model, x, served.outputs)
    needed = needed_weights(weight.path for weight in served.model.weights)
    kinds: list[Format] = [OnnxFormat(), LiteRTFormat()]
    for kind in kinds:
        path = tmp_path / f"model{kind.suffix}"
        kind.write(served, path)
        found = kind.predict(path, x)
        for name, values in expected.items():
            assert found[name].shape == values.shape
            assert np.abs(found[name] - values).max() <= 1e-5, (kind.name, name)
        assert set(needed) <= set(read_back(served.model, kind.weights(path), needed))
