from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lipbuild.data.batches import slice_start
from lipbuild.training.distribution.distribution import Distribution, on_device
from lipbuild.training.feeds.feed import Feed
from lipbuild.training.meters import Meters
from lipbuild.training.settle import settler
from lipbuild.training.variables import learnt_variables, set_values, values_of, variables_in
from lipbuild.training.weight_average import WeightAverage

_SUM = tf.distribute.ReduceOp.SUM


class Steps:
    """The compiled steps of a training: one update of the weights, one batch measured, the kernels settled.

    On one device a step is what one would write by hand: the loss under a tape, the gradient, the optimiser
    (which brings each kernel back to its constraint), the metrics. Over several replicas, the outputs of all
    are put together before the loss is taken, and each replica differentiates its own share of it. The sum of
    the gradients over the replicas is then exactly that of the whole batch, also for losses that are not a mean over
    samples, such as the Kantorovich-Rubinstein terms. The optimiser is given the sum, and does the same in
    every replica, gradient clipping and constraints included.

    Keras's `fit` cannot be used here: under `MultiWorkerMirroredStrategy` it fails in every release since
    Keras 3 (keras issue 20585).

    Args:
        model: The model that is trained, made in the distribution's scope.
        losses: The loss that is learnt by, and another one like it for what is measured, which may have state of its
            own or belong to another model.
        optimizer: Its optimiser, made in the distribution's scope.
        metrics: What is measured besides the loss.
        train: Where the batches to learn from come from.
        watched: Where the batches to measure on come from.
        distribution: Where it runs.
        average: The average of the weights, where one is kept at each step.
    """

    def __init__(
        self,
        model: keras.Model,
        losses: tuple[keras.losses.Loss, keras.losses.Loss],
        optimizer: keras.optimizers.Optimizer,
        metrics: Sequence[keras.metrics.Metric],
        train: Feed,
        watched: Feed,
        distribution: Distribution,
        average: WeightAverage | None = None,
    ) -> None:
        self.model = model
        self.loss, self._measured_loss = losses
        self.optimizer = optimizer
        self.meters = Meters(metrics)
        self._train_feed, self._test_feed = train, watched
        self._distribution = distribution
        self._average = average
        if distribution.replicas > 1:
            # The gradients are summed in `_replica_step`, before they are clipped.
            getattr(optimizer, "inner_optimizer", optimizer)._all_reduce_sum_gradients = list
        self._learnt = learnt_variables(model, self.loss)
        self._variables = [variable.value for variable in self._learnt]
        self._train_step = tf.function(self._train, autograph=False)
        self._test = tf.function(self._measure, autograph=False)
        self._settle = settler(model, distribution)
        self._measured: keras.Model = model

    def settle(self) -> None:
        """Bring every kernel of the trained model fully onto its constraint, in every replica."""
        self._settle()

    def start(self, epoch: int, step: int = 0) -> None:
        """Be at a step of an epoch, and at the first batch that is measured in it. All are counted from 0."""
        self._train_feed.start(epoch, step)
        self._test_feed.start(epoch)

    def train(self, *stop: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Learn from the next batch.

        Args:
            *stop: Over several replicas 1 where this process asks to stop, else 0.

        Returns:
            The loss of the batch, and over several replicas the number of those whose process asks to stop.
        """
        loss, labels, outputs, stops = self._train_step(*stop)
        self.meters.note(loss, labels, outputs)
        return loss, stops

    def start_test(self) -> None:
        """Measure by the loss as it has become, whose state measuring leaves as it is."""
        set_values(variables_in(self._measured_loss), values_of(variables_in(self.loss)))

    def test(self, model: keras.Model) -> None:
        """Take the next batch that is measured into the meters, without learning from it.

        Args:
            model: The model that is measured: always the same one.
        """
        if model is not self._measured:
            self._measured = model
            self._test = tf.function(self._measure, autograph=False)
        self.meters.note(*self._test())

    def _train(self, stop: Any = None) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor | None]:
        batch = self._train_feed.take()
        loss, outputs, labels, stops = self._first(self._replica_step, batch, stop)
        if self._average is not None and self._average.each_step:
            self._average.take()
        self.meters.take(labels, outputs)
        return loss, labels, outputs, stops

    def _measure(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        loss, outputs, labels = self._first(self._replica_measure, self._test_feed.take())
        self.meters.take(labels, outputs)
        return loss, labels, outputs

    def _first(self, function: Any, *arguments: Any) -> Any:
        """What the first replica of this process makes of a batch; all make the same of it."""
        if self._distribution.replicas == 1:
            return function(*arguments)
        strategy = self._distribution.strategy
        results = strategy.run(function, args=arguments)
        return tf.nest.map_structure(
            lambda result: strategy.experimental_local_results(result)[0],
            results,
            expand_composites=False,
        )

    def _replica_step(
        self, batch: tuple[Any, ...], stop: Any = None
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor | None]:
        x, y, weights, place, total = self._own(batch)
        with tf.GradientTape() as tape:
            outputs = self._whole(tf.cast(self.model(x, training=True), keras.config.floatx()), place, total)
            labels = self._whole(y, place, total)
            counts = None if weights is None else self._whole(weights, place, total)
            loss = self._loss(self.loss, labels, outputs, counts)
            objective = loss
            for extra in self.model.losses:
                objective += tf.cast(extra, loss.dtype)
            if self._distribution.replicas > 1:
                # What depends on the weights directly, as regularisation does, every replica brings a share of.
                objective /= self._distribution.replicas
            scale = getattr(self.optimizer, "scale_loss", None)
            if scale is not None:
                objective = scale(objective)
        gradients = tape.gradient(objective, self._variables)
        stops = None
        if self._distribution.replicas > 1:
            context = tf.distribute.get_replica_context()
            stops = context.all_reduce(_SUM, on_device(stop))
            gradients = context.all_reduce(_SUM, gradients)
        self.optimizer.apply(gradients, self._learnt)
        return loss, outputs, labels, stops

    def _replica_measure(self, batch: tuple[Any, ...]) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        x, y, _, place, total = self._own(batch)
        outputs = self._whole(tf.cast(self._measured(x, training=False), keras.config.floatx()), place, total)
        labels = self._whole(y, place, total)
        return self._loss(self._measured_loss, labels, outputs), outputs, labels

    def _loss(
        self, loss: keras.losses.Loss, labels: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None = None
    ) -> tf.Tensor:
        """The loss of a whole batch. Keras divides a mean by the number of replicas, for it expects slices."""
        value = loss(labels, outputs, sample_weight=weights)
        if self._distribution.replicas == 1 or loss.reduction == "sum":
            return value
        # It multiplies by this number, which need not be one over the replicas to the last bit.
        return value / keras.ops.cast(1.0 / self._distribution.replicas, value.dtype)

    def _own(self, batch: tuple[Any, ...]) -> tuple[Any, Any, Any, Any, Any]:
        """The slice of a batch that is this replica's, its place in the whole batch, and the size of that."""
        if self._distribution.replicas == 1:
            return batch[0], batch[1], batch[2] if len(batch) > 2 else None, None, None
        *values, process_place, total = batch
        replicas = self._distribution.replicas
        replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int64)
        begin, end = slice_start(total, replicas, replica), slice_start(total, replicas, replica + 1)
        with tf.device("CPU:0"):
            x, y, *weights = (value[begin - process_place : end - process_place] for value in values)
        return x, y, weights[0] if weights else None, begin, total

    def _whole(self, own: tf.Tensor, place: tf.Tensor | None, total: tf.Tensor | None) -> tf.Tensor:
        """The rows of all replicas, of which each differentiates its own."""
        if self._distribution.replicas == 1:
            return own
        assert place is not None
        after = total - place - tf.shape(own, out_type=tf.int64)[0]
        padded = tf.pad(own, [[place, after], *[[0, 0]] * (len(own.shape) - 1)])
        summed = tf.distribute.get_replica_context().all_reduce(_SUM, padded)
        # Bit by bit the summed rows; the gradient is that of the own ones, times the number of replicas, by which
        # the objective is divided.
        differentiated = (padded - tf.stop_gradient(padded)) * self._distribution.replicas
        return tf.stop_gradient(summed) + differentiated
