"""Matrices that are orthogonal by a block reflection (BRO)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.deferred_retraction import DeferredRetraction, can_defer, is_eager, shows
from lipbuild.constraints.orthonormal_columns import OrthonormalColumns
from lipbuild.layers.exact_products import for_exact_products, is_in_full_precision
from lipbuild.layers.kernels.computed_kernel import ComputedKernel
from lipbuild.layers.kernels.kernel_layer import kernel_weight
from lipbuild.layers.lipschitz_layer import Condensable
from lipbuild.normalizers.orthonormal_columns import orthonormal_columns, orthonormal_rows
from lipbuild.normalizers.retraction import MANY
from lipbuild.normalizers.safety import DENSE_SAFETY

COLUMN_NORM = 8.0
"""The norm of V's columns, over which they are orthonormal: a power of two, so that dividing by it is exact.

An optimizer like Adam moves each entry by about its learning rate. With columns of norm 1 that turns the reflection so
far that a network learns less than with columns which may grow; `tests/benchmarks/attack_configs.py` shows it on
`configs/layers/orthogonal.yaml`.
"""


def reflected(inputs: Any, v: Any, outputs: int) -> Any:
    """The first entries of `x - 2 V Vᵀx`, with the gradient along the orthonormal matrices V.

    That is `G - V VᵀG` of the gradient G: what is left out turns columns into each other, which changes nothing, or
    leads off the manifold. It costs no product of V with itself, since `(I - VVᵀ) x` is half of x and its reflection.

    Args:
        inputs: The x as rows, shape (batch, ..., n), padded with zeros to V's size.
        v: V, shape (size, rank), n at most size.
        outputs: How many entries, at most size.

    Returns:
        Shape (batch, ..., outputs).
    """
    size, n = v.shape[0], inputs.shape[-1]

    @ops.custom_gradient
    def reflect(x: Any, v: Any) -> tuple[Any, Any]:
        along = ops.matmul(x, v[:n])
        y = _resized(x, outputs) - 2.0 * ops.matmul(along, ops.transpose(v[:outputs]))

        def grad(*args: Any, upstream: Any = None) -> Any:
            d = args[0] if upstream is None else upstream
            along_d = ops.matmul(d, v[:outputs])
            d_reflected = _resized(d, size) - 2.0 * ops.matmul(along_d, ops.transpose(v))
            reflected = y
            if outputs < size:
                rest = _resized(x, size)[:, outputs:] - 2.0 * ops.matmul(along, ops.transpose(v[outputs:]))
                reflected = ops.concatenate([y, rest], axis=1)
            across, across_d = _resized(x, size) + reflected, _resized(d, size) + d_reflected
            to_v = ops.matmul(ops.transpose(across), along_d) + ops.matmul(ops.transpose(across_d), along)
            return d_reflected[:, :n], -to_v

        return y, grad

    if len(inputs.shape) == 2:
        return reflect(inputs, v)
    y = reflect(ops.reshape(inputs, (-1, n)), v)
    return ops.reshape(y, (*ops.shape(inputs)[:-1], outputs))


def _resized(x: Any, size: int) -> Any:
    """Rows of this length, by cutting them or padding them with zeros."""
    missing = size - x.shape[-1]
    return ops.pad(x, [(0, 0), (0, missing)]) if missing > 0 else x[:, :size]


class BlockReflection(Condensable, ComputedKernel):
    """A block `(input_dim, units)` of the orthogonal matrix `I - 2 V (VᵀV)⁻¹ Vᵀ`, for a dense geometry.

    The kernel is a function of V's span, and of norm at most 1 whatever V is. Training keeps the columns of V near to
    orthonormal ones times `COLUMN_NORM`, without which a step would factorise VᵀV and its gradient: there the matrix is
    `I - 2 U Uᵀ` with U = V / `COLUMN_NORM`. Everywhere else V is brought to orthonormal columns first, which costs a
    Gram matrix where it has them.
    """

    def __init__(self, *, rank: int | None = None, **kwargs: Any) -> None:
        if rank is not None and (isinstance(rank, bool) or not isinstance(rank, int) or rank < 1):
            raise ValueError(f"rank must be None or a positive integer. Received: rank={rank!r}")
        super().__init__(**kwargs)
        self.rank = rank
        self._deferred: DeferredRetraction | None = None

    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        self.input_dim, outputs = shape
        size = max(shape)
        if self.rank is not None and self.rank > min(shape):
            raise ValueError(
                "rank must be at most the lesser of inputs and units, since more changes nothing. "
                f"Received: rank={self.rank}, {self.input_dim} inputs, units={outputs}"
            )
        columns = self.rank or max(1, min(size // 2, *shape))
        manifold = OrthonormalColumns(COLUMN_NORM)
        if shows(size, columns) and can_defer():
            # Nothing is stated of a training step's own map, so that what one cubic step brings back is near enough.
            self._deferred = DeferredRetraction(manifold, 0.15 if columns > MANY else 0.08)
        initializer = self.kernel_initializer
        self.vectors = kernel_weight(
            self,
            "vectors",
            (size, columns),
            initializer if self.rank or columns == size // 2 else _Balanced(initializer),
            regularizer=self.kernel_regularizer,
            manifold=manifold,
            constraint=self._deferred,
        )

    def _columns(self) -> Any:
        """Orthonormal columns that span what V's do, in float64 where the plain kernel is computed."""
        v = for_exact_products(self.vectors)
        if is_in_full_precision():
            return ops.transpose(orthonormal_rows(v))
        return _straight_through(v / COLUMN_NORM)

    def effective_kernel(self) -> Any:
        """The block of the reflection, explicitly."""
        v = self._columns()
        identity = ops.eye(self.input_dim, self.units, dtype=v.dtype)
        product = ops.matmul(v[: self.input_dim], ops.transpose(v[: self.units]))
        return DENSE_SAFETY * (identity - 2.0 * product)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Apply the reflection, the bias and the activation."""
        if training:
            v = ops.convert_to_tensor(self.vectors) / COLUMN_NORM
        else:
            # A graph that is exported says nothing of training, and assigns nothing.
            if self._deferred is not None and (training is not None or is_eager()):
                self._deferred.settle(self.vectors)
            v = self._columns()
        outputs = reflected(inputs, ops.cast(v, self.compute_dtype), self.units)
        return self._biased_and_activated(self.k_coef_lip * DENSE_SAFETY * outputs)

    def condense(self) -> None:
        """Bring the columns fully to orthonormal ones."""
        self.vectors.assign(OrthonormalColumns(COLUMN_NORM).condense(ops.convert_to_tensor(self.vectors)))
        if self._deferred is not None:
            self._deferred.forget()

    def load_own_variables(self, store: Any) -> None:
        """Load the weights; V of an earlier release, of any columns and as many as half the size, as the same map."""
        stored = {name: store[name] for name in store.keys()}  # noqa: SIM118
        size, columns = self.vectors.shape
        v = ops.convert_to_tensor(stored["0"]) if "0" in stored else None
        if (
            v is not None
            and tuple(v.shape) == (size, size // 2)
            and size // 2 > columns
            and self.rank is None
        ):
            stored["0"] = self._of_fewer_columns(v)
        super().load_own_variables(stored)
        self.condense()

    def _of_fewer_columns(self, v: Any) -> Any:
        # W = E - 2 QᵀQ_m for the rows Q and the first m of their entries, or likewise transposed. With Q_m = U R, where
        # U has orthonormal columns, it is the same of UᵀQ.
        rows = orthonormal_rows(v)
        basis, _ = ops.qr(rows[:, : min(self.input_dim, self.units)])
        return ops.matmul(ops.transpose(rows), basis)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), "rank": self.rank}


@ops.custom_gradient
def _straight_through(v: Any) -> tuple[Any, Any]:
    """`orthonormal_columns`, whose gradient is taken for V's own: along the manifold they are the same."""

    def grad(*args: Any, upstream: Any = None) -> Any:
        return args[0] if upstream is None else upstream

    return orthonormal_columns(v), grad


class _Balanced(keras.initializers.Initializer):
    """Columns `[I; A]` for as many as the block has a shorter side, of which A is another initializer's.

    A is scaled to have columns of norm 1 in the mean. So the square part of the block, `(AᵀA - I) (AᵀA + I)⁻¹`, starts
    about 0, as it does with half as many columns as the whole has. With all entries alike it would start near to I: the
    map would be that of the first inputs.
    """

    def __init__(self, initializer: Any) -> None:
        self.initializer = initializer

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """The columns, shape (size, columns)."""
        size, columns = shape
        a = ops.cast(self.initializer((size - columns, columns), dtype=dtype), dtype)
        norm = ops.sqrt(ops.mean(ops.sum(ops.square(a), axis=0)))
        a = a / ops.where(norm > 0.0, norm, ops.ones_like(norm))
        return ops.concatenate([ops.eye(columns, dtype=dtype), a], axis=0)
