"""What the Spectral convolutions share."""

from __future__ import annotations

from lipbuild.layers.conv_kernel_layer import ConvKernelLayer
from lipbuild.layers.spectral_kernel_layer import SpectralKernelLayer


class SpectralConv(ConvKernelLayer, SpectralKernelLayer):
    """A convolution whose reshaped kernel `(∏ kernel_size · cin, filters)` is orthogonal."""
