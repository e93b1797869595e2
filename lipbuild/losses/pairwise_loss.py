"""What the losses share that look as far as a radius: how much a difference of two logits can move within it."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import keras
from keras import ops

from lipbuild.losses.loss_parameters import config_value, positive_variable
from lipbuild.margin import OF_PAIRS


def applied_kernel(head: keras.layers.Layer) -> Any:
    """The kernel `(inputs, classes)` that a dense layer multiplies by, its factors included.

    Raises:
        ValueError: It has none, or applies an activation to the result.
    """
    if getattr(head, "activation", None) not in (None, keras.activations.linear):
        raise ValueError(
            f"The head's outputs have to be its linear map's. Received: {head.name!r}, with an activation"
        )
    effective = getattr(head, "applied_kernel", None)
    kernel = effective() if effective is not None else ops.convert_to_tensor(getattr(head, "kernel", 0.0))
    if len(kernel.shape) != 2:
        raise ValueError(
            f"The head has to be a built dense layer. Received: {head.name!r}, a {type(head).__name__}"
        )
    return kernel if effective is not None else kernel * getattr(head, "scale", 1.0)


def pairwise_distances(kernel: Any) -> Any:
    """`‖w_i - w_j‖` of the columns of a kernel, shape (classes, classes)."""
    gram = ops.matmul(ops.transpose(kernel), kernel)
    squares = ops.sum(ops.square(kernel), axis=0)
    squared = squares[:, None] + squares[None, :] - 2.0 * gram
    # The root has no gradient at 0: on the diagonal, and for equal columns.
    apart = squared > 1e-12
    return ops.where(apart, ops.sqrt(ops.where(apart, squared, 1.0)), 0.0)


class PairwiseLoss(keras.losses.Loss):
    """A loss on logits that knows `M_ij`, an upper bound of the Lipschitz constant of `f_i - f_j`.

    `M_ij = √2 L` for any L-Lipschitz network, and `M_ij = L ‖w_i - w_j‖` for one that ends in a dense layer with
    columns w_i after an L-Lipschitz part.
    """

    def __init__(
        self,
        target_radius: float,
        temperature: float | None,
        lip_const: float,
        head: Any,
        reduction: str,
        name: str | None,
        learn_scale: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.target_radius = positive_variable(target_radius, "target_radius")
        constant = positive_variable(lip_const, "lip_const")
        # A checkpoint holds the variables of a loss in the order in which they stand here.
        self.temperature = positive_variable(
            OF_PAIRS.temperature_of(temperature, float(target_radius), float(lip_const)), "temperature"
        )
        self.lip_const = constant
        self.learn_scale = learn_scale
        self.log_scale: Any = None
        if learn_scale:
            self.log_scale = keras.Variable(0.0, dtype="float32", trainable=True, name="log_scale")
        # Not the layer itself: what Keras finds in a loss it would save with it.
        self._kernel: Any = None
        self._head_name: str | None = None
        if isinstance(head, str):
            self._head_name = head
        elif head is not None:
            self._read(head)

    def _read(self, head: keras.layers.Layer) -> None:
        self._head_name = head.name
        self._kernel = partial(applied_kernel, head)

    def attach(self, model: keras.Model) -> None:
        """Find the head again by its name, in the model that was loaded with this loss.

        Args:
            model: The model.
        """
        if self._head_name is not None:
            self._read(model.get_layer(self._head_name))

    def _reach(self, classes: Any) -> Any:
        """`ε M_ji` for a class j of each sample, given one-hot: shape (batch, classes), 0 at j but for rounding."""
        if self._head_name is not None and self._kernel is None:
            raise ValueError(
                f"This loss was loaded without its head {self._head_name!r}: call loss.attach(model) first."
            )
        if self._kernel is None:
            distances = math.sqrt(2.0) * (1.0 - classes)
        else:
            distances = ops.matmul(classes, ops.cast(pairwise_distances(self._kernel()), classes.dtype))
        return self.target_radius * self.lip_const * distances

    def _scaled(self, logits: Any) -> Any:
        """The logits in the scale that is learnt, where one is."""
        return logits if self.log_scale is None else logits * ops.cast(ops.exp(self.log_scale), logits.dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments; a head by its name."""
        return {
            **super().get_config(),
            "target_radius": config_value(self.target_radius),
            "temperature": config_value(self.temperature),
            "lip_const": config_value(self.lip_const),
            "head": self._head_name,
            **({"learn_scale": True} if self.learn_scale else {}),
        }
