"""A layer in a network of its own: from a config, by every rule, to a trained model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

import lipbuild
from lipbuild.building.layers import keras_layer
from lipbuild.building.plain import plain_model
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.specs import LAYERS
from lipbuild.rules.check import Checked, check
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText
from tests.registry.samples import Sample


@dataclass(frozen=True)
class Trained:
    """A network of one layer after two steps."""

    graph: Graph
    model: keras.Model
    plain: keras.Model
    inputs: NDArray[np.float32]


def node_of(sample: Sample) -> GraphNode:
    """The node of a sample, as it stands alone."""
    spec = LAYERS[sample.kind].model_validate(sample.arguments)
    shapes = (sample.shape,) * sample.inputs
    gain = None if spec.merges else spec.gain(sample.shape)
    text = SourceText("config.yaml", "")
    return GraphNode(
        "layer",
        spec,
        ("input",) * sample.inputs,
        shapes,
        spec.merged_shape(shapes),
        spec.parameters(sample.shape),
        gain,
        1.0,
        Span(text, 0, 0),
    )


def layer_of(sample: Sample) -> keras.layers.Layer:
    """The Keras layer of a sample; `Input` is none."""
    return keras.layers.Identity() if sample.kind == "Input" else keras_layer(node_of(sample))


def config_of(sample: Sample) -> dict[str, Any]:
    """A config whose network is the sample; a merge has branches that read the input as it is."""
    node = node_of(sample)
    layer: Any = {sample.kind: sample.arguments} if sample.arguments else sample.kind
    if sample.inputs > 1:
        bound = node.spec.merged_bound(node.input_shapes, [1.0] * sample.inputs)
        branches: list[list[Any]] = [["Identity"] for _ in range(sample.inputs)]
        layers: list[Any] = [{"Parallel": {"branches": branches, "merge": layer}}]
    else:
        bound = node.spec.gain(sample.shape)
        layers = [layer, "Identity"] if sample.kind == "Input" else [layer]
    model: dict[str, Any] = {"lipschitz": max(1.0, bound), "layers": layers}
    if sample.kind != "Input":
        model["input"] = list(sample.shape)
    return {"model": model}


def checked(sample: Sample) -> Checked:
    """The config of a sample, checked."""
    return check(SourceText("config.yaml", json.dumps(config_of(sample))))


@cache
def trained(sample: Sample) -> Trained:
    """The network of a sample after two steps of an optimiser that is far too fast."""
    keras.utils.set_random_seed(1)
    result = checked(sample)
    assert result.ok, result.diagnostics
    assert result.graph is not None
    model = lipbuild.build(result)
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(8, *sample.shape)).astype(np.float32)
    targets = rng.normal(size=(8, *model.output_shape[1:])).astype(np.float32)
    if model.trainable_weights:
        model.compile(keras.optimizers.Adam(1e-1), "mse", run_eagerly=True)
        model.fit(inputs, targets, batch_size=4, verbose=0)
    return Trained(result.graph, model, plain_model(model, result.graph), inputs)
