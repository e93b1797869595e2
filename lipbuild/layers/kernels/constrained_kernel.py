"""Kernels that are a variable, kept on a manifold."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import keras
from keras import ops

from lipbuild.constraints.deferred_retraction import DeferredRetraction, can_defer, is_eager
from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.constraints.operator_ball import OperatorBall
from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.layers.exact_products import in_float64
from lipbuild.layers.kernels.kernel_layer import KernelLayer, kernel_weight
from lipbuild.layers.lipschitz_layer import Condensable, LipschitzLayer
from lipbuild.normalizers.tangent import with_projected_gradient


class ConstrainedKernel(Condensable, KernelLayer):
    """A kernel whose variable itself satisfies a constraint: as a matrix it has norm at most 1.

    It does so from `build` on and after each update: the optimizer calls the variable's `constraint`, outside the
    gradient. The map uses it as it is, times `k_coef_lip` and the geometry's `patch_factor`. Where retracting costs a
    visible part of a training step, the kernel is retracted after every few updates and whenever it is read, saved or
    applied outside training, see `DeferredRetraction`.
    """

    takes: ClassVar[tuple[str, ...]] = ("data_format", "groups", "lora_rank")

    def __init__(
        self,
        *,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        activity_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        if kernel_constraint is not None:
            raise ValueError(
                f"{type(self).__name__} constrains its kernel itself; a second constraint could undo the first. "
                f"Leave kernel_constraint out. Received: kernel_constraint={kernel_constraint!r}"
            )
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        self._kernel: Any = None
        self._deferred: DeferredRetraction | None = None

    @abstractmethod
    def _manifold(self) -> KernelManifold:
        """Where the kernel has to lie."""

    def _retraction_shows(self, kernel_shape: tuple[int, ...]) -> bool:
        """Whether retracting a kernel of this shape after every update would show in a step's time."""
        return False

    @property
    def kernel(self) -> Any:
        """The kernel's variable, within its constraint."""
        self._settle()
        return self._kernel

    @property
    def variables(self) -> list[Any]:
        """All variables, the kernel within its constraint."""
        self._settle()
        return list(super().variables)

    @property
    def weights(self) -> list[Any]:
        """All weights, the kernel within its constraint."""
        self._settle()
        return list(super().weights)

    def save_own_variables(self, store: Any) -> None:
        """Save the weights, the kernel within its constraint."""
        self._settle()
        super().save_own_variables(store)

    def _trackable_children(self, *args: Any, **kwargs: Any) -> Any:
        # Where TensorFlow's own checkpoints and SavedModels find what to write.
        self._settle()
        return super()._trackable_children(*args, **kwargs)

    def _settle(self) -> None:
        # While a graph is made there is no value to look at: `call` and the constraint do it there.
        if self._deferred is not None and is_eager():
            self._deferred.settle(self._kernel)

    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        manifold = self._manifold()
        if (
            isinstance(manifold, (SpectralBall, OperatorBall))
            and self._retraction_shows(shape)
            and can_defer()
        ):
            self._deferred = DeferredRetraction(manifold)
        self._kernel = kernel_weight(
            self,
            "kernel",
            shape,
            self._first_kernel(),
            regularizer=self.kernel_regularizer,
            manifold=manifold,
            constraint=self._deferred,
        )

    def _first_kernel(self) -> Any:
        """The initializer of what is then condensed."""
        return self.kernel_initializer

    @property
    def factor(self) -> float:
        """What the kernel is multiplied by for the operator's norm to be at most the kernel's."""
        return self.patch_factor

    @property
    def scale(self) -> float:
        """k_coef_lip · factor: the norm of what is applied, per norm of the kernel."""
        return self.k_coef_lip * self.factor

    def applied_kernel(self) -> Any:
        """The kernel, scaled."""
        return ops.convert_to_tensor(self.kernel) * self.scale

    def _exact_kernel(self) -> Any:
        return in_float64(self.kernel) * self.scale

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Apply the map, the bias and the activation."""
        return self._biased_and_activated(self._map(inputs, self._kernel_to_apply(training)))

    def _kernel_to_apply(self, training: Any) -> Any:
        if self._deferred is not None and not training:
            if training is None and not is_eager():
                # A graph that is exported says nothing of training, and assigns nothing.
                return self._deferred.settled(self._kernel)
            self._deferred.settle(self._kernel)
        return self._kernel

    def _map(self, inputs: Any, kernel: Any) -> Any:
        """The linear map by the kernel, scaled, with the kernel's gradient along its manifold."""
        # convert_to_tensor would leave the variable a variable, which a custom gradient does not take.
        kernel = ops.cast(kernel, self.compute_dtype)
        manifold = self._manifold()
        if manifold.projects(kernel):
            kernel = with_projected_gradient(kernel, manifold.tangent)
        scale = self.scale
        return self._linear(inputs, kernel if scale == 1.0 else kernel * scale)

    def orthogonalise(self, kernel: Any) -> None:
        """Take the kernel on the manifold that is nearest to another one.

        Args:
            kernel: Of the kernel's shape, with singular values about 1.
        """
        self._kernel.assign(ops.cast(kernel, self._kernel.dtype))
        self.condense()

    def condense(self) -> None:
        """Bring the kernel fully onto its manifold."""
        self._kernel.assign(self._manifold().condense(ops.convert_to_tensor(self._kernel)))
        if self._deferred is not None:
            self._deferred.forget()

    def vanilla_export(self) -> Any:
        """A built-in layer with this layer's name and a copy of its weights."""
        if isinstance(self.activation, LipschitzLayer):
            return super().vanilla_export()
        layer = self._plain_layer()
        layer.build(self._build_input_shape())
        self._set_plain_weights(layer)
        return layer

    def _build_input_shape(self) -> Any:
        config = self.get_build_config()
        if not self.built or not config:
            raise ValueError(f"Layer {self.name!r} has to be built before it can be exported.")
        return config["input_shape"]

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "activity_regularizer": keras.regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": None,
            "bias_constraint": keras.constraints.serialize(self.bias_constraint),
        }
