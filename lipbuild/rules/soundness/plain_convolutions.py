"""A plain convolution is used.

## What it does
Reports the convolutions of Keras: one-, two- and three-dimensional, depthwise, separable and transposed; and
deel-lip's `PadConv2D`, which is one of them with other paddings.

## Why is this bad?
The Lipschitz constant of a convolution is the norm of its operator, the greatest singular value of its symbol Σ_k
K_k·e^(i⟨k, ω⟩) over all frequencies ω, and training can make it arbitrarily large. Even if the kernel, reshaped to a
matrix, has the norm 1, its operator can have a norm of up to √(kh·kw).

## Example
```yaml
- Conv2D: {filters: 16, kernel_size: 3}
```

## Use instead
```yaml
- OrthoConv2D: {filters: 16, kernel_size: 3}
```

It is orthogonal as an operator, and certifies most; the fix makes it of a `Conv2D`. `SpectralConv2D` is as valid:
with `norm: operator` it comes near, and takes kernels that are smaller than their strides too, for which the fix
names it. As it is without that argument, with an orthogonal reshaped kernel, it costs least and certifies least. Mean
certified radius on the digits, of the network of `configs/digits_cnn.yaml` with each convolution and pooling, five
seeds by `tests/benchmarks/convolutions.py`; accuracy is 98.3 to 98.7 % at τ = 10 and 93.4 to 97.6 % at τ = 3:

| convolution | average, τ = 10 | average, τ = 3 | invertible, τ = 10 | invertible, τ = 3 |
|---|---|---|---|---|
| `SpectralConv2D` | .285 | .324 | .404 | .487 |
| `SpectralConv2D` with `norm: operator` | .322 | .401 | .418 | .566 |
| `OrthoConv2D` | .326 | .404 | .441 | .585 |

A training step with `OrthoConv2D` takes 1.08 times that with `SpectralConv2D` for images of 32 × 32 pixels at a batch
of 256, and 2.4 times for the digits at their batch of 64. What is exported costs the same.

An imported model that keeps its weights gets a `SpectralConv2D` with `norm: operator`, whose kernel has the shape of
the one that it had.

## References
- Sedghi, Gupta, Long: The singular values of convolutional layers, 2019
- Li et al.: Preventing gradient attenuation in Lipschitz constrained convolutional networks, 2019
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP202",
    "plain-convolutions",
    Severity.ERROR,
    __doc__,
    layers=refused_by("plain-convolutions"),
)
