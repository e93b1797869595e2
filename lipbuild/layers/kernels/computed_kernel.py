"""Kernels that are a differentiable function of weights."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from keras import ops

from lipbuild.layers.exact_products import in_full_precision
from lipbuild.layers.kernels.kernel_layer import KernelLayer


class ComputedKernel(KernelLayer):
    """A kernel that is computed from its weights: the operator has norm at most 1, whatever they are."""

    @abstractmethod
    def effective_kernel(self) -> Any:
        """The kernel of norm at most 1, in float32 or float64, from the present weights."""

    @property
    def kernel(self) -> Any:
        """The kernel that is applied, over k_coef_lip."""
        return self.effective_kernel()

    def applied_kernel(self) -> Any:
        """The effective kernel, times k_coef_lip."""
        kernel = self.effective_kernel()
        return kernel if self.k_coef_lip == 1.0 else kernel * self.k_coef_lip

    def _exact_kernel(self) -> Any:
        with in_full_precision():
            return self.applied_kernel()

    def call(self, inputs: Any) -> Any:
        """Apply the map, the bias and the activation."""
        return self._biased_and_activated(self._map(inputs))

    def _map(self, inputs: Any) -> Any:
        return self._linear(inputs, ops.cast(self.applied_kernel(), self.compute_dtype))
