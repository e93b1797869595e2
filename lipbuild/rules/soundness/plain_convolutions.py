"""A plain convolution is used.

## What it does
Reports the convolutions of Keras: one-, two- and three-dimensional, depthwise, separable and transposed; and
deel-lip's `PadConv2D`, which is one of them with other paddings.

## Why is this bad?
The Lipschitz constant of a convolution is the norm of its operator, the greatest singular value of its symbol
Σ_k K_k·e^(i⟨k, ω⟩) over all frequencies ω, and training makes it as large as it likes; even a kernel that reshaped to a
matrix has the norm 1 has an operator of norm up to √(kh·kw).

## Example
```yaml
- Conv2D: {filters: 16, kernel_size: 3}
```

## Use instead
```yaml
- OrthoConv2D: {filters: 16, kernel_size: 3}
```

It is orthogonal as an operator, and certifies most. `SpectralConv2D`, to which the fix renames the layer, has an
orthogonal reshaped kernel and costs least; with `norm: operator` it comes near to the other. The digits of
`configs/digits_cnn.yaml`, average pooling and τ = 3, five seeds by `tests/benchmarks/convolutions.py`:

| layer | accuracy | mean certified radius |
|---|---|---|
| `SpectralConv2D` | 93.4 % | .324 |
| `SpectralConv2D` with `norm: operator` | 95.2 % | .398 |
| `OrthoConv2D` | 95.1 % | .404 |

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
