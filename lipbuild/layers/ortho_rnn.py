"""Recurrent layer with an orthogonal recurrent matrix."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.layers.exact_products import in_float64, rounded_once
from lipbuild.layers.group_sort2 import GroupSort2
from lipbuild.layers.lipschitz_layer import Condensable, LipschitzLayer, check_klip_factor
from lipbuild.layers.ortho_rnn_cell import OrthoRNNCell


def gain_over_time(steps: int, return_sequences: bool) -> float:
    """The constant of T steps `‖Δh_t‖ <= ‖Δh_{t-1}‖ + ‖Δx_t‖` from a fixed state, norms taken over all steps.

    `‖Δh_T‖ <= Σ_t ‖Δx_t‖ <= √T ‖Δx‖` for the last state. For all states, `‖Δh_t‖ <= Σ_{s<=t} ‖Δx_s‖` is the
    triangular matrix L of ones on the vector of norms, and `(L Lᵀ)⁻¹`, second differences, has the least eigenvalue
    `4 sin²(π / (4 T + 2))`.
    """
    return 1.0 / (2.0 * math.sin(math.pi / (4 * steps + 2))) if return_sequences else math.sqrt(steps)


class _Recurrence:
    """A cell for `keras.layers.RNN` whose inputs are projected, with its kernel read once for all steps."""

    def __init__(self, kernel: Any, cell: OrthoRNNCell) -> None:
        self.kernel = kernel
        self.sort = cell.sort
        self.state_size = cell.units
        self.compute_dtype = cell.compute_dtype

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        state = self.sort(inputs + ops.matmul(states[0], self.kernel))
        return state, [state]

    call = __call__


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoRNN(Condensable, LipschitzLayer, keras.layers.Layer):
    """`h_t = GroupSort2(U h_{t-1} + s W x_t + b)` from `h_0 = 0`, U and W orthogonal: k-Lipschitz in the sequence.

    In place of `keras.layers.SimpleRNN`, `LSTM` and `GRU`. There are no gates, which multiply inputs with each other.
    U and sorting keep norms, so gradients neither vanish nor explode over time, and what a step adds stays: two
    sequences of T steps lead to states with `‖Δh_t‖ <= ‖Δh_{t-1}‖ + s ‖Δx_t‖`, s being the constant of a step in its
    input. From that, with norms over all steps and features:

    - `return_sequences=False`: `‖Δh_T‖ <= s Σ_t ‖Δx_t‖ <= s √T ‖Δx‖`, so `s = k / √T`.
    - `return_sequences=True`: the vector of the `‖Δh_t‖` is at most s times the triangular matrix of ones on that of
      the `‖Δx_t‖`, a matrix of norm `1 / (2 sin(π / (4 T + 2)))`, about 2 T / π. So `s = 2 k sin(π / (4 T + 2))`.

    The constant k is exact: sequences whose steps agree reach it where sorting changes nothing (with
    `return_sequences=True`, sequences whose steps follow a sine). It holds for the T that the layer is built for, which
    has to be known.

    U and W stay on their manifolds as in `SpectralDense`. A step of training costs T products of size `units` and their
    gradients, one after the other, and about 6 n³ multiply-adds for keeping U there. The plain form is unrolled: a
    built-in network of T steps. (`OrthoRNNCell` works in `keras.layers.RNN` too.)

    Args:
        units: Size of the state, a positive even integer.
        return_sequences: Whether all states are returned, or the last one.
        go_backwards: Whether the sequence is read from its end (and states returned in that order).
        use_bias: Whether to add a bias, which is not constrained.
        kernel_initializer: Initializer of W, whose result is orthogonalised.
        recurrent_initializer: Initializer of U, whose result is orthogonalised.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of W.
        recurrent_regularizer: Regularizer of U.
        bias_regularizer: Regularizer of the bias.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, steps, features)`, with at least two steps.

    Output shape:
        `(batch, units)`, or `(batch, steps, units)` with `return_sequences`.

    Raises:
        ValueError: An argument is out of its range, or the number of steps is not known.

    Reference:
        Anil, Lucas & Grosse, Sorting out Lipschitz function approximation (ICML 2019), for orthogonal matrices with
        sorting; Arjovsky, Shah & Bengio, Unitary evolution recurrent neural networks (ICML 2016).
    """

    def __init__(
        self,
        units: int,
        return_sequences: bool = False,
        go_backwards: bool = False,
        use_bias: bool = True,
        kernel_initializer: Any = "orthogonal",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.k_coef_lip = k_coef_lip
        self.return_sequences = bool(return_sequences)
        self.go_backwards = bool(go_backwards)
        self.cell = OrthoRNNCell(
            units,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            name="cell",
            dtype=self.dtype_policy,
        )
        self.input_spec = keras.layers.InputSpec(ndim=3)

    @property
    def units(self) -> int:
        """The size of the state."""
        return self.cell.units

    @property
    def kernel(self) -> Any:
        """W, of norm at most 1."""
        return self.cell.kernel

    @property
    def recurrent_kernel(self) -> Any:
        """U, of norm at most 1."""
        return self.cell.recurrent_kernel

    def applied_kernels(self) -> dict[str, Any]:
        """That of a step's input, and that of its state."""
        kernel = ops.convert_to_tensor(self.kernel) * self.scale
        return {"kernel": kernel, "recurrent_kernel": self.recurrent_kernel}

    def build(self, input_shape: Any) -> None:
        """Create the cell's weights."""
        _, steps, features = input_shape
        self._check_steps(steps)
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={1: steps, 2: features})
        self.cell.build((None, features))
        self.steps = steps

    @staticmethod
    def _check_steps(steps: int | None) -> None:
        if steps is None or steps < 2:
            raise ValueError(
                "OrthoRNN needs a known number of steps, at least 2: its constant depends on it. "
                f"Received: {steps} steps"
            )

    @property
    def scale(self) -> float:
        """s: the constant of a step in its input."""
        return self.k_coef_lip / gain_over_time(self.steps, self.return_sequences)

    def call(self, inputs: Any) -> Any:
        """All steps."""
        projected = self.cell.project(inputs, self.scale)
        recurrence = _Recurrence(self.cell.applied(self.recurrent_kernel), self.cell)
        loop = keras.layers.RNN(
            recurrence,
            return_sequences=self.return_sequences,
            go_backwards=self.go_backwards,
            dtype=self.dtype_policy,
        )
        return loop(projected)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """`(batch, units)`, or with the steps between them."""
        batch, steps, _ = input_shape
        self._check_steps(steps)
        return (batch, steps, self.units) if self.return_sequences else (batch, self.units)

    def condense(self) -> None:
        """Bring both kernels fully onto their manifolds."""
        self.cell.condense()

    def plain_call(self, inputs: Any) -> Any:
        """All steps one after the other: a Dense of the sequence, another of each state, additions and sorting."""
        common = {"dtype": self.dtype_policy}
        project = keras.layers.Dense(
            self.units, use_bias=self.cell.use_bias, name=f"{self.name}_kernel", **common
        )
        step = keras.layers.Dense(self.units, use_bias=False, name=f"{self.name}_recurrent", **common)
        projected = project(inputs)
        order = range(self.steps)
        states: list[Any] = []
        for i in reversed(order) if self.go_backwards else order:
            part = keras.layers.Reshape((self.units,), name=f"{self.name}_step_{i}", **common)
            state = part(projected[:, i : i + 1, :])
            if states:
                state = keras.layers.Add(name=f"{self.name}_sum_{i}", **common)([state, step(states[-1])])
            states.append(GroupSort2(name=f"{self.name}_state_{i}", **common).plain_call(state))
        rounded_once(project.kernel, in_float64(self.kernel) * self.scale)
        if project.use_bias:
            project.bias.assign(self.cell.bias)
        step.kernel.assign(self.recurrent_kernel)
        if not self.return_sequences:
            return states[-1]
        rows = [
            keras.layers.Reshape((1, self.units), name=f"{self.name}_output_{i}", **common)(state)
            for i, state in enumerate(states)
        ]
        return keras.layers.Concatenate(axis=1, name=self.name, **common)(rows)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        cell = self.cell.get_config()
        own = ("name", "trainable", "dtype", "k_coef_lip")
        return {
            **super().get_config(),
            **{key: value for key, value in cell.items() if key not in own},
            "return_sequences": self.return_sequences,
            "go_backwards": self.go_backwards,
            "k_coef_lip": self.k_coef_lip,
        }
