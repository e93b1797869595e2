from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lipbuild.config.sections import Strategy
from lipbuild.errors import UnusableError
from lipbuild.training.distribution.cluster import Cluster, cluster_from_environment

# How long a worker waits for the others in one collective operation before it takes them for lost. Nothing that
# one does alone between two steps, such as writing a checkpoint, takes so long.
PATIENCE_SECONDS = 600.0


class Distribution:
    """Where the steps of a training run: one device, the devices of one machine, or several processes.

    A batch is cut into one slice a replica, in the order of the replicas. Whatever the number of replicas, the
    loss is that of the whole batch and each gradient is the sum over the replicas, so that the same batch
    gives the same weights.

    Attributes:
        strategy: TensorFlow's strategy.
        cluster: The processes, where there are several.
        replicas: The number of devices that each take a slice.
        local: The number of them in this process.
        first: The place of the first of them among all.
    """

    def __init__(self, strategy: tf.distribute.Strategy, cluster: Cluster | None = None) -> None:
        self.strategy = strategy
        self.cluster = cluster
        self.replicas: int = strategy.num_replicas_in_sync
        self.local: int = self.replicas // (len(cluster.workers) if cluster else 1)
        self.first: int = self.local * (cluster.index if cluster else 0)
        self._from_chief = tf.function(partial(self._reduced, of_chief=True), autograph=False)
        self._sum = tf.function(partial(self._reduced, of_chief=False), autograph=False)
        self._share = tf.function(self._share_weights, autograph=False)

    @property
    def is_chief(self) -> bool:
        """Whether this process shows the progress and writes."""
        return self.cluster is None or self.cluster.is_chief

    @property
    def processes(self) -> int:
        """The number of processes."""
        return len(self.cluster.workers) if self.cluster else 1

    def describe(self) -> dict[str, Any]:
        """What a run's environment says of it."""
        return {
            "strategy": type(self.strategy).__name__ if self.replicas > 1 or self.cluster else "one device",
            "replicas": self.replicas,
            "processes": self.processes,
            "devices": [device.name for device in tf.config.list_physical_devices("GPU")] or ["CPU"],
        }

    @property
    def own(self) -> range:
        """The slices of a batch that this process takes."""
        return range(self.first, self.first + self.local)

    def from_chief(self, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The chief's arrays, in every process. The others' are of the same shapes, and count for nothing."""
        if self.processes == 1:
            return list(values)
        kinds = [np.asarray(value).dtype for value in values]
        found = self._from_chief([tf.constant(_reducible(np.asarray(value))) for value in values])
        return [np.asarray(value).astype(kind) for value, kind in zip(found, kinds)]

    def anywhere(self, here: bool) -> bool:
        """Whether something is so in any of the processes. All of them wait here for each other."""
        if self.processes == 1:
            return here
        return bool(np.asarray(self._sum([tf.constant(float(here))])[0]) > 0)

    def share(self, model: keras.Model) -> None:
        """Give the chief's weights to every replica, so that they cannot drift apart by how each machine rounds."""
        if self.replicas > 1:
            self._share(model)

    def _share_weights(self, model: keras.Model) -> None:
        def replica() -> None:
            context = tf.distribute.get_replica_context()
            for variable in model.weights:
                value = tf.convert_to_tensor(variable.value)
                given = tf.where(context.replica_id_in_sync_group == 0, value, tf.zeros_like(value))
                variable.assign(context.all_reduce(tf.distribute.ReduceOp.SUM, given))

        self.strategy.run(replica)

    def _reduced(self, values: list[tf.Tensor], *, of_chief: bool) -> list[tf.Tensor]:
        def replica(given: list[tf.Tensor]) -> list[tf.Tensor]:
            context = tf.distribute.get_replica_context()
            if of_chief:
                # Choosing, not multiplying: what the others hold may be no number.
                chief = context.replica_id_in_sync_group == 0
                given = [tf.where(chief, value, tf.zeros_like(value)) for value in given]
            return [context.all_reduce(tf.distribute.ReduceOp.SUM, on_device(value)) for value in given]

        found = self.strategy.run(replica, args=(values,))
        return [self.strategy.experimental_local_results(value)[0] for value in found]


def on_device(value: tf.Tensor) -> tf.Tensor:
    """The value as something made in this replica: what a function was given has no device, and cannot be reduced."""
    return tf.identity(value)


def _reducible(value: np.ndarray) -> np.ndarray:
    """The array in a type that collective operations add, and that holds its values."""
    if value.dtype in (np.float32, np.float64, np.int64):
        return value
    return value.astype(np.float32 if value.dtype.kind == "f" else np.int64)


# Whether TensorFlow serves an address in this process, to its end.
_serves = False


def distribute(kind: Strategy, cluster: Cluster | None = None) -> Distribution:
    """The distribution that a config asks for. To be called before TensorFlow has done anything.

    Args:
        kind: `auto`, `mirrored` or `multi_worker`.
        cluster: The processes; those of the variable `TF_CONFIG` where left out.

    Raises:
        UnusableError: Several workers are needed and none are named, or the other way round.
    """
    cluster = cluster or cluster_from_environment()
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        # A GPU that is in use already, as in a notebook, stays as it is.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    if kind == "mirrored" and cluster is not None and len(cluster.workers) > 1:
        raise UnusableError(
            "`train.strategy` is `mirrored`, and several workers are named", "use `multi_worker` or `auto`"
        )
    if kind == "multi_worker" and cluster is None:
        raise UnusableError(
            "`train.strategy` is `multi_worker`, and no workers are named",
            "start each process with `--cluster host:port,host:port --index i`, or with TF_CONFIG set",
        )
    if cluster is not None and kind != "mirrored":
        return _multi_worker(cluster)
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if kind == "mirrored" or len(gpus) > 1:
        return Distribution(tf.distribute.MirroredStrategy([device.name for device in devices]))
    return Distribution(tf.distribute.get_strategy())


def _multi_worker(cluster: Cluster) -> Distribution:
    global _serves
    if not _serves:
        cluster.check_port()
    os.environ["TF_CONFIG"] = cluster.as_tf_config()
    implementation = tf.distribute.experimental.CommunicationImplementation
    options = tf.distribute.experimental.CommunicationOptions(
        timeout_seconds=PATIENCE_SECONDS, implementation=implementation.AUTO
    )
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)
    except (RuntimeError, ValueError, tf.errors.OpError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise UnusableError(
            f"the workers {', '.join(cluster.workers)} do not come together: {reason}",
            "every address must be reached from every machine, and each process be started with its own index",
        ) from None
    _serves = True
    return Distribution(strategy, cluster)
