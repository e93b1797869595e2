"""Orthogonal 2D convolution."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.stacked_spectral_ball import StackedSpectralBall
from lipbuild.layers.effective_conv2d import EffectiveConv2D
from lipbuild.layers.exact_products import orthonormal_factors
from lipbuild.layers.lipschitz_layer import Condensable
from lipbuild.layers.orthogonal_kernel import compose, projector_kernel
from lipbuild.normalizers.safety import convolution_safety
from lipbuild.normalizers.tangent import with_projected_gradient


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoConv2D(Condensable, EffectiveConv2D):
    """`y = activation(k K * x + b)` with a 2D convolution that is orthogonal as an operator (AOC).

    In place of `keras.layers.Conv2D`; `SpectralConv2D` makes the reshaped kernel orthogonal, and not the operator. K is
    composed of two-tap factors `[P, I - P]` with projectors P, along both axes, and of one patch matrix of size
    (sh, sw) at strides (sh, sw), or 1 x 1, that is orthogonal and changes the number of channels. On an image with
    circular padding all its singular values are 1: the constant k is exact. With zero padding the norm is at most k and
    gradients are kept away from the border, which `SpectralConv2D` does not do: deep networks train.

    With groups each group of channels has an orthogonal kernel of its own, and so is the whole.

    Bases of the projectors and the patch matrix live on their manifolds as in `SpectralDense`; whatever an update does,
    the norm is at most k. Putting the kernel together costs `(kh + kw) · kh · kw · c³ / groups²` multiply-adds a
    step, little beside the convolution. At inference and in exports it is an ordinary kernel.

    Args:
        filters: number of output channels, a positive integer.
        kernel_size: one or two positive integers, at least as large as the strides.
        strides: one or two positive integers.
        padding: "same" or "valid", with zeros.
        dilation_rate: one or two positive integers; other than 1 only with strides of 1.
        activation: an activation with a Lipschitz constant of at most 1, or None.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the bases and of the patch matrix, whose results are orthogonalised.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of the bases and of the patch matrix.
        bias_regularizer: regularizer of the bias.
        k_coef_lip: the Lipschitz constant k.
        groups: number of groups of channels; divides the input's channels and the filters.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As `keras.layers.Conv2D`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Boissin et al., An adaptive orthogonal convolution scheme for efficient and flexible CNN architectures (ICML
        2025), arXiv 2501.07930; Li et al., Preventing gradient attenuation in Lipschitz constrained convolutional
        networks (NeurIPS 2019).
    """

    def __init__(self, filters: int, kernel_size: Any, *, groups: int = 1, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **kwargs)
        if isinstance(groups, bool) or not isinstance(groups, int) or groups < 1 or filters % groups:
            raise ValueError(
                "groups must be a positive integer that divides filters. "
                f"Received: groups={groups!r}, filters={filters}"
            )
        self.groups = groups
        if any(k < s for k, s in zip(self.kernel_size, self.strides, strict=True)):
            raise ValueError(
                "kernel_size must be at least strides, or pixels would be skipped. "
                f"Received: kernel_size={self.kernel_size}, strides={self.strides}"
            )

    def _channels(self, channels: int) -> tuple[int, int]:
        """Channels in and out of the convolution whose kernel is put together."""
        return channels, self.filters

    def _add_kernel_weights(self, channels: int) -> None:
        if channels % self.groups:
            raise ValueError(
                "groups must divide the input's channels. "
                f"Received: {channels} channels, groups={self.groups}"
            )
        inputs, outputs = (number // self.groups for number in self._channels(channels))
        (kh, kw), (sh, sw) = self.kernel_size, self.strides
        self._patch = (sh, sw, inputs, outputs)
        # Few inputs: the factors act after the channels have been expanded, where they have more to mix.
        self._expand_first = sh * sw == 1 and outputs > inputs
        mixed = outputs if self._expand_first else inputs
        self._factor_size = (kh - sh + 1, kw - sw + 1)
        count = sum(self._factor_size) - 2
        manifold = StackedSpectralBall()
        self.bases = (
            self._add_kernel_weight(
                "bases", (self.groups * count, mixed, max(1, mixed // 2)), _Stacked(self), manifold
            )
            if count
            else None
        )
        self.patch = self._add_kernel_weight(
            "patch", (self.groups, sh * sw * inputs, outputs), _Stacked(self), manifold
        )

    def _orthogonal(self, weight: Any) -> Any:
        value = ops.copy(weight)
        return with_projected_gradient(value, StackedSpectralBall().tangent)

    def _composed(self) -> Any:
        patches = orthonormal_factors(self._orthogonal(self.patch))
        bases = None if self.bases is None else orthonormal_factors(self._orthogonal(self.bases))
        kernels = [self._composed_group(group, patches, bases) for group in range(self.groups)]
        safety = convolution_safety(self.kernel_size, self.strides, min(patches.shape[-2:]))
        return safety * (kernels[0] if self.groups == 1 else ops.concatenate(kernels, axis=-1))

    def _composed_group(self, group: int, patches: Any, bases: Any) -> Any:
        patch = ops.reshape(patches[group], self._patch)
        if bases is None:
            return patch
        count = bases.shape[0] // self.groups
        factors = projector_kernel(bases[group * count : (group + 1) * count], *self._factor_size)
        return compose(patch, factors) if self._expand_first else compose(factors, patch)

    def effective_kernel(self) -> Any:
        """The kernel, put together."""
        return self._composed()

    def _plain_arguments(self) -> dict[str, Any]:
        return {**super()._plain_arguments(), "groups": self.groups}

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), "groups": self.groups}

    def condense(self) -> None:
        """Bring the bases and the patch matrix fully onto their manifolds."""
        for weight in (self.bases, self.patch):
            if weight is not None:
                weight.assign(StackedSpectralBall().condense(ops.copy(weight)))


class _Stacked(keras.initializers.Initializer):
    """A stack of matrices, each from a layer's kernel initializer with a seed of its own."""

    def __init__(self, layer: OrthoConv2D) -> None:
        self.initializer = layer.kernel_initializer

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        count, *matrix = shape
        initializer = self.initializer
        unseeded = getattr(initializer, "_init_seed", 0) is None
        return ops.stack(
            [
                (initializer.clone() if unseeded else initializer)(tuple(matrix), dtype=dtype)
                for _ in range(count)
            ]
        )
