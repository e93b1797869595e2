"""Functions compiled by TensorFlow, in float32 on the processor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from lipbuild.guard.float32_products import check_float32_products
from lipbuild.runtimes.runtime import Outputs, Predict, in_batches


def compiled_model(model: Any, names: Sequence[str]) -> Predict:
    """A Keras model at inference.

    Args:
        model: The model.
        names: The names of its outputs, where the model has none.
    """
    return compiled(lambda inputs: model(inputs, training=False), model.inputs[0].shape[1:], names)


def compiled(
    compute: Callable[[Any], Any], shape: Sequence[int | None], names: Sequence[str] = ()
) -> Predict:
    """A function of tensors as one graph, traced once for all numbers of samples.

    The bounds of float32 do not hold for a GPU's TF32 and Winograd convolutions, so it is placed on the processor.

    Args:
        compute: What is compiled.
        shape: The shape of one sample.
        names: The names of its outputs, where it does not return a mapping.
    """
    check_float32_products()

    def named(inputs: Any) -> Mapping[str, Any]:
        with tf.device("/CPU:0"):
            outputs = compute(inputs)
        if isinstance(outputs, Mapping):
            return dict(outputs)
        return dict(zip(names, outputs if isinstance(outputs, (list, tuple)) else [outputs]))

    graph = tf.function(
        named, input_signature=[tf.TensorSpec((None, *shape), tf.float32)]
    ).get_concrete_function()

    # Mappings are laid out in the order of their keys. To call the operation is three times as quick as to call the
    # function, which looks at what it is given first.
    found = {name: graph.structured_outputs[name].dtype for name in sorted(graph.structured_outputs)}
    captured = list(graph.captured_inputs)

    def one(batch: NDArray[np.float32]) -> Outputs:
        values = tf.raw_ops.StatefulPartitionedCall(
            args=[tf.constant(batch), *captured], Tout=list(found.values()), f=graph
        )
        return {name: value.numpy() for name, value in zip(found, values)}

    return lambda inputs: in_batches(one, inputs)
