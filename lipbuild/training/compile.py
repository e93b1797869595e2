"""From what a config says of loss, optimiser and metrics to the Keras objects."""

from __future__ import annotations

import math
from typing import Any

import keras

from lipbuild import losses as lipschitz
from lipbuild import metrics as provable
from lipbuild.metrics import BinaryProvableRobustAccuracy, CategoricalProvableRobustAccuracy
from lipbuild.spec.graph import Graph
from lipbuild.spec.layers.dense import DenseSpec
from lipbuild.spec.losses import LossSpec
from lipbuild.spec.losses.loss import Task
from lipbuild.spec.metrics import MetricSpec
from lipbuild.spec.optimizers import OptimizerSpec
from lipbuild.spec.schedules import ScheduleSpec
from lipbuild.training.accuracy import BinaryAccuracy, MulticlassAccuracy
from lipbuild.training.loss_mean import LossMean


def keras_loss(
    spec: LossSpec, graph: Graph | None = None, model: keras.Model | None = None
) -> keras.losses.Loss:
    """The loss: lipbuild's own where there is one of its name, else Keras's.

    Args:
        spec: What the config says of it.
        graph: The network, by whose constant a radius becomes a margin; one of constant 1 where left out.
        model: The graph's model, for a loss that reads its last layer.
    """
    cls = getattr(lipschitz, spec.kind, None) or getattr(keras.losses, spec.kind)
    arguments = spec.arguments()
    if graph is not None and spec.takes_constant and "lip_const" not in arguments:
        arguments |= _of_network(spec, graph, model)
    loss: keras.losses.Loss = cls(**arguments)
    return loss


def _of_network(spec: LossSpec, graph: Graph, model: keras.Model | None) -> dict[str, Any]:
    """The constant by which a loss reckons, and the head to which it belongs."""
    last = graph.output_nodes[0].spec
    if spec.takes_head and model is not None and isinstance(last, DenseSpec) and last.activation is None:
        head = graph.output_nodes[0]
        return {"head": model.get_layer(head.name), "lip_const": graph.bound_before(head)}
    if spec.task == "multiclass":
        return {"lip_const": graph.margin_bound / math.sqrt(2.0)}
    return {"lip_const": graph.bound}


def keras_optimizer(spec: OptimizerSpec) -> keras.optimizers.Optimizer:
    """The optimiser, its schedule included."""
    arguments: dict[str, Any] = spec.arguments()
    rate = arguments["learning_rate"]
    if isinstance(rate, ScheduleSpec):
        schedule = getattr(keras.optimizers.schedules, type(rate).__name__)
        arguments["learning_rate"] = schedule(**rate.arguments())
    optimizer: keras.optimizers.Optimizer = getattr(keras.optimizers, spec.kind)(**arguments)
    return optimizer


def keras_metrics(
    task: Task, lipschitz_constant: float, radii: list[float], extra: list[MetricSpec]
) -> list[keras.metrics.Metric]:
    """What is shown each epoch: accuracy (or error), certified accuracy at each radius, what else is asked for.

    Args:
        task: What the loss learns.
        lipschitz_constant: The network's constant, by which margins become radii.
        radii: The L2 radii.
        extra: The config's own metrics.
    """
    metrics: list[keras.metrics.Metric] = []
    if task == "regression":
        metrics.append(keras.metrics.MeanAbsoluteError(name="mean_absolute_error"))
    else:
        metrics.append(MulticlassAccuracy() if task == "multiclass" else BinaryAccuracy())
        for radius in radii:
            name = f"certified_{radius:g}"
            if task == "multiclass":
                metrics.append(
                    CategoricalProvableRobustAccuracy(
                        epsilon=radius, lip_const=lipschitz_constant, disjoint_neurons=False, name=name
                    )
                )
            else:
                metrics.append(
                    BinaryProvableRobustAccuracy(epsilon=radius, lip_const=lipschitz_constant, name=name)
                )
    known = {metric.name for metric in metrics}
    for spec in extra:
        metric = _metric(spec, lipschitz_constant)
        if metric.name not in known:
            metrics.append(metric)
    return metrics


def _metric(spec: MetricSpec, lipschitz_constant: float) -> keras.metrics.Metric:
    """A metric of the config: lipbuild's own, a loss of lipbuild's as its mean, or Keras's."""
    arguments = spec.arguments()
    if spec.takes_constant:
        arguments["lip_const"] = lipschitz_constant
    if spec.kind.startswith("Categorical") and spec.takes_constant:
        arguments["disjoint_neurons"] = False
    if hasattr(provable, spec.kind):
        return getattr(provable, spec.kind)(**arguments)
    if hasattr(lipschitz, spec.kind):
        return LossMean(getattr(lipschitz, spec.kind)(**arguments), name=spec.kind)
    return getattr(keras.metrics, spec.kind)(**arguments)
