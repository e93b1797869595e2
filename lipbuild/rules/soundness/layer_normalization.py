"""A normalisation by the input's own scale is used.

## What it does
Reports `LayerNormalization`, `GroupNormalization`, `RMSNormalization`, `UnitNormalization` and
`SpectralNormalization` as a wrapper.

## Why is this bad?
Layer normalisation γ·(x − μ)/√(var + ε) divides by the deviation of its input: its constant is up to max|γ|/√ε, 31.6
at Keras's default ε = 1e-3 (and 1,000 for RMS normalisation with ε = 1e-6), which is finite and useless. Unit
normalisation x/‖x‖ has 1/‖x‖, which has no bound. Keras's spectral normalisation divides by the estimate of a power
iteration, which is a lower bound of the norm and proves nothing.

## Example
```yaml
- SpectralDense: {units: 64}
- LayerNormalization
- GroupSort2
```

## Use instead
Nothing in its place: layers whose kernels are orthogonal keep the norm of what passes through them. `LayerCentering`
subtracts the mean alone, with the constant 1.
```yaml
- SpectralDense: {units: 64}
- GroupSort2
```

## References
- Ba, Kiros, Hinton: Layer normalization, 2016
- Miyato et al.: Spectral normalization for generative adversarial networks, 2018
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP204",
    "layer-normalization",
    Severity.ERROR,
    __doc__,
    layers=refused_by("layer-normalization"),
)
