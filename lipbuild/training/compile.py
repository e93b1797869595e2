"""From what a config says of loss, optimiser and metrics to the Keras objects."""

from __future__ import annotations

import math
from typing import Any

import keras

from lipbuild import losses as lipschitz
from lipbuild import metrics as provable
from lipbuild.config.choices import LossSpec, MetricSpec, OptimizerSpec, ScheduleSpec, Task
from lipbuild.config.columns import certified_column
from lipbuild.config.sections import Precision
from lipbuild.errors import RefusedError
from lipbuild.metrics import BinaryProvableRobustAccuracy, CategoricalProvableRobustAccuracy
from lipbuild.network.graph import Graph
from lipbuild.network.specs.dense import DenseSpec
from lipbuild.plugins import load_named
from lipbuild.training.loss_mean import LossMean
from lipbuild.training.nadam import Nadam
from lipbuild.training.riemannian_adam import RiemannianAdam
from lipbuild.training.riemannian_muon import RiemannianMuon
from lipbuild.training.schedules import keras_schedule
from lipbuild.training.target_loss import TargetLoss

# The optimisers that are not Keras's own.
_OWN = (Nadam, RiemannianAdam, RiemannianMuon)


def keras_loss(
    spec: LossSpec,
    graph: Graph | None = None,
    model: keras.Model | None = None,
    steps_per_epoch: int = 1,
    epochs: int = 1,
) -> keras.losses.Loss:
    """The loss: lipbuild's own where there is one of its name, else Keras's.

    Args:
        spec: What the config says of it.
        graph: The network, by whose constant a radius becomes a margin, and whose outputs the loss takes in the scale
            that it is trained in; one of constant 1 where left out.
        model: The graph's model, for a loss that reads its last layer.
        steps_per_epoch: The number of steps of an epoch, in which a schedule may count.
        epochs: The number of epochs, over which it may spread. A parameter has the value of the first step.
    """
    if spec.keras_class:
        cls = load_named(spec.keras_class, f"the Keras class of the loss `{spec.kind}`")
    else:
        cls = getattr(lipschitz, spec.keras_name, None) or getattr(keras.losses, spec.keras_name)
    # The head alone does not give the temperature, which depends on the constant of the whole network.
    arguments = (spec if graph is None else spec.on(graph)).arguments()
    if graph is not None and spec.takes_constant and "lip_const" not in arguments:
        arguments |= _of_network(spec, graph, model)
    first: dict[str, Any] = {
        name: float(keras_schedule(value, steps_per_epoch, steps_per_epoch * epochs)(0))
        for name, value in arguments.items()
        if isinstance(value, ScheduleSpec)
    }
    if cls.__module__.startswith("keras."):
        # Keras's own losses keep numbers, which a compiled step would never read again.
        first = {
            name: keras.Variable(value, dtype="float32", trainable=False, name=name)
            for name, value in first.items()
        }
    loss: keras.losses.Loss = cls(**arguments | first)
    if graph is not None and graph.target_scale is not None:
        scale = graph.node(graph.target_scale).spec.arguments()
        loss = TargetLoss(loss, scale["scale"], scale["offset"])
    for name, value in first.items():
        if isinstance(value, keras.Variable):
            setattr(loss, name, value)
    return loss


def _of_network(spec: LossSpec, graph: Graph, model: keras.Model | None) -> dict[str, Any]:
    """The constant by which a loss reckons, and the head to which it belongs."""
    last = graph.output_nodes[0].spec
    if spec.takes_head and model is not None and isinstance(last, DenseSpec) and last.activation is None:
        head = graph.output_nodes[0]
        return {"head": model.get_layer(head.name), "lip_const": graph.bound_before(head)}
    return {"lip_const": spec.constant_of(graph)}


def keras_optimizer(
    spec: OptimizerSpec, steps_per_epoch: int = 1, epochs: int = 1, precision: Precision = "float32"
) -> keras.optimizers.Optimizer:
    """The optimiser, its schedule included.

    Args:
        spec: What the config says.
        steps_per_epoch: The number of steps of an epoch, in which a schedule may count.
        epochs: The number of epochs, over which it may spread.
        precision: In `mixed_float16` the loss is scaled, so that small gradients are not lost.
    """
    arguments: dict[str, Any] = spec.arguments()
    rate = arguments["learning_rate"]
    if isinstance(rate, ScheduleSpec):
        arguments["learning_rate"] = keras_schedule(rate, steps_per_epoch, steps_per_epoch * epochs)
    own = next((cls for cls in _OWN if cls.__name__ == spec.kind), None)
    optimizer: keras.optimizers.Optimizer = (own or getattr(keras.optimizers, spec.kind))(**arguments)
    return keras.optimizers.LossScaleOptimizer(optimizer) if precision == "mixed_float16" else optimizer


def keras_metrics(
    task: Task,
    lipschitz_constant: float,
    radii: list[float],
    extra: list[MetricSpec],
    *,
    classifies: bool = True,
) -> list[keras.metrics.Metric]:
    """What is shown each epoch: accuracy (or error), certified accuracy at each radius, and the config's metrics.

    Args:
        task: What the loss learns.
        lipschitz_constant: The network's constant, by which margins become radii. Where it is infinite nothing is
            certified, at no radius.
        radii: The L2 radii.
        extra: The config's own metrics.
        classifies: Whether the loss says where a class ends; of one that does not there is `KR` in place of accuracies.

    Raises:
        RefusedError: A metric needs the constant, and none is proved.
    """
    if not math.isfinite(lipschitz_constant):
        asking = [spec.kind for spec in extra if spec.takes_constant]
        if asking:
            raise RefusedError(
                f"the metric `{asking[0]}` makes radii of margins, and no constant of this network is proved",
                "leave it out of `train.metrics`",
            )
        # Whether a sample is right does not depend on it.
        lipschitz_constant, radii = 1.0, []
    metrics: list[keras.metrics.Metric] = []
    if not classifies:
        metrics.append(LossMean(lipschitz.KR(), name="KR"))
    elif task == "regression":
        metrics.append(keras.metrics.MeanAbsoluteError(name="mean_absolute_error"))
    else:
        # Right is what has a margin: a tie is not, and neither is it where radii are certified.
        for name, radius in (("accuracy", 0.0), *((certified_column(radius), radius) for radius in radii)):
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
    arguments = {**spec.arguments(), "name": spec.column}
    if spec.takes_constant:
        arguments["lip_const"] = lipschitz_constant
    if spec.kind.startswith("Categorical") and spec.takes_constant:
        arguments["disjoint_neurons"] = False
    if spec.keras_class:
        brought: keras.metrics.Metric = load_named(
            spec.keras_class, f"the Keras class of the metric `{spec.kind}`"
        )(**arguments)
        return brought
    if hasattr(provable, spec.kind):
        return getattr(provable, spec.kind)(**arguments)
    if hasattr(lipschitz, spec.kind):
        return LossMean(getattr(lipschitz, spec.kind)(**arguments), name=spec.kind)
    return getattr(keras.metrics, spec.kind)(**arguments)
