"""One training step, and one inference, as functions without arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from lipbuild.config.sections import TrainSection
from lipbuild.network.graph import Graph
from lipbuild.training.compile import keras_loss, keras_optimizer


def training_step(
    model: keras.Model, graph: Graph, section: TrainSection, batch: tuple[Any, Any]
) -> Callable[[], Any]:
    """Compile the model as its config's `train:` says, and train it on one batch at each call.

    The step is Keras's own (`train_step`: forward, backward, optimizer, constraints) as a TensorFlow function.
    """
    model.compile(
        keras_optimizer(section.optimizer), keras_loss(section.loss, graph, None), jit_compile=False
    )
    x, y = (tf.constant(part) for part in batch)
    step = tf.function(model.train_step, autograph=False)
    return lambda: step((x, y))["loss"]


def inference(model: keras.Model, x: Any) -> Callable[[], Any]:
    """Apply the model to one batch at each call."""
    tensor = tf.constant(x)
    function = tf.function(lambda: model(tensor, training=False), autograph=False)
    return lambda: keras.tree.flatten(function())[0]
