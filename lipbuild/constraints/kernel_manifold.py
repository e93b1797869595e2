"""What a constrained kernel has to satisfy, and the two ways back to it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops


class KernelManifold(keras.constraints.Constraint):
    """A set of kernels that a layer keeps its own in.

    `retract` is cheap and follows each update of the optimizer (Keras calls a variable's constraint there);
    `condense` is thorough. Both return a kernel that satisfies the constraint, whatever kernel they were
    given.
    """

    # Whether a cheap step, `retract_and_measure`, leaves a kernel inside the constraint.
    retracts_within: ClassVar[bool] = True

    @abstractmethod
    def retract(self, kernel: Any) -> Any:
        """The kernel after one update, back inside the constraint."""

    @abstractmethod
    def condense(self, kernel: Any) -> Any:
        """The kernel, fully on the manifold."""

    def settle(self, kernel: Any) -> Any:
        """What is owed to a kernel whose retraction was put off, before anybody looks at it."""
        return self.retract(kernel)

    def is_cheap(self, kernel_shape: Sequence[int]) -> bool:
        """Whether a step costs less than finding out whether it is due."""
        return False

    def size(self, kernel_shape: Sequence[int]) -> float:
        """The squared Frobenius norm of an orthogonal kernel as one matrix: its rank."""
        return min(math.prod(kernel_shape[:-1]), kernel_shape[-1])

    def tangent(self, kernel: Any, gradient: Any) -> Any:
        """The part of the gradient that moves the kernel along the manifold; all of it where left out."""
        return gradient

    def projects(self, kernel: Any) -> bool:
        """Whether `tangent` is worth its cost for a kernel of this shape."""
        return False

    def follow(self, kernel: Any, step: Any) -> Any:
        """The kernel, moved by a step as far as it leads along the manifold; by all of it where left out."""
        return kernel + step

    def __call__(self, kernel: Any) -> Any:
        """Keras's name for `retract`."""
        return self.retract(ops.convert_to_tensor(kernel))


class ManifoldInitializer(keras.initializers.Initializer):
    """An initializer whose kernels lie on the manifold: an untrained layer satisfies its constraint.

    Args:
        initializer: Makes the kernel that is condensed.
        manifold: Where it has to lie.
    """

    def __init__(self, initializer: Any, manifold: KernelManifold) -> None:
        self.initializer = initializer
        self.manifold = manifold

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """A kernel of the wrapped initializer, condensed."""
        kernel = ops.convert_to_tensor(self.initializer(shape, dtype=dtype), dtype=dtype)
        return self.manifold.condense(kernel)
