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
- SpectralConv2D: {filters: 16, kernel_size: 3}
```

## References
- Sedghi, Gupta, Long: The singular values of convolutional layers, 2019
- Li et al.: Preventing gradient attenuation in Lipschitz constrained convolutional networks, 2019
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refuse, refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP202",
    "plain-convolutions",
    Severity.ERROR,
    __doc__,
    refuse("plain-convolutions"),
    refused_by("plain-convolutions"),
)
