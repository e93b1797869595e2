"""Retracting a costly kernel after every few updates, and always before anybody looks at it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.operator_ball import OperatorBall
from lipbuild.constraints.orthonormal_columns import OrthonormalColumns
from lipbuild.constraints.spectral_ball import SpectralBall

LONGEST = 8
"""Most updates between two retractions."""

_OWED = 0.5
"""What is pending of a kernel that was retracted, and whose norm has still to be bounded: less than an update."""

_COSTLY = 2**21
"""Multiply-adds of a Gram matrix from which a retraction shows in the time of a training step."""


class DeferredRetraction(keras.constraints.Constraint):
    """The constraint of a costly kernel: retracts it after every few updates, as its drift allows.

    Each retraction measures how far the updates since the last one have led off the manifold, and says after
    how many more the next is due: after one where learning is fast, after at most `LONGEST` where it is slow.
    In between the kernel may exceed its norm, in training alone: whoever reads, saves or applies it otherwise
    has to `settle` it first. So nothing that is stated rests on the drift. A manifold that has a cheap step and a
    costly bound pays the bound then alone.

    Args:
        manifold: What retracts.
        furthest: How far from the manifold a kernel may drift, in the root mean square of the eigenvalues of WᵀW - I.
            The cubic step squares it.
    """

    def __init__(
        self, manifold: SpectralBall | OperatorBall | OrthonormalColumns, furthest: float = 0.05
    ) -> None:
        self.manifold = manifold
        self.furthest = furthest
        # Floats, since GPUs keep integer variables on the host.
        self._pending = _scalar(0.0, "pending_updates")
        self._interval = _scalar(1.0, "retraction_interval")

    def __call__(self, kernel: Any) -> Any:
        """The kernel after an update: retracted if that is due, as it is if not."""
        kernel = ops.convert_to_tensor(kernel)
        if self.manifold.is_cheap(kernel.shape):
            self._pending.assign(_OWED)
            return self.manifold.retract_and_measure(kernel)[0]
        pending = self._pending.value + 1.0
        interval = self._interval.value

        def retract() -> tuple[Any, Any, Any]:
            retracted, drift = self.manifold.retract_and_measure(kernel)
            # NaN compares false.
            longest = ops.floor(self.furthest * pending / ops.maximum(drift, 1e-6))
            wait = ops.where(longest >= 1.0, ops.minimum(longest, float(LONGEST)), 1.0)
            owed = 0.0 if self.manifold.retracts_within else _OWED
            return retracted, ops.full_like(pending, owed), wait

        # An update much larger than those before it must not be followed by others like it.
        size = ops.sum(ops.square(kernel))
        large = ops.logical_not(size <= self._largest_size(kernel))
        due = ops.logical_or(pending >= interval, large)
        kernel, pending, interval = ops.cond(due, retract, lambda: (kernel, pending, interval))
        self._pending.assign(pending)
        self._interval.assign(interval)
        return kernel

    def _largest_size(self, kernel: Any) -> float:
        return (1.0 + self.furthest) * self.manifold.size(kernel.shape)

    def settle(self, variable: Any) -> None:
        """Pay what is owed to the kernel's variable, if anything is: now, or when the graph runs."""
        owed = self._pending.value > 0.0
        if is_eager():
            if bool(owed):
                self._pay(variable)
        else:
            ops.cond(owed, lambda: self._pay(variable), lambda: None)

    def settled(self, variable: Any) -> Any:
        """The kernel with the retraction that is owed, if one is; the variable stays as it is."""
        kernel = ops.convert_to_tensor(variable)
        return ops.cond(self._pending.value > 0.0, lambda: self.manifold.settle(kernel), lambda: kernel)

    def _pay(self, variable: Any) -> None:
        variable.assign(self.manifold.settle(ops.convert_to_tensor(variable)))
        self.forget()

    def forget(self) -> None:
        """Owe nothing, since the variable has been given a value on the manifold."""
        self._pending.assign(0.0)

    def get_config(self) -> dict[str, Any]:
        """None: a layer makes its own."""
        return {}


def shows(rows: int, columns: int) -> bool:
    """Whether retracting a kernel of this shape after every update would show in a training step's time."""
    return max(rows, columns) * min(rows, columns) ** 2 >= _COSTLY


def can_defer() -> bool:
    """Whether updates can be counted here.

    Not under a distribution strategy, whose replicas would each have to keep the same count, and not on other
    backends than TensorFlow, where a constraint has no state.
    """
    if keras.config.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.distribute.has_strategy()


def is_eager() -> bool:
    """Whether values can be read and written now: no graph is being made."""
    if keras.config.backend() != "tensorflow":
        return True
    import tensorflow as tf

    return bool(tf.executing_eagerly())


def _scalar(value: float, name: str) -> keras.Variable:
    return keras.Variable(value, dtype="float32", trainable=False, autocast=False, name=name)
